"""A person of a team that handed a case over comes in; what that team did until then goes out.

Domain §11 X06: rights moved, history kept. Nothing of what came afterwards is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from engine import audit
from engine.errors import NotFound
from engine.models import Task, TaskState
from workflows.access import can_read_case, reach_of
from workflows.access.reach import permissions_of
from workflows.cases.handover import former_team
from workflows.cases.models import Episode, FormerTeam
from workflows.records import queries as records
from workflows.records.models import Record, RecordStatus
from workflows.roles import Permission
from workflows.staff.models import User

ANSWER = "accept_transfer"


@dataclass(frozen=True)
class Former:
    """A case as its former team left it."""

    episode: Episode
    until_at: datetime
    steps: Sequence[Task]  # the latest first
    records: Sequence[Record]


@dataclass(frozen=True)
class Line:
    episode: Episode
    until_at: datetime


def handed_over(db: Session, user: User) -> list[Line]:
    """The cases this person's units followed and follow no more, the latest first."""
    rows = db.execute(
        sa.select(Episode, FormerTeam.until_at)
        .join(FormerTeam, FormerTeam.case_id == Episode.case_id)
        .where(FormerTeam.unit_id.in_(_units(db, user)))
        .options(joinedload(Episode.patient), joinedload(Episode.unit))
        .order_by(FormerTeam.until_at.desc(), FormerTeam.id.desc())
    )
    found: dict[int, Line] = {}
    for episode, until_at in rows:
        found.setdefault(episode.case_id, Line(episode, until_at))
    return [line for line in found.values() if not can_read_case(db, user, line.episode.case_id)]


def what_was_done(db: Session, *, case_id: int, user: User, now: datetime) -> Former:
    """The steps finished and the documents approved while this person's unit followed the case."""
    until_at = _until(db, case_id, user)
    audit.record(db, actor=user.actor, action="case.read_former", now=now, case_id=case_id)
    episode = db.get_one(
        Episode, case_id, options=[joinedload(Episode.patient), joinedload(Episode.unit)]
    )
    steps = db.scalars(
        sa.select(Task)
        .where(
            Task.case_id == case_id,
            Task.state == TaskState.DONE,
            Task.completed_at <= until_at,
            Task.form != ANSWER,  # the other team's
        )
        .order_by(Task.completed_at.desc(), Task.id.desc())
    ).all()
    kept = [one for one in records.records_of(db, case_id) if _is_theirs(one, until_at)]
    return Former(episode, until_at, steps, kept)


def may_read_record(db: Session, *, record: Record, user: User) -> bool:
    """A document that was approved while this person's unit followed the case."""
    team = former_team(db, case_id=record.case_id, unit_ids=frozenset(_units(db, user)))
    return team is not None and _is_theirs(record, team.until_at)


def _is_theirs(record: Record, until_at: datetime) -> bool:
    approved = record.approved_at is not None and record.approved_at <= until_at
    return approved and record.status != RecordStatus.DRAFT


def _until(db: Session, case_id: int, user: User) -> datetime:
    team = former_team(db, case_id=case_id, unit_ids=frozenset(_units(db, user)))
    if team is None:
        raise NotFound("Votre équipe n’a pas suivi ce dossier avant une autre.")
    return team.until_at


def _units(db: Session, user: User) -> set[int]:
    """Where this person may read cases."""
    return {
        unit
        for unit, role in reach_of(db, user).units
        if Permission.READ_CASE in permissions_of({role})
    }
