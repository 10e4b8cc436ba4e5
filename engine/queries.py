"""Questions about cases: what is known, what is open, what was done, where a diagram stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine.data import CASE, Answers
from engine.errors import NotFound
from engine.models import (
    Case,
    Datum,
    Instance,
    InstanceState,
    Message,
    MessageState,
    Passage,
    Subscription,
    Task,
    TaskState,
    Timer,
)
from engine.releases import Release, release
from engine.step import under_way

_OPEN_TASKS = (
    sa.select(Task)
    .where(Task.case_id == sa.bindparam("case_id"), Task.state == TaskState.OPEN)
    .order_by(Task.due_at.is_(None), Task.due_at, Task.id)
)


@dataclass(frozen=True)
class Progress:
    """Where an element of a diagram stands: current, done or cancelled, and how often it was."""

    state: str
    count: int
    last_at: datetime
    task_id: int | None = None


def case(db: Session, case_id: int) -> Case:
    found = db.get(Case, case_id)
    if found is None:
        raise NotFound("Ce dossier n’existe pas.")
    return found


def task(db: Session, task_id: int) -> Task:
    found = db.get(Task, task_id)
    if found is None:
        raise NotFound("Cette étape n’existe pas.")
    return found


def release_of(db: Session, case_id: int) -> Release:
    """The diagrams and tables the case runs on."""
    return release(db, case(db, case_id).revision_id)


def case_data(db: Session, case_id: int) -> dict[str, Any]:
    """The answers of the case's own scope."""
    return dict(_answers(db, case_id).view([]))


def instance_data(db: Session, instance_id: int) -> dict[str, Any]:
    """All an instance sees: its own answers over its callers' over the case's."""
    chain, instance = [], db.get(Instance, instance_id)
    if instance is None:
        raise NotFound("Ce diagramme n’existe pas.")
    case_id = instance.case_id
    while instance is not None:
        chain.append(instance.id)
        instance = db.get(Instance, instance.parent_id) if instance.parent_id else None
    return dict(_answers(db, case_id).view(chain))


def _answers(db: Session, case_id: int) -> Answers:
    """Those of the step under way, which has read most of them; else read now."""
    step = under_way(db, case_id)
    return step.answers if step is not None else Answers(db, case_id, {})


def origins(
    db: Session, *, case_id: int, names: Sequence[str], instance_id: int = CASE
) -> Sequence[Datum]:
    """Who gave these answers, when, by which task."""
    return db.scalars(
        sa.select(Datum).where(
            Datum.case_id == case_id,
            Datum.instance_id.in_((CASE, instance_id)),
            Datum.name.in_(names),
        )
    ).all()


def open_tasks(db: Session, case_id: int) -> Sequence[Task]:
    """What waits for a person, the most pressing first."""
    return db.scalars(_OPEN_TASKS, {"case_id": case_id}).all()


def history(db: Session, case_id: int, *, with_answers: bool = False) -> Sequence[Task]:
    """Finished tasks, the latest first."""
    wanted = (
        sa.select(Task)
        .where(Task.case_id == case_id, Task.state == TaskState.DONE)
        .order_by(Task.completed_at.desc(), Task.id.desc())
    )
    if with_answers:
        wanted = wanted.options(undefer(Task.answers))
    return db.scalars(wanted).all()


def instances(db: Session, case_id: int, *, running: bool = False) -> Sequence[Instance]:
    """The diagrams of a case in the order they started, called ones included."""
    wanted = sa.select(Instance).where(Instance.case_id == case_id).order_by(Instance.id)
    if running:
        wanted = wanted.where(Instance.state == InstanceState.RUNNING)
    return db.scalars(wanted).all()


def kept_messages(db: Session, case_id: int) -> Sequence[Message]:
    """Messages nobody has awaited yet."""
    return db.scalars(
        sa.select(Message).filter_by(case_id=case_id, state=MessageState.KEPT).order_by(Message.id)
    ).all()


def is_awaited(
    db: Session, message: str, *, case_id: int | None = None, instance_id: int | None = None
) -> bool:
    """Whether the case, or this one of its diagrams, waits for a message of that name."""
    place = {"case_id": case_id} if instance_id is None else {"instance_id": instance_id}
    wanted = sa.select(Subscription.id).filter_by(message=message, **place)
    return db.scalar(wanted.limit(1)) is not None


def awaiting(db: Session, message: str, *, case_id: int) -> Sequence[Instance]:
    """The diagrams of a case that wait for a message of that name, the one waiting longest first."""
    return db.scalars(
        sa.select(Instance)
        .join(Subscription, Subscription.instance_id == Instance.id)
        .where(Subscription.case_id == case_id, Subscription.message == message)
        .order_by(Subscription.id)
    ).all()


def awaited_moments(db: Session, case_id: int) -> Sequence[Timer]:
    """Timer events of a case, the next first."""
    return db.scalars(
        sa.select(Timer).filter_by(case_id=case_id, kind="event").order_by(Timer.due_at)
    ).all()


def progress(db: Session, instance_id: int, at: datetime | None = None) -> Mapping[str, Progress]:
    """For each element a token has met: whether one stands there, and how often it was passed.

    With `at`, as it stood at that moment.
    """
    tasks = dict(
        db.execute(sa.select(Task.token, Task.id).where(Task.instance_id == instance_id)).all()
    )
    found: dict[str, Progress] = {}
    rows = sa.select(Passage).where(Passage.instance_id == instance_id).order_by(Passage.id)
    if at is not None:
        rows = rows.where(Passage.entered_at <= at)
    for row in db.scalars(rows):
        left_at, outcome = (row.left_at, row.outcome) if _had_left(row, at) else (None, "")
        if row.kind in ("message", "timer", "condition") and outcome == "cancelled":
            continue  # a boundary event that did not come is nothing that happened
        before = found.get(row.element)
        current = left_at is None
        done = (before.count if before else 0) + (outcome == "done")
        state = "current" if current or (before and before.state == "current") else outcome
        if before and before.state == "done" and state == "cancelled":
            state = "done"
        found[row.element] = Progress(state, done, left_at or row.entered_at, tasks.get(row.token))
    return found


def _had_left(row: Passage, at: datetime | None) -> bool:
    return row.left_at is not None and (at is None or row.left_at <= at)
