"""Treatment by cycles: each cycle dates the next; a postponement or a stop reaches the line."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Invalid
from engine.handlers import ServiceStep, handles
from engine.models import Instance, Subscription
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.deadlines.operations import set_milestone
from workflows.pathways.reading import day, number, today
from workflows.pathways.treatment import modalities_of

FIRST_CALL = timedelta(days=2)  # after the first cycle; the nurse plans the following ones


@effect("prescribe_systemic")
def plan_first_cycle(db: Session, step: CompletedForm) -> None:
    first = step.answers.get("first_cycle_date")
    step.answers.update(cycle_number=0, next_cycle_date=first)
    if first:
        _date(db, step, step.task.instance_id, "next_cycle", first)


@effect("follow_up_call")
def plan_next_call(db: Session, step: CompletedForm) -> None:
    """Without a later date the calls end: the date of this one is not a next one."""
    wanted = day(step.answers.get("next_call_date"))
    if wanted is None or wanted <= today(step.now):
        step.answers["next_call_date"] = None


@guard("adapt_treatment")
def require_new_date(db: Session, step: CompletedForm) -> None:
    """A postponed cycle has a new date, today or later."""
    if step.answers.get("adaptation") != "postpone":
        return
    wanted = day(step.answers.get("next_cycle_date"))
    if wanted is None or wanted < today(step.now):
        raise Invalid(
            "Un report donne la nouvelle date du cycle, aujourd’hui ou plus tard.",
            {"next_cycle_date": "Nouvelle date attendue."},
        )


@handles("plan_next_cycle")
def plan_next_cycle(step: ServiceStep) -> None:
    """Count what was given and date what follows; the first cycle opens the nurse's calls."""
    given = day(step.get("administration_date")) or today(step.now)
    count = (number(step.get("cycle_number")) or 0) + 1
    step.set("cycle_number", count)
    following = _following(step, given)
    if following and count < (number(step.get("cycles_planned")) or 0):
        step.set("next_cycle_date", following)
        _date(step.db, step, step.instance.id, "next_cycle", following)
    if count == 1:
        _date(step.db, step, step.instance.id, "first_cycle", given.isoformat())
        _open_calls(step, (given + FIRST_CALL).isoformat())


@handles("reschedule_cycle")
def reschedule_cycle(step: ServiceStep) -> None:
    """What was decided for a toxicity reaches the lines under way, waiting or not."""
    moved = step.get("next_cycle_date")
    for line in modalities_of(step.db, step.case.id):
        if line.definition != "systemic":
            continue
        if step.get("adaptation") == "stop":
            _send(step, line, "line_stopped")
        elif moved:
            _move(step, line, moved)


def _following(step: ServiceStep, given: date) -> str | None:
    """The date given with this cycle, else one interval later."""
    said = day(step.get("next_cycle_date"))
    if said is not None and said > given:
        return said.isoformat()
    interval = number(step.get("cycle_interval_days"))
    return (given + timedelta(days=interval)).isoformat() if interval else None


def _move(step: ServiceStep, line: Instance, moved: str) -> None:
    """A line that waits for its cycle waits anew; one in the middle of it only learns the date."""
    _date(step.db, step, line.id, "next_cycle", moved)
    values = {"next_cycle_date": moved}
    if _awaits(step.db, line, "cycle_rescheduled"):
        _send(step, line, "cycle_rescheduled", values)
    else:
        runtime.put_data(
            step.db,
            case_id=step.case.id,
            instance_id=line.id,
            values=values,
            actor=step.actor,
            now=step.now,
        )


def _open_calls(step: ServiceStep, first_call: str) -> None:
    message = step.properties.get("after_first_cycle")
    if message:
        runtime.send_message(
            step.db,
            name=message,
            case_id=step.case.id,
            payload={"next_call_date": first_call},
            key=f"{message}:{step.instance.id}",
            actor=step.actor,
            now=step.now,
        )


def _send(
    step: ServiceStep, line: Instance, name: str, payload: dict[str, Any] | None = None
) -> None:
    runtime.send_message(
        step.db,
        name=name,
        case_id=step.case.id,
        instance_id=line.id,
        payload=payload,
        actor=step.actor,
        now=step.now,
    )


def _awaits(db: Session, line: Instance, message: str) -> bool:
    wanted = sa.select(Subscription.id).filter_by(instance_id=line.id, message=message).limit(1)
    return db.scalar(wanted) is not None


def _date(
    db: Session, step: ServiceStep | CompletedForm, instance_id: int, name: str, at: str
) -> None:
    set_milestone(
        db,
        case_id=step.case.id,
        instance_id=instance_id,
        name=name,
        at=at,
        actor=step.actor,
        now=step.now,
    )
