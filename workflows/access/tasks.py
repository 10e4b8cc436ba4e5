"""A person and a task come in; the task, readable or doable by that person, or a refusal, out."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import Forbidden, NotFound
from engine.models import Task
from workflows.access.audiences import (
    Kind,
    is_whole_team,
    kind_of,
    place_of,
    rcp_audience,
)
from workflows.access.cases import require_case
from workflows.access.reach import Reach, reach_of
from workflows.cases.models import Episode, TaskOffer
from workflows.roles import LANES, RCP_COORDINATOR, RCP_SECRETARY, Scope
from workflows.staff.models import User

# In a meeting the secretary types what the physicians say (R12–R14). Nothing medical is validated
# by it: each sheet is then approved, singly, by the coordinator or a deputy (R18).
TYPED_IN_MEETING = frozenset({"discuss_case", "register_conforming_case", "record_rcp_decision"})
# Who else may do a step of an RCP, that it asks of others: « COORD/SEC » sort an inscription (R06).
ALSO_IN_RCP = dict.fromkeys(TYPED_IN_MEETING, RCP_SECRETARY.code) | {
    "accept_registration": RCP_COORDINATOR.code
}


# Built once, and past the session, which holds no offers as objects.
_TABLE: Any = TaskOffer.__table__
_OFFERS = sa.select(_TABLE.c["audience_id", "assignee_id"]).where(
    _TABLE.c.task_id == sa.bindparam("task_id")
)


def require_task(
    db: Session,
    user: User,
    task_id: int,
    now: datetime,
    *,
    action: str = "task.read",
    written: bool = True,
    reach: Reach | None = None,
) -> Task:
    """A task of a case this person may read; open or not."""
    task = db.get(Task, task_id)
    if task is None:
        raise NotFound("Cette étape n’existe pas.")
    require_case(db, user, task.case_id, now, action=action, written=written, reach=reach)
    return task


def may_complete(db: Session, user: User, task: Task, *, reach: Reach | None = None) -> bool:
    """Offered to this person, taken by them, or theirs by the role they hold in the case's unit.

    A colleague of the same role stands in for the designated one: absence never blocks a case.
    """
    if not task.is_open:
        return False
    reach = reach or reach_of(db, user)
    offers = db.execute(_OFFERS, {"task_id": task.id}).all()
    if any(assignee == user.id for _audience, assignee in offers):
        return True
    if any(a in reach.audiences and not is_whole_team(a) for a, _assignee in offers):
        return True
    if task.form in ALSO_IN_RCP and any(
        rcp_audience(place_of(audience), ALSO_IN_RCP[task.form]) in reach.audiences
        for audience, _assignee in offers
        if kind_of(audience) is Kind.RCP
    ):
        return True
    role = LANES.get(task.lane)
    if role is None or role.scope is not Scope.UNIT:
        return False
    episode = db.get_one(Episode, task.case_id)
    return (episode.unit_id, role.code) in reach.units


def require_right_to_complete(
    db: Session, user: User, task: Task, *, reach: Reach | None = None
) -> None:
    """The refusal says whose step it is and who can change that."""
    if not may_complete(db, user, task, reach=reach):
        raise Forbidden(
            f"Cette étape revient au rôle «\u202f{task.lane}\u202f»\u202f: elle n’est pas à vous. "
            "Une personne de ce rôle, ou l’IDEC, peut vous l’attribuer."
        )


def require_doable_task(db: Session, user: User, task_id: int, now: datetime) -> Task:
    """A task this person may type in or take; one that is finished comes back too.

    The verb that follows writes its own audit line.
    """
    reach = reach_of(db, user)
    task = require_task(db, user, task_id, now, action="task.change", written=False, reach=reach)
    if task.is_open:
        require_right_to_complete(db, user, task, reach=reach)
    return task
