"""A person comes in; what the pages of RCPs show goes out: sessions, agendas, the quorum to expect."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

import forms
from engine.models import Case, Datum, Instance, Revision, Task, TaskState
from workflows.access import Reach, reach_of, visible_cases
from workflows.cases.models import CaseAccess, Episode
from workflows.library import library_of
from workflows.pathways.orientation import orientations
from workflows.rcp import completeness, correction, queries, rights
from workflows.rcp.models import Rcp, RcpMember, RcpSession, Registration
from workflows.rcp.models import RegistrationState as State
from workflows.staff import queries as staff
from workflows.staff.models import User

RECENT = timedelta(days=90)
SHOWN = (
    *completeness.READ,
    *("rcp_reason", "cancer_phase", "discussion_minutes"),
    *("organ", "complex_surgery"),  # what the choice of an RCP turns on
)


@dataclass(frozen=True)
class SessionLine:
    """One session in a list: how many cases, how many complete, what is left to accept."""

    meeting: RcpSession
    registered: int
    complete: int
    to_accept: int
    may_run: bool
    is_member: bool


@dataclass(frozen=True)
class AgendaLine:
    """One passage of one case, as a table or the side of a meeting shows it."""

    registration: Registration
    episode: Episode
    requester: str
    facts: Mapping[str, Any]
    missing: tuple[str, ...]  # in words; nothing when the file is complete
    advice: tuple[str, ...]  # which RCP the rules ask for, in sentences
    tasks: Mapping[str, Task]  # open, by form
    moved_to: RcpSession | None  # where it went when it was put off
    correction: Task | None  # the step of a correction of its sheet, while one is under way

    @property
    def is_complete(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class DirectoryEntry:
    rcp: Rcp
    members: Sequence[tuple[RcpMember, User]]
    next: RcpSession | None
    functions: frozenset[str]  # what the person who looks does in it


def sessions_ahead(db: Session, user: User, now: datetime) -> list[SessionLine]:
    """Those of my RCPs and those that will hear a case of mine; one that still sits is ahead."""
    open_since = now - timedelta(hours=12)
    return _sessions(db, user, RcpSession.starts_at >= open_since, RcpSession.ended_at.is_(None))


def sessions_past(db: Session, user: User, now: datetime) -> list[SessionLine]:
    """The latest first."""
    lines = _sessions(
        db,
        user,
        RcpSession.starts_at >= now - RECENT,
        sa.or_(RcpSession.ended_at.is_not(None), RcpSession.starts_at < now - timedelta(hours=12)),
    )
    return lines[::-1]


def directory(db: Session, user: User, now: datetime) -> list[DirectoryEntry]:
    """Every RCP of the region, whoever asks: one has to find where to present a case."""
    entries = queries.directory(db)
    people = defaultdict(list)
    rows = db.execute(
        sa.select(RcpMember, User).join(User, User.id == RcpMember.user_id).order_by(RcpMember.id)
    )
    for member, person in rows:
        people[member.rcp_id].append((member, person))
    return [
        DirectoryEntry(
            entry,
            people[entry.id],
            queries.next_session(db, rcp_id=entry.id, after=now),
            frozenset(m.function for m, person in people[entry.id] if person.id == user.id),
        )
        for entry in entries
    ]


def members(db: Session, rcp_id: int) -> Sequence[tuple[RcpMember, User]]:
    rows = db.execute(
        sa.select(RcpMember, User)
        .join(User, User.id == RcpMember.user_id)
        .where(RcpMember.rcp_id == rcp_id, User.active)
        .order_by(User.name_key, RcpMember.id)
    )
    return [(member, person) for member, person in rows]


def agenda(db: Session, user: User, session_id: int) -> list[AgendaLine]:
    """The passages of a session whose case this person may read, in their order."""
    visible = visible_cases(reach_of(db, user))
    mine = set(db.scalars(visible.where(_case_in_session(session_id))))
    rows = [row for row in queries.agenda(db, session_id) if row.case_id in mine]
    return lines(db, rows)


def lines(db: Session, rows: Sequence[Registration]) -> list[AgendaLine]:
    """Some questions for the whole agenda, however long."""
    episodes = _episodes(db, [row.case_id for row in rows])
    facts = _facts(db, rows)
    # Held until the lines are made: what asks for one of them then finds it without a question.
    _held = _diagrams(db, [row.instance_id for row in rows])
    libraries = _libraries(db, list(episodes))
    tasks = _tasks(db, [row.instance_id for row in rows])
    moved = _moved(db, [row.id for row in rows])
    correcting = correction.corrections(db, list(episodes))
    names = staff.actor_names(db, [row.requested_by for row in rows])
    return [
        AgendaLine(
            registration=row,
            episode=episodes[row.case_id],
            requester=names.get(row.requested_by, ""),
            facts=facts[row.id],
            missing=completeness.missing(facts[row.id], libraries[row.case_id]),
            advice=_advice(db, row, facts[row.id]),
            tasks=tasks[row.instance_id] if row.id not in moved else {},
            moved_to=moved.get(row.id),
            correction=correcting.get(row.instance_id),
        )
        for row in rows
    ]


def _sessions(db: Session, user: User, *conditions: Any) -> list[SessionLine]:
    reach = reach_of(db, user)
    brought = sa.select(Registration.session_id).where(
        Registration.case_id.in_(visible_cases(reach))
    )
    meetings = db.scalars(
        sa.select(RcpSession)
        .where(
            sa.or_(RcpSession.rcp_id.in_(sorted(reach.rcp_ids)), RcpSession.id.in_(brought)),
            *conditions,
        )
        .options(joinedload(RcpSession.rcp))
        .order_by(RcpSession.starts_at, RcpSession.id)
        .limit(60)
    ).all()
    passages = _passages(db, reach, [meeting.id for meeting in meetings])
    return [_session_line(reach, meeting, passages[meeting.id]) for meeting in meetings]


def _session_line(
    reach: Reach, meeting: RcpSession, passages: Sequence[tuple[Registration, bool]]
) -> SessionLine:
    counted = [(row, complete) for row, complete in passages if row.state != State.REFUSED]
    return SessionLine(
        meeting=meeting,
        registered=len(counted),
        complete=sum(complete for _row, complete in counted),
        to_accept=sum(row.state == State.SUBMITTED for row, _complete in counted),
        may_run=rights.may_run(reach, meeting.rcp_id),
        is_member=rights.is_member(reach, meeting.rcp_id),
    )


def _passages(
    db: Session, reach: Reach, session_ids: Sequence[int]
) -> Mapping[int, list[tuple[Registration, bool]]]:
    rows = db.scalars(
        sa.select(Registration).where(
            Registration.session_id.in_(session_ids),
            Registration.case_id.in_(visible_cases(reach)),
        )
    ).all()
    facts = _facts(db, rows)
    found: dict[int, list[tuple[Registration, bool]]] = defaultdict(list)
    for row in rows:
        found[row.session_id].append((row, not completeness.missing(facts[row.id], None)))
    return found


def _diagrams(db: Session, instance_ids: Collection[int]) -> Sequence[sa.Row[Instance, Revision]]:
    return db.execute(
        sa.select(Instance, Revision)
        .join(Revision, Revision.id == Instance.revision_id)
        .where(Instance.id.in_(instance_ids))
    ).all()


def _advice(db: Session, row: Registration, facts: Mapping[str, Any]) -> tuple[str, ...]:
    found = orientations(db, instance_id=row.instance_id, facts=facts)
    return tuple(one.advice for one in sorted(found, key=lambda one: not one.is_mandatory))


def _libraries(db: Session, case_ids: Collection[int]) -> Mapping[int, forms.Library]:
    rows = db.execute(sa.select(Case.id, Case.revision_id).where(Case.id.in_(case_ids))).all()
    known = {number: library_of(db, number) for number in {row.revision_id for row in rows}}
    return {row.id: known[row.revision_id] for row in rows}


def _facts(db: Session, rows: Iterable[Registration]) -> Mapping[int, dict[str, Any]]:
    """The case's answers, then those of the RCP's own diagram over them, then the registration's."""
    passages = list(rows)
    case_ids = {row.case_id for row in passages}
    found: dict[tuple[int, int], dict[str, Any]] = defaultdict(dict)
    for datum in db.execute(
        sa.select(Datum.case_id, Datum.instance_id, Datum.name, Datum.value).where(
            Datum.case_id.in_(case_ids), Datum.name.in_(SHOWN)
        )
    ):
        found[datum.case_id, datum.instance_id][datum.name] = datum.value
    return {
        row.id: found[row.case_id, 0]
        | found[row.case_id, row.instance_id]
        | ({"question": row.question} if row.question else {})
        for row in passages
    }


def _episodes(db: Session, case_ids: Collection[int]) -> Mapping[int, Episode]:
    found = db.scalars(
        sa.select(Episode)
        .where(Episode.case_id.in_(case_ids))
        .options(joinedload(Episode.patient), joinedload(Episode.unit))
    )
    return {episode.case_id: episode for episode in found}


def _tasks(db: Session, instance_ids: Collection[int]) -> Mapping[int, dict[str, Task]]:
    found: dict[int, dict[str, Task]] = defaultdict(dict)
    for task in db.scalars(
        sa.select(Task).where(Task.instance_id.in_(instance_ids), Task.state == TaskState.OPEN)
    ):
        found[task.instance_id][task.form] = task
    return found


def _moved(db: Session, registration_ids: Collection[int]) -> Mapping[int, RcpSession]:
    rows = db.scalars(
        sa.select(Registration)
        .where(Registration.postponed_from_id.in_(registration_ids))
        .options(joinedload(Registration.session))
    )
    return {row.postponed_from_id: row.session for row in rows if row.postponed_from_id}


def _case_in_session(session_id: int) -> sa.ColumnElement[bool]:
    return CaseAccess.case_id.in_(
        sa.select(Registration.case_id).where(Registration.session_id == session_id)
    )
