"""An open task changes hands: somebody takes it, gives it back, or is asked to do it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.errors import AlreadyCompleted, Conflict, Forbidden, Invalid
from engine.models import Task
from workflows.access import (
    may_complete,
    permissions_in,
    reach_of,
    require_case,
    require_doable_task,
    require_task,
)
from workflows.cases import offers
from workflows.cases.audience import people_offered
from workflows.cases.models import TaskOffer
from workflows.notices.operations import notify
from workflows.roles import LANES, RADIOGRAPHER, REFERRING_PHYSICIAN, SECRETARY, Permission
from workflows.staff import queries as staff_queries
from workflows.staff.models import User

# Domain §11: whom a step may also be given to, or may take upon themselves; it stands in no inbox
# of theirs before. R02 « SEC par délégation », A09 « manip. RT », A05 « MR », A11 « MED ».
DELEGATES = {
    "register_for_rcp": SECRETARY.code,
    "nursing_time": RADIOGRAPHER.code,
    "attach_awaited_document": REFERRING_PHYSICIAN.code,
    "g8_score": REFERRING_PHYSICIAN.code,
}


def claim(db: Session, *, task_id: int, user: User, now: datetime) -> Task:
    """« Prendre »: colleagues see who is on it. Taking twice is taking once."""
    task = require_open(require_doable_task(db, user, task_id, now))
    holder = assignee_of(db, task_id)
    if holder == user.id:
        return task
    if holder is not None:
        raise Conflict(
            f"{staff_queries.user(db, holder).display_name} a déjà pris cette étape. "
            "Demandez-lui de la rendre, ou à l’IDEC de vous l’attribuer."
        )
    offers.assign(db, task, user.id)
    write_down(db, task, "task.claimed", user=user, now=now)
    return task


def release(db: Session, *, task_id: int, user: User, now: datetime) -> Task:
    """« Rendre »: the task goes back to everybody it was offered to."""
    task = require_open(require_task(db, user, task_id, now, written=False))
    holder = assignee_of(db, task_id)
    if holder is None:
        return task
    if holder != user.id:
        _require_assigner(db, user, task)
    offers.assign(db, task, None)
    write_down(db, task, "task.released", user=user, now=now)
    return task


def assign(
    db: Session, *, task_id: int, to_user_id: int, user: User, now: datetime, reason: str = ""
) -> Task:
    """« Attribuer » to somebody who holds the role; this person is told and may open the case."""
    task = require_open(require_task(db, user, task_id, now, written=False))
    require_hand(db, user, task)
    target = staff_queries.user(db, to_user_id)
    if not _may_be_given(db, task, target):
        raise Invalid(
            f"{target.display_name} n’exerce pas le rôle «\u202f{task.lane}\u202f»\u202f: "
            "choisissez une personne de ce rôle."
        )
    offers.assign(db, task, target.id)
    write_down(db, task, "task.assigned", user=user, now=now, to=target.id, reason=reason)
    if target.id != user.id:
        notify(
            db,
            user_ids=[target.id],
            key=f"assigned:{task.id}:{now:%Y%m%d%H%M%S}",
            kind="assigned",
            text=f"{user.display_name} vous a attribué «\u202f{task.name}\u202f».",
            case_id=task.case_id,
            task_id=task.id,
            now=now,
        )
    return task


def _may_be_given(db: Session, task: Task, target: User) -> bool:
    """Somebody of those roles, or whom the step is offered to already."""
    wanted = _roles(task)
    holds_it = not wanted or not wanted.isdisjoint(reach_of(db, target).roles)
    return target.active and (holds_it or _is_offered(db, task, target))


def _roles(task: Task) -> set[str]:
    """Of its lane, and of those it may be delegated to; none in a diagram without lanes."""
    lane = LANES.get(task.lane)
    if lane is None:
        return set()
    return {lane.code} | ({DELEGATES[task.form]} if task.form in DELEGATES else set())


def assignee_of(db: Session, task_id: int) -> int | None:
    return db.scalar(sa.select(TaskOffer.assignee_id).where(TaskOffer.task_id == task_id).limit(1))


def candidates(db: Session, *, task_id: int, user: User, now: datetime) -> list[User]:
    """Whom this task can be given to: those it is offered to, then those of the role on site."""
    task = require_task(db, user, task_id, now, written=False)
    episode = require_case(db, user, task.case_id, now, written=False)
    found = {person.id: person for person in people_offered(db, task_id)}
    for role in _roles(task):
        for person in staff_queries.colleagues(
            db, role=role, establishment_id=episode.establishment_id
        ):
            found.setdefault(person.id, person)
    return sorted(found.values(), key=lambda person: (person.name_key, person.id))


def _is_offered(db: Session, task: Task, person: User) -> bool:
    """Theirs too, by what the case says (`also_offered`)."""
    return any(one.id == person.id for one in people_offered(db, task.id))


def require_open(task: Task) -> Task:
    """The task, unless somebody was quicker."""
    if not task.is_open:
        raise AlreadyCompleted("Cette étape n’est plus à faire.", task.id)
    return task


def require_hand(db: Session, user: User, task: Task) -> None:
    """Who may do the task decides about it, and so does who may give it to others."""
    if not may_complete(db, user, task):
        _require_assigner(db, user, task)


def _require_assigner(db: Session, user: User, task: Task) -> None:
    if Permission.ASSIGN_TASK not in permissions_in(db, user, task.case_id):
        raise Forbidden("Vos rôles dans ce dossier ne permettent pas de décider de cette étape.")


def write_down(
    db: Session, task: Task, action: str, *, user: User, now: datetime, **detail: object
) -> None:
    """In the journal: who moved this task, gave it or put it off."""
    audit.record(
        db,
        actor=user.actor,
        action=action,
        now=now,
        case_id=task.case_id,
        object=f"task:{task.id}",
        detail=detail,
    )
