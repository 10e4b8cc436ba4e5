"""What was treated and how comes in; the usual surveillance calendar, as rows of the PPAC, goes out.

Domain §5: starting schedules, indicative; the regional thesaurus prevails and whoever prepares the
PPAC corrects them. The table finds the site by topography, by the organ of the case when none is known.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.calendar import Calendar
from workflows.cases.models import Episode
from workflows.cases.steps import CompletedForm, effect
from workflows.deadlines.queries import CASE
from workflows.deadlines.steps import date_of_diagram
from workflows.french import say_date
from workflows.pathways.reading import day, first_day, known, number, rows, today

CALENDAR = Calendar()
MOST_SAID = 4  # visits to come, in one sentence
MONTHS_WITHOUT_CALENDAR = 3  # the shortest usual rhythm (domain §5): better early than forgotten
SURGERY = frozenset({"387713003"})
RADIOTHERAPY = frozenset({"C15313", "C15195"})
ACTIVE_SURVEILLANCE = frozenset({"424313000"})
_GROUPS = ("received_treatments", "past_treatments", "treatments")


def surveillance_calendar(
    db: Session, *, case_id: int, since: date, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The usual lines for the site of the tumour; none when no table says (F03: free entry)."""
    return [_row(line, since) for line in _lines(db, case_id, {**values, **_treated(values)})]


def watch_calendar(
    db: Session, *, case_id: int, since: date, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The usual checks of a surveillance that stands in place of treatment (T19), to be corrected."""
    usual = [
        {
            "exam": line["exam"],
            "next_due": _after(since, line["first_months"]),
            "interval_months": line["every_months"],
        }
        for line in _lines(db, case_id, {**values, "under_watch": True})
    ]
    return [{name: value for name, value in row.items() if value} for row in usual]


@effect("end_of_treatment_visit")
def propose_calendar(db: Session, step: CompletedForm) -> None:
    """The nurse who prepares the PPAC corrects a calendar rather than writing one."""
    values = known(db, step)
    if rows(values, "surveillance_plan"):
        return
    since = day(values.get("treatment_end_date")) or today(step.now)
    calendar = surveillance_calendar(db, case_id=step.case.id, since=since, values=values)
    if calendar:
        runtime.put_data(
            db,
            case_id=step.case.id,
            values={"surveillance_plan": calendar},
            actor="system",
            now=step.now,
        )


def visits(line: Mapping[str, Any]) -> Iterator[date]:
    """The days that a line of the calendar asks for, one after the other, until its end if it has one.

    « mars 2027 » calls from its first day: a control a month early is better than one forgotten.
    """
    due, every = first_day(line.get("first_due")), number(line.get("interval_months"))
    until = str(line.get("until") or "9")
    while due is not None and due.isoformat()[: len(until)] <= until:
        yield due
        due = CALENDAR.shift(due, every, "months") if every else None


def next_visit(line: Mapping[str, Any], since: date) -> date | None:
    """The first day of this line that is not past."""
    return next((on for on in visits(line) if on >= since), None)


def await_control(db: Session, step: CompletedForm, on: date) -> None:
    """The day the next control is waited for: what is to be written down hangs on it."""
    step.answers["next_control_date"] = on.isoformat()
    say_what_follows(db, step)
    date_of_diagram(db, step, CASE, "next_control", on, step.task.name)


@effect("record_control")
@effect("plan_next_control")
@effect("recall_absent_patient")
@effect("hand_over_ppac")
def say_what_follows(db: Session, step: CompletedForm) -> None:
    """F08: whoever writes that control down reads what the calendar asks for after it."""
    values = known(db, step)
    on = day(values.get("next_control_date"))
    if on is None:
        return
    coming = sorted(
        (due, str(row.get("exam") or ""))
        for row in rows(values, "surveillance_plan")
        if (due := next_visit(row, on + timedelta(days=1)))
    )
    said = [f"{exam} le {say_date(due)}" for due, exam in coming[:MOST_SAID]]
    step.answers["calendar_ahead"] = "\u202f; ".join(said) or None


def _lines(db: Session, case_id: int, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    decision = engine_queries.release_of(db, case_id).decisions.get("surveillance")
    if decision is None:
        return []
    organ = db.get_one(Episode, case_id).organ
    columns = decision.evaluate({**facts, "organ": organ}).values
    return [dict(zip(columns, line, strict=True)) for line in zip(*columns.values(), strict=True)]


def _treated(values: Mapping[str, Any]) -> dict[str, bool | None]:
    """Yes or no once any treatment is on record; not known before, and then no line is left out."""
    given = [
        row.get("kind")
        for group in _GROUPS
        for row in rows(values, group)
        if row.get("status") not in ("planned", "not_done")
    ]
    return {
        name: any(kind in kinds for kind in given) if given else None
        for name, kinds in (
            ("had_surgery", SURGERY),
            ("had_radiotherapy", RADIOTHERAPY),
            ("under_watch", ACTIVE_SURVEILLANCE),
        )
    }


def _row(line: Mapping[str, Any], since: date) -> dict[str, Any]:
    row = {
        "kind": line["kind"],
        "exam": line["exam"],
        "condition": line.get("condition") or None,
        "first_due": _after(since, line["first_months"]),
        "interval_months": line["every_months"],
        "until": _after(since, line["until_months"]),
        "actor": line["actor"],
        "version": line.get("version") or None,
    }
    return {name: value for name, value in row.items() if value is not None}


def _after(since: date, months: int | None) -> str | None:
    return None if months is None else CALENDAR.shift(since, int(months), "months").isoformat()
