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
    Task,
    TaskState,
    Timer,
)
from engine.releases import Release, release

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
    return dict(Answers(db, case_id, {}).view([]))


def instance_data(db: Session, instance_id: int) -> dict[str, Any]:
    """All an instance sees: its own answers over its callers' over the case's."""
    chain, instance = [], db.get(Instance, instance_id)
    if instance is None:
        raise NotFound("Ce diagramme n’existe pas.")
    case_id = instance.case_id
    while instance is not None:
        chain.append(instance.id)
        instance = db.get(Instance, instance.parent_id) if instance.parent_id else None
    return dict(Answers(db, case_id, {}).view(chain))


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


def awaited_moments(db: Session, case_id: int) -> Sequence[Timer]:
    """Timer events of a case, the next first."""
    return db.scalars(
        sa.select(Timer).filter_by(case_id=case_id, kind="event").order_by(Timer.due_at)
    ).all()


def progress(db: Session, instance_id: int) -> Mapping[str, Progress]:
    """For each element a token has met: whether one stands there, and how often it was passed."""
    tasks = dict(
        db.execute(sa.select(Task.token, Task.id).where(Task.instance_id == instance_id)).all()
    )
    found: dict[str, Progress] = {}
    rows = db.scalars(
        sa.select(Passage).where(Passage.instance_id == instance_id).order_by(Passage.id)
    )
    for row in rows:
        if row.kind in ("message", "timer", "condition") and row.outcome == "cancelled":
            continue  # a boundary event that did not come is nothing that happened
        before = found.get(row.element)
        current = row.left_at is None
        done = (before.count if before else 0) + (row.outcome == "done")
        state = "current" if current or (before and before.state == "current") else row.outcome
        if before and before.state == "done" and state == "cancelled":
            state = "done"
        found[row.element] = Progress(
            state, done, row.left_at or row.entered_at, tasks.get(row.token)
        )
    return found


def as_of(db: Session, case_id: int, moment: datetime) -> dict[str, Any]:
    """The case at a past moment: the tasks that were open, those done, the answers known."""
    tasks = db.scalars(
        sa.select(Task)
        .where(Task.case_id == case_id, Task.opened_at <= moment)
        .options(undefer(Task.answers))
        .order_by(Task.completed_at, Task.id)
    ).all()
    done = [t for t in tasks if t.completed_at and t.completed_at <= moment]
    answers: dict[str, Any] = {}
    for one in done:
        answers.update(one.answers or {})
    return {
        "open": [t for t in tasks if t not in done],
        "done": [t for t in done if t.state == TaskState.DONE],
        "answers": answers,
    }
