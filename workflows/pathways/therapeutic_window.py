"""A pause wanted in the treatments, with its end: what is paused stands still, nothing else (X03).

The due dates and the dates already planned move by the days the pause lasted.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import pausing, runtime
from engine import queries as engine_queries
from engine.errors import Conflict, Invalid
from engine.handlers import ServiceStep, handles
from engine.models import Datum, Instance
from workflows.cases import offers
from workflows.cases.steps import CompletedForm, guard, skipped
from workflows.deadlines.models import Milestone
from workflows.deadlines.steps import date_of_diagram
from workflows.french import PARIS
from workflows.library import library_of
from workflows.pathways import lines
from workflows.pathways.adaptation import move_line
from workflows.pathways.reading import day, rows, today
from workflows.pathways.treatment import kind_of, modalities_of

KIND = "MED-556"  # a type of treatment of the national list: the PPS shows it with its dates
UNDER_WAY = "in_progress"
LOOK_AGAIN = timedelta(days=14)
PRECISION = 200  # letters of a row of the PPS
# The date of what a line waits for: moving it wakes the line at its new date.
_NEXT = {"systemic": "next_cycle_date", "oral": "next_follow_up_date"}


@guard("open_window")
@guard("decide_restart")
def require_later_restart(db: Session, step: CompletedForm) -> None:
    """A pause has an end, to be reminded of."""
    if step.answers.get("window_decision") == "resume":
        return
    restart = day(step.answers.get("window_restart_date"))
    if restart is None or restart <= today(step.now):
        raise Invalid(
            "Indiquez la date de reprise prévue, après aujourd’hui\u202f: elle vous sera rappelée.",
            {"window_restart_date": "Date à venir attendue."},
        )


@skipped("decide_restart")
def keep_a_date(db: Session, step: CompletedForm) -> None:
    """A pause that goes on is looked at again two weeks later; one that ends does so today."""
    if step.way == "resume":
        step.answers["window_end_date"] = today(step.now).isoformat()
    else:
        later = today(step.now) + LOOK_AGAIN
        step.answers["window_restart_date"] = later.isoformat()


@guard("open_window")
def require_something_to_pause(db: Session, step: CompletedForm) -> None:
    """Two pauses at a time concern different treatments: each ends at its own date."""
    under_way = modalities_of(db, step.case.id)
    if _to_pause(db, step.case.id, step.answers) or not under_way:
        return
    if all(line.paused_at for line in under_way):
        raise Conflict(
            "Tous les traitements sont déjà en pause\u202f: prolongez la pause en cours, et passez "
            "cette étape avec «\u202fSans objet\u202f»."
        )
    raise Invalid(
        "Ces traitements sont déjà en pause\u202f: choisissez-en d’autres.",
        {"window_lines": "Au moins un traitement qui n’est pas en pause."},
    )


@handles("pause_treatments")
def pause_treatments(step: ServiceStep) -> None:
    """The treatments named, or all that are under way, stand still; the PPS says until when."""
    own = engine_queries.instance_data(step.db, step.instance.id)
    paused = _to_pause(step.db, step.case.id, own)
    names = ", ".join(lines.names_of(step.db, paused))
    pausing.pause(
        step.db,
        case_id=step.case.id,
        instance_ids=[line.id for line in paused],
        actor=step.actor,
        now=step.now,
    )
    step.set("paused_lines", [str(line.id) for line in paused])
    step.set("paused_names", names or None)
    window = {
        "kind": KIND,
        "precision": names[:PRECISION],
        "status": UNDER_WAY,
        "planned_start": today(step.now).isoformat(),
        "planned_end": step.get("window_restart_date"),
    }
    row = {name: value for name, value in window.items() if value}
    step.set("treatments", [*_treatments(step), row])
    offers.rewrite(step.db, step.case.id)


@handles("resume_treatments")
def resume_treatments(step: ServiceStep) -> None:
    """They take up where they stood, their dates later by the days that passed."""
    restart = day(step.get("window_end_date")) or today(step.now)
    paused = _paused_here(step)
    since = {line.id: _local_day(line) for line in paused}
    days = max((restart - min(since.values(), default=restart)).days, 0)
    pausing.go_on(
        step.db,
        case_id=step.case.id,
        by=timedelta(days=days),
        actor=step.actor,
        now=step.now,
        instance_ids=list(since),
    )
    for line in paused:
        _move_dates(step, line, since=since[line.id], days=days)
    _end_window(step, restart)
    offers.rewrite(step.db, step.case.id)


def _to_pause(db: Session, case_id: int, values: Mapping[str, Any]) -> list[Instance]:
    """What is named, by its line or (older revisions) by its kind, and not paused already."""
    wanted, kinds = lines.ids(values, "window_lines"), set(values.get("window_treatments") or ())
    return [
        line
        for line in modalities_of(db, case_id)
        if line.paused_at is None
        and (line.id in wanted if wanted else not kinds or kind_of(db, line) in kinds)
    ]


def _paused_here(step: ServiceStep) -> list[Instance]:
    """By this pause; one begun before this was kept is the only one of its case."""
    own = engine_queries.instance_data(step.db, step.instance.id)
    paused = [line for line in modalities_of(step.db, step.case.id) if line.paused_at is not None]
    return lines.among(paused, lines.ids(own, "paused_lines")) if "paused_lines" in own else paused


def _local_day(line: Instance) -> date:
    return line.paused_at.astimezone(PARIS).date() if line.paused_at else date.max


def _move_dates(step: ServiceStep, line: Instance, *, since: date, days: int) -> None:
    values = _own_dates(step, line, since=since, days=days)
    following = _NEXT.get(line.definition)
    if following in values:
        move_line(step, line, date.fromisoformat(values.pop(following)))
    if values:
        runtime.put_data(
            step.db,
            case_id=step.case.id,
            instance_id=line.id,
            values=values,
            actor=step.actor,
            now=step.now,
        )
    for milestone in _own_milestones(step.db, line):
        at = milestone.at.astimezone(PARIS).date()
        if at >= since and milestone.name != "next_cycle":
            date_of_diagram(
                step.db,
                step,
                line.id,
                milestone.name,
                at + timedelta(days=days),
                "Fenêtre thérapeutique",
            )


def _own_dates(step: ServiceStep, line: Instance, *, since: date, days: int) -> dict[str, str]:
    """The whole dates of this line that were still to come, later by so many days."""
    dictionary = library_of(step.db, line.revision_id).dictionary
    own = step.db.scalars(
        sa.select(Datum).filter_by(case_id=step.case.id, instance_id=line.id)
    ).all()
    return {
        datum.name: (found + timedelta(days=days)).isoformat()
        for datum in own
        if datum.name in dictionary
        and dictionary[datum.name].type in ("date", "partial_date")
        and (found := day(datum.value)) is not None
        and found >= since
    }


def _own_milestones(db: Session, line: Instance) -> list[Milestone]:
    wanted = sa.select(Milestone).filter_by(case_id=line.case_id, instance_id=line.id)
    return list(db.scalars(wanted))


def _end_window(step: ServiceStep, restart: date) -> None:
    """The row of this pause: another one may still go on."""
    names = str(step.get("paused_names") or "")[:PRECISION]
    treatments = _treatments(step)
    still = [
        row for row in treatments if (row.get("kind"), row.get("status")) == (KIND, UNDER_WAY)
    ]
    own = [row for row in still if (row.get("precision") or "") == names]
    for row in (own or still)[:1]:
        row["status"], row["planned_end"] = "done", restart.isoformat()
    step.set("treatments", treatments)


def _treatments(step: ServiceStep) -> list[dict[str, Any]]:
    return rows(engine_queries.case_data(step.db, step.case.id), "treatments")
