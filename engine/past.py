"""A moment comes in; the case as it stood then goes out, told from rows that only grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine.models import AuditEntry, CaseState, Instance, InstanceState, Task, TaskState
from engine.queries import case

# What the audit of a case says of its life → the state it left the case in.
LIVES = {
    "case.opened": CaseState.OPEN,
    "case.suspended": CaseState.SUSPENDED,
    "case.resumed": CaseState.OPEN,
    "case.closed": CaseState.CLOSED,
    "case.reopened": CaseState.OPEN,
}


@dataclass(frozen=True)
class Past:
    """What was open and done; each diagram with the state it had."""

    state: str
    open: Sequence[Task]
    done: Sequence[Task]
    instances: Sequence[tuple[Instance, str]]


def as_of(db: Session, case_id: int, moment: datetime) -> Past | None:
    """None when the case was not yet open."""
    if case(db, case_id).opened_at > moment:
        return None
    tasks = db.scalars(
        sa.select(Task)
        .where(Task.case_id == case_id, Task.opened_at <= moment)
        .options(undefer(Task.answers))
        .order_by(Task.completed_at, Task.id)
    ).all()
    closed = [one for one in tasks if one.completed_at and one.completed_at <= moment]
    return Past(
        state=_life(db, case_id, moment),
        open=[one for one in tasks if one not in closed],
        done=[one for one in closed if one.state == TaskState.DONE],
        instances=_instances(db, case_id, moment),
    )


def _life(db: Session, case_id: int, moment: datetime) -> str:
    last = db.scalar(
        sa.select(AuditEntry.action)
        .where(
            AuditEntry.case_id == case_id,
            AuditEntry.action.in_(LIVES),
            AuditEntry.at <= moment,
        )
        .order_by(AuditEntry.position.desc())
        .limit(1)
    )
    return LIVES.get(last or "", CaseState.OPEN)


def _instances(db: Session, case_id: int, moment: datetime) -> list[tuple[Instance, str]]:
    found = db.scalars(
        sa.select(Instance)
        .where(Instance.case_id == case_id, Instance.started_at <= moment)
        .order_by(Instance.id)
    )
    return [
        (one, one.state if one.ended_at and one.ended_at <= moment else InstanceState.RUNNING)
        for one in found
    ]
