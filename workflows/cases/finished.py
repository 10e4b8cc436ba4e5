"""A person comes in; the steps this person finished lately go out, the latest first.

Found through the audit, which is kept by person and moment: tasks are kept by case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from engine.models import AuditEntry, Instance, Task
from workflows.access import Reach, reach_of, visible_cases
from workflows.cases.models import Episode
from workflows.library import Titles
from workflows.patients.models import Patient
from workflows.staff.models import Unit, User

DAYS = 7
PAGE = 50


@dataclass(frozen=True)
class Line:
    """A finished step, of a case this person may still read."""

    task: Task
    patient: Patient
    unit: Unit
    phase: str


@dataclass(frozen=True)
class Page:
    lines: Sequence[Line]
    next: int | None = None


def finished(
    db: Session,
    user: User,
    *,
    now: datetime,
    before: int | None = None,
    limit: int = PAGE,
    reach: Reach | None = None,
) -> Page:
    """`before` is the `next` of the page before."""
    entries = sa.select(AuditEntry).where(*_mine(user, now))
    if before is not None:
        entries = entries.where(AuditEntry.id < before)
    kept = entries.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit + 1)
    found = db.scalars(kept).all()
    lines = _lines(db, [_task_of(entry) for entry in found[:limit]], reach or reach_of(db, user))
    return Page(lines, found[limit - 1].id if len(found) > limit else None)


def count_finished(db: Session, user: User, *, now: datetime) -> int:
    return (
        db.scalar(sa.select(sa.func.count()).select_from(AuditEntry).where(*_mine(user, now))) or 0
    )


def _mine(user: User, now: datetime) -> list[sa.ColumnElement[bool]]:
    return [
        AuditEntry.actor == user.actor,
        AuditEntry.at > now - timedelta(days=DAYS),
        AuditEntry.action == "task.completed",
    ]


def _task_of(entry: AuditEntry) -> int:
    return int((entry.object or "task:0").partition(":")[2])


def _lines(db: Session, ids: Sequence[int], reach: Reach) -> list[Line]:
    rows = db.execute(
        sa.select(Task, Patient, Unit, Instance.revision_id)
        .join(Instance, Instance.id == Task.instance_id)
        .join(Episode, Episode.case_id == Task.case_id)
        .join(Patient, Patient.id == Episode.patient_id)
        .join(Unit, Unit.id == Episode.unit_id)
        .join(Unit.establishment)
        .options(contains_eager(Unit.establishment))
        .where(Task.id.in_(ids), Task.case_id.in_(visible_cases(reach)))
    )
    titles = Titles(db)
    found = {
        task.id: Line(task, patient, unit, titles.of(revision, task.definition))
        for task, patient, unit, revision in rows
    }
    return [found[id] for id in ids if id in found]
