"""The patient's choice comes in; RCPs may read the case, or may not any more."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from workflows.access import grant, rcp_audience, revoke
from workflows.access.audiences import Kind, kind_of
from workflows.access.grants import scopes_of_case
from workflows.cases.models import TaskOffer
from workflows.cases.steps import CompletedForm, effect
from workflows.consent.queries import is_opposed
from workflows.rcp.models import RcpSession, Registration


@effect("inform_patient")
def apply_choice(db: Session, step: CompletedForm) -> None:
    """An opposition takes the case out of the sight of RCPs at once; lifting it gives it back.

    An RCP that still has a step to do (cancelling the inscription) sees the case until it is done.
    """
    case_id = step.case.id
    opposed = is_opposed(step.answers)
    before = scopes_of_case(db, case_id)
    if opposed:
        busy = {rcp_audience(rcp_id) for rcp_id in _rcps_at_work(db, case_id, step.task.id)}
        revoke(
            db,
            case_id=case_id,
            scopes=[scope for scope in before - busy if kind_of(scope) is Kind.RCP],
        )
    else:
        grant(db, case_id=case_id, scopes=map(rcp_audience, _rcps_met(db, case_id)))
    audit.record(
        db,
        actor=step.actor,
        action="consent.recorded",
        now=step.now,
        case_id=case_id,
        detail={"opposed": opposed},
    )


def _rcps_at_work(db: Session, case_id: int, done_task_id: int) -> set[int]:
    rows = db.scalars(
        sa.select(TaskOffer.rcp_id).where(
            TaskOffer.case_id == case_id,
            TaskOffer.rcp_id.is_not(None),
            TaskOffer.task_id != done_task_id,
        )
    )
    return {rcp_id for rcp_id in rows if rcp_id is not None}


def _rcps_met(db: Session, case_id: int) -> set[int]:
    return set(
        db.scalars(
            sa.select(RcpSession.rcp_id)
            .join(Registration, Registration.session_id == RcpSession.id)
            .where(Registration.case_id == case_id)
        )
    )
