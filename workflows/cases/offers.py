"""Open tasks come in; each is offered to its audiences, and those audiences may read the case.

One more row, for the whole team of the unit, serves the team's view and gives no right to act.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import rows
from engine.handlers import hook
from engine.models import Case, Task, TaskState
from engine.suspension import stands_still
from workflows.access.audiences import (
    Kind,
    kind_of,
    person_audience,
    place_of,
    scope_of,
    unit_audience,
)
from workflows.access.grants import grant
from workflows.cases.doers import Surroundings, audiences, surroundings
from workflows.cases.models import TaskDraft, TaskHold, TaskOffer
from workflows.french import PARIS

NO_DUE = datetime(9999, 12, 31, tzinfo=UTC)  # sorts after everything that has a date


@dataclass(frozen=True)
class Kept:
    """What an offer carries over when it is written again."""

    assignee_id: int | None = None
    reminded_at: datetime | None = None
    hold: str = ""
    held_until: datetime | None = None


@hook("task_opened")
def offer(db: Session, case: Case, task: Task, now: datetime) -> None:
    """Written in the step's own transaction: the next read of the inbox has it."""
    around = surroundings(db, case.id)
    if around is not None:
        _write(db, around, task, Kept())


@hook("task_closed")
def withdraw(db: Session, case: Case, task: Task, now: datetime) -> None:
    rows.delete(db, TaskOffer, task_id=task.id)
    rows.delete(db, TaskDraft, task_id=task.id)


def rewrite(db: Session, case_id: int, *, anew: bool = False) -> None:
    """Offer every open task of the case again: the care team or the patient's choices changed.

    What stands still with a suspended case waits for nobody: no list shows it as due.
    `anew`: another team follows the case, what somebody had taken or put off is offered to all of it.
    """
    around = surroundings(db, case_id)
    if around is None:
        return
    db.flush()
    kept = {} if anew else _kept(db, case_id)
    tasks = db.scalars(sa.select(Task).filter_by(case_id=case_id, state=TaskState.OPEN)).all()
    for task in tasks:
        rows.delete(db, TaskOffer, task_id=task.id)
        if anew:
            rows.delete(db, TaskHold, task_id=task.id)
    case = db.get_one(Case, case_id)
    for task in tasks:
        if stands_still(db, case=case, instance_id=task.instance_id):
            continue  # nobody is asked while it stands still
        _write(db, around, task, kept.get(task.id, Kept()))


def assign(db: Session, task: Task, user_id: int | None) -> None:
    """Name who does it, on every offer; a person it was not offered to gets one."""
    around = surroundings(db, task.case_id)
    if around is None:
        return
    db.flush()
    kept = _kept(db, task.case_id).get(task.id, Kept())
    rows.delete(db, TaskOffer, task_id=task.id)
    _write(db, around, task, replace(kept, assignee_id=user_id))


def _write(db: Session, around: Surroundings, task: Task, kept: Kept) -> None:
    assignee = kept.assignee_id
    chosen, rcp_id = audiences(db, around, task)
    designated = place_of(next(iter(chosen))) if _is_one_person(chosen) else None
    if assignee is not None:
        chosen.add(person_audience(assignee))
    grant(db, case_id=task.case_id, scopes=map(scope_of, chosen))
    row = _row(around, task) | {
        "assignee_id": assignee,
        "holder_id": assignee or designated,
        "rcp_id": rcp_id,
        "reminded_at": kept.reminded_at,
        "hold": kept.hold,
        "held_until": kept.held_until,
    }
    everybody = chosen | {unit_audience(around.episode.unit_id)}
    rows.add(db, TaskOffer, [row | {"audience_id": audience} for audience in sorted(everybody)])


def _is_one_person(audiences: Collection[int]) -> bool:
    return len(audiences) == 1 and all(kind_of(one) is Kind.PERSON for one in audiences)


def _row(around: Surroundings, task: Task) -> dict[str, Any]:
    return {
        "task_id": task.id,
        "case_id": task.case_id,
        "due_at": task.due_at or NO_DUE,
        "name_key": around.episode.patient.name_key,
        "form": task.form,
        "phase": task.definition,
        "is_high_priority": task.is_high_priority,
        "establishment_id": around.episode.establishment_id,
        "organ": around.episode.organ,
    }


def _kept(db: Session, case_id: int) -> dict[int, Kept]:
    """By task. What holds one stays while its case stands still and it is offered to nobody."""
    holds = {
        task: (kind, datetime.combine(until, time(), PARIS))
        for task, kind, until in db.execute(
            sa.select(TaskHold.task_id, TaskHold.kind, TaskHold.until_date)
            .join(Task, Task.id == TaskHold.task_id)
            .where(Task.case_id == case_id)
        )
    }
    found = db.execute(
        sa.select(TaskOffer.task_id, TaskOffer.assignee_id, TaskOffer.reminded_at).where(
            TaskOffer.case_id == case_id
        )
    )
    offered = {task: (assignee, reminded) for task, assignee, reminded in found}
    return {
        task: Kept(*offered.get(task, (None, None)), *holds.get(task, ("", None)))
        for task in offered.keys() | holds.keys()
    }
