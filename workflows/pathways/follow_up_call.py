"""Calls of the nurse (T12): each attempt is written down; two that reach nobody are said at once."""

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.handlers import ServiceStep, handles
from workflows.cases.models import Episode
from workflows.cases.steps import CompletedForm, effect
from workflows.deadlines.calendars import calendar_of
from workflows.pathways.call_log import NOBODY, write_down
from workflows.pathways.reading import known, number, today

LIMIT = 2  # unreachable twice: the diagram says so (X07)


@effect("follow_up_call")
def plan_next_call(db: Session, step: CompletedForm) -> None:
    """Without a date the calls end; one that reached nobody is tried again the next day."""
    failed = step.answers.get("call_outcome") in NOBODY
    before = number(known(db, step).get("unreachable_calls")) or 0
    step.answers["unreachable_calls"] = before + 1 if failed else 0
    if not step.answers.get("next_call_date"):
        again = failed and before + 1 < LIMIT
        calendar = calendar_of(db, db.get_one(Episode, step.case.id).establishment_id)
        tomorrow = calendar.shift(today(step.now), 1, "working_days")
        step.answers["next_call_date"] = tomorrow.isoformat() if again else None
    step.answers.setdefault("symptoms", None)


@effect("follow_up_call")
def log_call(db: Session, step: CompletedForm) -> None:
    write_down(db, step, note=str(step.answers.get("call_advice") or ""))


@handles("report_unreachable")
def report_unreachable(step: ServiceStep) -> None:
    """X07 looks for the patient, once however many calls find nobody."""
    message = step.properties["message"]
    starts = engine_queries.release_of(step.db, step.case.id).starts
    definition, _start = starts[message]
    running = engine_queries.instances(step.db, step.case.id, running=True)
    if any(one.definition == definition for one in running):
        return
    runtime.send_message(
        step.db,
        name=message,
        case_id=step.case.id,
        key=f"{message}:{step.instance.id}",
        actor=step.actor,
        now=step.now,
    )
