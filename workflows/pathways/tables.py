"""Decision tables that advise people: what to know when choosing an RCP, a surveillance calendar."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.calendar import Calendar
from workflows.cases.models import Episode
from workflows.cases.steps import CompletedForm, effect
from workflows.pathways.reading import day, known, rows, today

CALENDAR = Calendar()


def rcp_advice(db: Session, *, case_id: int, instance_id: int) -> list[str]:
    """Sentences for whoever chooses the RCP: they inform, they never forbid."""
    decision = engine_queries.release_of(db, case_id).decisions.get("rcp_orientation")
    if decision is None:
        return []
    facts = engine_queries.instance_data(db, instance_id)
    return [str(text) for text in decision.evaluate(facts).values["rcp_advice"]]


def surveillance_calendar(db: Session, *, case_id: int, since: date) -> list[dict[str, Any]]:
    """The usual lines for the organ of the case, as rows of the PPAC; none when no table says."""
    decision = engine_queries.release_of(db, case_id).decisions.get("surveillance")
    if decision is None:
        return []
    columns = decision.evaluate({"organ": db.get_one(Episode, case_id).organ}).values
    lines = [dict(zip(columns, line, strict=True)) for line in zip(*columns.values(), strict=True)]
    return [_row(line, since) for line in lines]


@effect("end_of_treatment_visit")
def propose_calendar(db: Session, step: CompletedForm) -> None:
    """The nurse who prepares the PPAC corrects a calendar rather than writing one."""
    values = known(db, step)
    if rows(values, "surveillance_plan"):
        return
    since = day(values.get("treatment_end_date")) or today(step.now)
    calendar = surveillance_calendar(db, case_id=step.case.id, since=since)
    if calendar:
        runtime.put_data(
            db,
            case_id=step.case.id,
            values={"surveillance_plan": calendar},
            actor="system",
            now=step.now,
        )


def _row(line: dict[str, Any], since: date) -> dict[str, Any]:
    row = {
        "kind": line["kind"],
        "exam": line["exam"],
        "first_due": _after(since, line["first_months"]),
        "interval_months": line["every_months"],
        "until": _after(since, line["until_months"]),
        "actor": line["actor"],
    }
    return {name: value for name, value in row.items() if value is not None}


def _after(since: date, months: int | None) -> str | None:
    return None if months is None else CALENDAR.shift(since, int(months), "months").isoformat()
