"""A case stands still and goes on; the few diagrams that may move meanwhile say so themselves."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from engine import audit, messages, pausing, timers
from engine.errors import Conflict
from engine.models import Case, CaseState, Instance
from engine.releases import release
from engine.step import Step, stepping


def suspend_case(db: Session, *, case_id: int, reason: str, actor: str, now: datetime) -> None:
    """Nothing moves until it is resumed: tasks are refused, timers stand still.

    Diagrams with the property `while_suspended` go on: a search for a lost patient, a death.
    """
    with stepping(db, case_id, actor=actor, now=now) as step:
        if step.case.state != CaseState.OPEN:
            raise Conflict("Seul un dossier ouvert peut être suspendu.")
        step.case.state, step.case.suspended_at = CaseState.SUSPENDED, now
        step.case.closed_reason = reason[:200]
        timers.stand_still(db, case_id=case_id, awake=pausing.awake(step))
        audit.record(db, actor=actor, action="case.suspended", now=now, case_id=case_id)


def resume_case(db: Session, *, case_id: int, actor: str, now: datetime) -> None:
    """Go on: every timer and due date moves by the time the case stood still."""
    with stepping(db, case_id, actor=actor, now=now) as step:
        if step.case.state != CaseState.SUSPENDED:
            raise Conflict("Ce dossier n’est pas suspendu.")
        go_on(step)
        messages.offer_kept(step)
        audit.record(db, actor=actor, action="case.resumed", now=now, case_id=case_id)


def go_on(step: Step) -> None:
    """The case stands still no longer."""
    stood = step.now - (step.case.suspended_at or step.now)
    forward = max(stood, timedelta())  # a clock may have jumped back meanwhile
    timers.shift(step.db, case_id=step.case.id, by=forward, awake=pausing.awake(step))
    step.case.state, step.case.suspended_at = CaseState.OPEN, None
    step.case.closed_reason = ""
    pausing.stand_still_again(step, forward)


def stands_still(db: Session, *, case: Case, instance_id: int) -> bool:
    """Whether this diagram is paused, or waits with its suspended case."""
    top = db.get_one(Instance, instance_id)
    while top.parent_id is not None:
        top = db.get_one(Instance, top.parent_id)
    if top.paused_at is not None:
        return True
    suspended = case.state == CaseState.SUSPENDED
    return suspended and top.definition not in release(db, top.revision_id).awake


def require_awake(step: Step, definition: str) -> None:
    if step.case.state == CaseState.SUSPENDED and definition not in step.release.awake:
        raise Conflict("Ce dossier est suspendu\u202f: reprenez-le d’abord.")
