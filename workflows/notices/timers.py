"""A reminder or an escalation comes due; the people concerned find a notice."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import handlers
from engine.models import Task, Timer
from workflows.access.audiences import rcp_audience, unit_audience
from workflows.cases import holds
from workflows.cases.audience import people_in, people_offered
from workflows.cases.models import CareTeamMember, Episode, Hold, TaskOffer
from workflows.deadlines.models import TaskDeadline
from workflows.french import say_date
from workflows.notices.operations import notify
from workflows.roles import ROLES, Scope
from workflows.staff.models import User


@handlers.timer("reminder")
def remind(db: Session, timer: Timer, *, now: datetime) -> None:
    """Those who can do the task; only the one who took it, when somebody has."""
    task = _open_task(db, timer)
    if task is None or task.due_at is None:
        return
    _tell(
        db,
        task,
        _concerned(db, task),
        kind="reminder",
        text=f"À faire avant le {say_date(task.due_at)}\u202f: «\u202f{task.name}\u202f».",
        now=now,
    )
    db.execute(
        sa.update(TaskOffer)
        .where(TaskOffer.task_id == task.id)
        .values(reminded_at=now)
        .execution_options(synchronize_session=False)
    )


@handlers.timer("escalation")
def escalate(db: Session, timer: Timer, *, now: datetime) -> None:
    """Those the deadline's row names; without them, everybody who can do the task."""
    task = _open_task(db, timer)
    if task is None or task.due_at is None:
        return
    _tell(
        db,
        task,
        _called(db, task) or people_offered(db, task.id),
        kind="escalation",
        text=(
            f"En retard depuis le {say_date(task.due_at)}\u202f: «\u202f{task.name}\u202f» "
            f"({task.lane})."
        ),
        now=now,
    )


@handlers.timer(holds.TIMER)
def come_back(db: Session, timer: Timer, *, now: datetime) -> None:
    """The day somebody put a task off to: it is asked about again, by whoever said so too."""
    task = _open_task(db, timer)
    held = holds.end_day(db, task_id=task.id, now=now) if task is not None else None
    if task is None or held is None:
        return  # done, taken up again, or put off once more
    people = {person.id for person in _concerned(db, task)} | {held.user_id}
    words = "bloquée" if held.kind == Hold.BLOCKED else "reportée à aujourd’hui"
    notify(
        db,
        user_ids=people,
        key=f"hold:{task.id}:{held.until_date:%Y-%m-%d}",
        kind="hold",
        text=f"À reprendre\u202f: «\u202f{task.name}\u202f», {words} ({held.reason})."[:300],
        case_id=task.case_id,
        task_id=task.id,
        now=now,
    )


def _open_task(db: Session, timer: Timer) -> Task | None:
    task = db.get(Task, timer.task_id) if timer.task_id else None
    return task if task is not None and task.is_open else None


def _concerned(db: Session, task: Task) -> Sequence[User]:
    holder = db.scalar(
        sa.select(TaskOffer.assignee_id).where(TaskOffer.task_id == task.id).limit(1)
    )
    if holder is not None:
        return [db.get_one(User, holder)]
    return people_offered(db, task.id)


def _called(db: Session, task: Task) -> Sequence[User]:
    """The holders of the escalation's role: designated in the case, else in its unit or RCP."""
    deadline = db.get(TaskDeadline, task.id)
    role = ROLES.get(deadline.rule.get("escalation", "") if deadline else "")
    episode = db.get(Episode, task.case_id)
    if role is None or episode is None:
        return []
    designated = db.scalars(
        sa.select(User)
        .join(CareTeamMember, CareTeamMember.user_id == User.id)
        .where(
            User.active,
            CareTeamMember.case_id == task.case_id,
            CareTeamMember.role == role.code,
            CareTeamMember.until_at.is_(None),
        )
    ).all()
    if designated:
        return designated
    if role.scope is not Scope.RCP:
        return people_in(db, [unit_audience(episode.unit_id, role.code)])
    rcp_id = db.scalar(sa.select(TaskOffer.rcp_id).where(TaskOffer.task_id == task.id).limit(1))
    return people_in(db, [rcp_audience(rcp_id, role.code)]) if rcp_id else []


def _tell(
    db: Session, task: Task, people: Sequence[User], *, kind: str, text: str, now: datetime
) -> None:
    notify(
        db,
        user_ids=[person.id for person in people],
        key=f"{kind}:{task.id}:{task.due_at:%Y-%m-%d}",  # a re-dated task reminds again
        kind=kind,
        text=text,
        case_id=task.case_id,
        task_id=task.id,
        now=now,
    )
