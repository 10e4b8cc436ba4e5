"""A case and filters come in; who saw or did what in it, when, goes out, page by page.

Asking for this journal is itself written down in it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from engine import anchors, audit
from engine.errors import NotFound
from engine.models import AuditEntry, Task
from workflows.access.actions import ACTIONS, KINDS
from workflows.access.cases import require
from workflows.access.reach import RCP_ROLES
from workflows.cases.models import Episode
from workflows.patients.names import normalised
from workflows.patients.queries import search
from workflows.rcp.models import RcpMember
from workflows.roles import ROLES, Permission
from workflows.staff.models import User

PARIS = ZoneInfo("Europe/Paris")
PAGE = 50
_OBJECT = re.compile(r"(\w+):(\d+)")


@dataclass(frozen=True)
class LogFilters:
    text: str = ""  # a part of a person's name
    kind: str = ""  # one of KINDS
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class LogLine:
    at: datetime
    person: User | None  # None: the system itself
    role: str
    kind: str
    object: str
    is_refusal: bool


@dataclass(frozen=True)
class LogPage:
    episode: Episode
    lines: Sequence[LogLine]
    total: int
    people: int
    counts: Mapping[str, int]  # kind → lines, whatever kind is chosen
    first: int
    has_more: bool


@dataclass(frozen=True)
class Integrity:
    """Whether a case's journal is as it was written; `broken_at`: the first line that is not."""

    lines: int
    covered: anchors.Coverage
    broken_at: int | None

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None and self.covered.fault is None

    @property
    def trouble(self) -> str:
        if self.broken_at is not None:
            return f"La ligne {self.broken_at} a été modifiée, retirée ou ajoutée."
        fault = self.covered.fault
        return f"Ancre {fault.position}\u202f: {fault.reason}." if fault else ""


@dataclass(frozen=True)
class Refused:
    """Somebody asked for a case that was not theirs."""

    at: datetime
    person: User | None
    case_id: int
    episode: Episode | None


def case_log(
    db: Session,
    *,
    case_id: int,
    user: User,
    now: datetime,
    filters: LogFilters | None = None,
    first: int = 0,
    limit: int = PAGE,
) -> LogPage:
    """The journal of one case, the latest first, for who may read journals."""
    require(db, user, Permission.READ_AUDIT)
    episode = db.get(Episode, case_id, options=[joinedload(Episode.patient)])
    if episode is None:
        raise NotFound("Ce dossier n’existe pas.")
    audit.record(db, actor=user.actor, action="audit.read", now=now, case_id=case_id)
    wanted = filters or LogFilters()
    conditions = [AuditEntry.case_id == case_id, *_conditions(db, wanted)]
    totals = _counts(db, conditions)
    chosen = [*conditions, *_of_kind(wanted.kind)]
    entries = db.scalars(
        sa.select(AuditEntry)
        .where(*chosen)
        .order_by(AuditEntry.position.desc())
        .offset(first)
        .limit(limit + 1)
    ).all()
    total = totals.get(wanted.kind, 0) if wanted.kind else sum(totals.values())
    return LogPage(
        episode=episode,
        lines=_lines(db, entries[:limit]),
        total=total,
        people=_people(db, chosen),
        counts=totals,
        first=first,
        has_more=len(entries) > limit,
    )


def recent_refusals(db: Session, *, user: User, limit: int = 20) -> list[Refused]:
    """Who asked in vain for which case, everywhere, the latest first."""
    require(db, user, Permission.READ_AUDIT)
    entries = db.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.action.endswith(".refused"))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
    ).all()
    people = _users(db, entries)
    episodes = _episodes(db, {entry.case_id for entry in entries})
    return [
        Refused(entry.at, people.get(entry.actor), entry.case_id, episodes.get(entry.case_id))
        for entry in entries
    ]


def cases_to_audit(db: Session, *, text: str, user: User, now: datetime) -> list[Episode]:
    """The cases of the patients these words mean; looking for them is written down."""
    require(db, user, Permission.READ_AUDIT)
    if not text.strip():
        return []
    audit.record(db, actor=user.actor, action="audit.searched", now=now)
    patients = [patient.id for patient in search(db, text)]
    return list(
        db.scalars(
            sa.select(Episode)
            .where(Episode.patient_id.in_(patients))
            .options(joinedload(Episode.patient), joinedload(Episode.unit))
            .order_by(Episode.opened_at.desc())
        )
    )


def integrity(db: Session, case_id: int, *, trusted: Collection[str]) -> Integrity:
    """What `./hent audit verify` says of this case: its chain, and the anchors that hold it."""
    covered = anchors.of_case(db, case_id, trusted=trusted)
    broken = next(audit.verify(db, case_id=case_id), None)
    lines = sa.select(sa.func.count(AuditEntry.id)).where(AuditEntry.case_id == case_id)
    return Integrity(
        lines=db.scalar(lines) or 0,
        covered=covered,
        broken_at=broken.position if broken else None,
    )


def _conditions(db: Session, filters: LogFilters) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if filters.since:
        found.append(AuditEntry.at >= _midnight(filters.since))
    if filters.until:
        found.append(AuditEntry.at < _midnight(filters.until + timedelta(days=1)))
    if words := normalised(filters.text):
        people = db.scalars(
            sa.select(User.id).where(User.name_key.contains(words, autoescape=True))
        )
        found.append(AuditEntry.actor.in_([f"user:{one}" for one in people]))
    return found


def _of_kind(kind: str) -> list[sa.ColumnElement[bool]]:
    if kind not in KINDS:
        return []
    refused = AuditEntry.action.endswith(".refused")
    if kind == "refusal":
        return [refused]
    others = [name for name, (of, _label) in ACTIONS.items() if of != kind]
    named = AuditEntry.action.in_([name for name, (of, _label) in ACTIONS.items() if of == kind])
    # What this page does not know by name was a change: nothing is hidden.
    chosen = AuditEntry.action.not_in(others) if kind == "change" else named
    return [chosen, sa.not_(refused)]


def _counts(db: Session, conditions: Sequence[sa.ColumnElement[bool]]) -> dict[str, int]:
    rows = db.execute(
        sa.select(AuditEntry.action, sa.func.count())
        .where(*conditions)
        .group_by(AuditEntry.action)
    )
    counts = dict.fromkeys(KINDS, 0)
    for action, number in rows:
        counts[_kind(action)] += number
    return counts


def _people(db: Session, conditions: Sequence[sa.ColumnElement[bool]]) -> int:
    return (
        db.scalar(
            sa.select(sa.func.count(sa.distinct(AuditEntry.actor))).where(
                *conditions, AuditEntry.actor.startswith("user:")
            )
        )
        or 0
    )


def _lines(db: Session, entries: Sequence[AuditEntry]) -> list[LogLine]:
    people = _users(db, entries)
    tasks = _task_names(db, entries)
    in_rcps = _rcp_roles(db, [person.id for person in people.values()])
    return [
        LogLine(
            at=entry.at,
            person=people.get(entry.actor),
            role=_role(people.get(entry.actor), in_rcps),
            kind=_kind(entry.action),
            object=_object(entry, tasks),
            is_refusal=entry.action.endswith(".refused"),
        )
        for entry in entries
    ]


def _kind(action: str) -> str:
    if action.endswith(".refused"):
        return "refusal"
    return ACTIONS.get(action, ("change", ""))[0]


def _object(entry: AuditEntry, tasks: Mapping[int, str]) -> str:
    """« Étape terminée : Valider la fiche de RCP »"""
    label = ACTIONS.get(entry.action.removesuffix(".refused"), ("", "Dossier"))[1]
    found = _OBJECT.fullmatch(entry.object or "")
    if found and found[1] == "task" and int(found[2]) in tasks:
        return f"{label}\u202f: {tasks[int(found[2])]}"
    return label


def _role(person: User | None, in_rcps: Mapping[int, str]) -> str:
    """What the person does and where; the first unit speaks for the others."""
    if person is None:
        return "Automatique"
    place = next((held.unit for held in person.memberships if held.unit), None)
    held = ", ".join(ROLES[code].label for code in sorted(person.role_codes))
    job = person.occupation or held or in_rcps.get(person.id, "")
    return ", ".join(filter(None, (job, place.establishment.short_name if place else "")))


def _rcp_roles(db: Session, user_ids: Sequence[int]) -> dict[int, str]:
    """For those who hold a role in an RCP only: « Secrétariat de RCP »."""
    rows = db.execute(
        sa.select(RcpMember.user_id, RcpMember.function).where(RcpMember.user_id.in_(user_ids))
    )
    return {row.user_id: ROLES[RCP_ROLES[row.function][0]].label for row in rows}


def _users(db: Session, entries: Sequence[AuditEntry]) -> dict[str, User]:
    ids = {int(entry.actor[5:]) for entry in entries if entry.actor.startswith("user:")}
    found = db.scalars(
        sa.select(User).where(User.id.in_(ids)).options(joinedload(User.memberships))
    ).unique()
    return {person.actor: person for person in found}


def _task_names(db: Session, entries: Sequence[AuditEntry]) -> dict[int, str]:
    found = (_OBJECT.fullmatch(entry.object or "") for entry in entries)
    ids = {int(one[2]) for one in found if one and one[1] == "task"}
    rows = db.execute(sa.select(Task.id, Task.name).where(Task.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _episodes(db: Session, case_ids: set[int]) -> dict[int, Episode]:
    found = db.scalars(
        sa.select(Episode)
        .where(Episode.case_id.in_(case_ids))
        .options(joinedload(Episode.patient))
    )
    return {episode.case_id: episode for episode in found}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=PARIS)
