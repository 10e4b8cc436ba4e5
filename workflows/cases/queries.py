"""Questions about one case: its page's heading, its steps, what one person may do with each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from engine import queries as engine_queries
from engine.models import Case, Task, TaskState
from workflows.access import (
    may_complete,
    permissions_in,
    reach_of,
    require_case,
    require_task,
    visible_cases,
)
from workflows.cases.care_team import care_team
from workflows.cases.holds import holds_of
from workflows.cases.models import CareTeamMember, Episode, TaskDraft, TaskHold, TaskOffer
from workflows.consent.queries import is_opposed, obstacle_to_sharing
from workflows.patients.models import Patient
from workflows.patients.trust import obstacle_to_sharing as identity_obstacle
from workflows.roles import Permission
from workflows.staff import queries as staff_queries
from workflows.staff.models import Unit, User


@dataclass(frozen=True)
class Heading:
    """What stays on top of every page of a case."""

    case: Case
    episode: Episode
    patient: Patient
    unit: Unit
    team: Sequence[CareTeamMember]
    permissions: frozenset[Permission]
    is_opposed: bool
    obstacle_to_sharing: str | None


@dataclass(frozen=True)
class Step:
    """One task of the case as a list shows it."""

    task: Task
    phase: str
    assignee: User | None
    done_by: str
    is_late: bool
    is_mine: bool  # may be done by the person who looks
    hold: TaskHold | None = None


@dataclass(frozen=True)
class OpenedTask:
    """A task's page: what is asked in which case, who is on it, what was already typed."""

    task: Task
    heading: Heading
    assignee: User | None
    draft: TaskDraft | None
    may_complete: bool
    done_by: str
    hold: TaskHold | None


def heading(
    db: Session, *, case_id: int, user: User, now: datetime, action: str = "case.read"
) -> Heading:
    """The right is checked and the access written down here, once per page."""
    require_case(db, user, case_id, now, action=action)
    return _heading(db, case_id, user)


def task_page(db: Session, *, task_id: int, user: User, now: datetime) -> OpenedTask:
    task = require_task(db, user, task_id, now)
    return OpenedTask(
        task=task,
        heading=_heading(db, task.case_id, user),
        assignee=assignees(db, [task_id]).get(task_id),
        draft=db.get(TaskDraft, task_id),
        may_complete=may_complete(db, user, task),
        done_by=staff_queries.actor_name(db, task.completed_by) if task.completed_by else "",
        hold=holds_of(db, [task_id]).get(task_id) if task.is_open else None,
    )


def open_steps(db: Session, *, case_id: int, user: User, now: datetime) -> list[Step]:
    """What waits for a person, the most pressing first."""
    return _steps(db, engine_queries.open_tasks(db, case_id), user, now)


def done_steps(db: Session, *, case_id: int, user: User, now: datetime) -> list[Step]:
    """What was done, the latest first; withdrawn steps are no one's doing and left out."""
    return _steps(db, engine_queries.history(db, case_id), user, now)


def assignees(db: Session, task_ids: Sequence[int]) -> dict[int, User]:
    """Who has taken which task."""
    rows = db.execute(
        sa.select(TaskOffer.task_id, User)
        .join(User, User.id == TaskOffer.assignee_id)
        .where(TaskOffer.task_id.in_(task_ids))
    )
    return {row[0]: row[1] for row in rows}


def cases_of_patient(db: Session, *, patient_id: int, user: User) -> list[Episode]:
    """The patient's cases that this person may read; the others stay unknown."""
    return list(
        db.scalars(
            sa.select(Episode)
            .join(Episode.unit)
            .where(
                Episode.patient_id == patient_id,
                Episode.case_id.in_(visible_cases(reach_of(db, user))),
            )
            .options(contains_eager(Episode.unit))
            .order_by(Episode.opened_at.desc())
        )
    )


def next_step_for(db: Session, *, case_id: int, user: User, now: datetime) -> Task | None:
    """After a step is done: the most pressing of those this person may go on with."""
    return next(
        (
            step.task
            for step in open_steps(db, case_id=case_id, user=user, now=now)
            if step.is_mine
        ),
        None,
    )


def _heading(db: Session, case_id: int, user: User) -> Heading:
    episode = db.scalars(
        sa.select(Episode)
        .where(Episode.case_id == case_id)
        .options(joinedload(Episode.patient), joinedload(Episode.unit))
    ).one()
    data = engine_queries.case_data(db, case_id)
    return Heading(
        case=engine_queries.case(db, case_id),
        episode=episode,
        patient=episode.patient,
        unit=episode.unit,
        team=care_team(db, case_id),
        permissions=permissions_in(db, user, case_id),
        is_opposed=is_opposed(data),
        obstacle_to_sharing=identity_obstacle(episode.patient) or obstacle_to_sharing(data),
    )


def _steps(db: Session, tasks: Sequence[Task], user: User, now: datetime) -> list[Step]:
    if not tasks:
        return []
    titles = engine_queries.release_of(db, tasks[0].case_id).titles
    waiting = [task.id for task in tasks if task.is_open]
    taken = assignees(db, waiting) if waiting else {}
    held = holds_of(db, waiting) if waiting else {}
    names = staff_queries.actor_names(db, [task.completed_by for task in tasks])
    reach = reach_of(db, user)
    return [
        Step(
            task=task,
            phase=titles.get(task.definition, task.definition),
            assignee=taken.get(task.id),
            done_by=names.get(task.completed_by or "", ""),
            is_late=task.state == TaskState.OPEN and task.due_at is not None and task.due_at < now,
            is_mine=may_complete(db, user, task, reach=reach),
            hold=held.get(task.id),
        )
        for task in tasks
    ]
