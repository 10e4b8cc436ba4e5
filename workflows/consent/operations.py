"""The patient's choice comes in; RCPs may read the case, or may not any more."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine import queries as engine_queries
from engine.handlers import hook
from engine.models import Case, Instance
from workflows.access import grant, rcp_audience, revoke
from workflows.access.audiences import Kind, kind_of
from workflows.access.grants import scopes_of_case
from workflows.cases.models import TaskOffer
from workflows.cases.steps import CompletedForm, effect
from workflows.consent.queries import is_opposed
from workflows.rcp.models import RcpSession, Registration


@effect("inform_patient")
def apply_choice(db: Session, step: CompletedForm) -> None:
    let_rcps_read(
        db,
        case_id=step.case.id,
        opposed=is_opposed(step.answers),
        actor=step.actor,
        now=step.now,
        done_task_id=step.task.id,
    )


def let_rcps_read(
    db: Session, *, case_id: int, opposed: bool, actor: str, now: datetime, done_task_id: int = 0
) -> None:
    """An opposition takes the case out of the sight of RCPs at once; lifting it gives it back.

    An RCP that still has a step to do (writing up an opinion already given) sees the case until
    it is done.
    """
    if opposed:
        _hide_from_rcps(db, case_id, done_task_id)
    else:
        grant(db, case_id=case_id, scopes=map(rcp_audience, _rcps_met(db, case_id)))
    audit.record(
        db,
        actor=actor,
        action="consent.recorded",
        now=now,
        case_id=case_id,
        detail={"opposed": opposed},
    )


@hook("instance_ended")
def hide_once_written_up(db: Session, case: Case, instance: Instance, now: datetime) -> None:
    """The last step of an RCP of an opposed case is done: it has no more reason to read it."""
    if instance.definition == "rcp" and is_opposed(engine_queries.case_data(db, case.id)):
        _hide_from_rcps(db, case.id)


def _hide_from_rcps(db: Session, case_id: int, done_task_id: int = 0) -> None:
    busy = {rcp_audience(rcp_id) for rcp_id in _rcps_at_work(db, case_id, done_task_id)}
    rcps = {scope for scope in scopes_of_case(db, case_id) if kind_of(scope) is Kind.RCP}
    revoke(db, case_id=case_id, scopes=rcps - busy)


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
