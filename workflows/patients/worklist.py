"""What waits for identitovigilance, and one identity with all that hangs on it, go out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from engine import audit
from workflows.access import Reach, reach_of, require, visible_cases
from workflows.cases.models import Episode
from workflows.patients import (
    correcting,
    doubles,
    doubts,
    history,
    looking_up,
    queries,
    unmerging,
)
from workflows.patients.ins import InsStatus
from workflows.patients.models import (
    IdentityChange,
    IdentityDoubt,
    IdentityPair,
    Patient,
    PatientMerge,
)
from workflows.roles import Permission
from workflows.staff.models import User

VIEWS: dict[str, str] = {
    "doubtful": "En doute",
    "doubles": "Doublons probables",
    "provisional": "Provisoires",
    "merges": "Fusions",
}
PAGE = 50


@dataclass(frozen=True)
class Work:
    """One view of the page « Identités »; the lists of the other views are empty."""

    view: str
    counts: dict[str, int]
    doubtful: Sequence[IdentityDoubt] = ()
    pairs: Sequence[IdentityPair] = ()
    provisional: Sequence[Patient] = ()
    merges: Sequence[PatientMerge] = ()


@dataclass(frozen=True)
class Dossier:
    """One identity: what it is, what is doubted, whom it looks like, what it went through."""

    patient: Patient
    doubt: IdentityDoubt | None
    alike: Sequence[Patient]
    episodes: Sequence[Episode]
    readable: frozenset[int]
    changes: Sequence[IdentityChange]
    merges: Sequence[tuple[PatientMerge, str | None]]  # why it cannot be undone
    may_manage: bool
    may_correct: bool


def work(db: Session, *, user: User, view: str = "doubtful", limit: int = PAGE) -> Work:
    """Names of the whole region: for identitovigilance alone."""
    require(db, user, Permission.MANAGE_IDENTITIES)
    given = Work(view, _counts(db))
    lists = {
        "doubtful": lambda: Work(view, given.counts, doubtful=_doubtful(db, limit)),
        "doubles": lambda: Work(view, given.counts, pairs=doubles.open_pairs(db, limit=limit)),
        "provisional": lambda: Work(view, given.counts, provisional=_provisional(db, limit)),
        "merges": lambda: Work(view, given.counts, merges=_merges(db, limit)),
    }
    return lists.get(view, lists["doubtful"])()


def search(db: Session, *, text: str, user: User, now: datetime) -> Sequence[Patient]:
    return looking_up.look_up(
        db, text=text, user=user, now=now, permission=Permission.MANAGE_IDENTITIES
    )


def dossier(db: Session, *, patient_id: int, user: User, now: datetime) -> Dossier:
    """For identitovigilance and for whoever opens cases; reading an identity is written down."""
    reach = reach_of(db, user)
    manages = reach.may(Permission.MANAGE_IDENTITIES)
    if not manages:
        require(db, user, Permission.OPEN_CASE)
    patient = queries.patient(db, patient_id)
    audit.record(
        db, actor=user.actor, action="patient.read", now=now, object=f"patient:{patient_id}"
    )
    readable = _readable(db, reach, patient_id)
    return Dossier(
        patient=patient,
        doubt=doubts.open_doubt(db, patient_id),
        alike=doubles.unanswered(db, patient_id),
        episodes=[one for one in _episodes(db, patient_id) if manages or one.case_id in readable],
        readable=readable,
        changes=history.history(db, patient_id) if manages else (),
        merges=[
            (one, unmerging.why_not_undone(db, one)) for one in unmerging.merges_of(db, patient_id)
        ]
        if manages
        else (),
        may_manage=manages,
        may_correct=correcting.may_correct(db, user, patient),
    )


def _counts(db: Session) -> dict[str, int]:
    alive = Patient.merged_into_id.is_(None)
    counted = {
        "doubtful": sa.select(sa.func.count()).where(IdentityDoubt.settled_at.is_(None)),
        "provisional": sa.select(sa.func.count()).where(
            alive,
            Patient.ins_status == InsStatus.PROVISIONAL,
            sa.not_(Patient.is_fictional),
            sa.not_(Patient.is_doubtful),
        ),
    }
    return {name: db.scalar(query) or 0 for name, query in counted.items()} | {
        "doubles": len(doubles.open_pairs(db, limit=1000)),
        "merges": db.scalar(sa.select(sa.func.count()).where(PatientMerge.undone_at.is_(None)))
        or 0,
    }


def _doubtful(db: Session, limit: int) -> Sequence[IdentityDoubt]:
    return db.scalars(
        sa.select(IdentityDoubt)
        .where(IdentityDoubt.settled_at.is_(None))
        .options(joinedload(IdentityDoubt.patient))
        .order_by(IdentityDoubt.declared_at)
        .limit(limit)
    ).all()


def _provisional(db: Session, limit: int) -> Sequence[Patient]:
    """The oldest first; those in doubt are in their own list."""
    return db.scalars(
        sa.select(Patient)
        .where(
            Patient.merged_into_id.is_(None),
            Patient.ins_status == InsStatus.PROVISIONAL,
            sa.not_(Patient.is_fictional),
            sa.not_(Patient.is_doubtful),
        )
        .order_by(Patient.created_at, Patient.id)
        .limit(limit)
    ).all()


def _merges(db: Session, limit: int) -> Sequence[PatientMerge]:
    return db.scalars(
        sa.select(PatientMerge)
        .options(joinedload(PatientMerge.survivor), joinedload(PatientMerge.absorbed))
        .order_by(PatientMerge.id.desc())
        .limit(limit)
    ).all()


def _episodes(db: Session, patient_id: int) -> Sequence[Episode]:
    return db.scalars(
        sa.select(Episode)
        .join(Episode.unit)
        .where(Episode.patient_id == patient_id)
        .options(contains_eager(Episode.unit))
        .order_by(Episode.opened_at.desc())
    ).all()


def _readable(db: Session, reach: Reach, patient_id: int) -> frozenset[int]:
    return frozenset(
        db.scalars(
            sa.select(Episode.case_id).where(
                Episode.patient_id == patient_id, Episode.case_id.in_(visible_cases(reach))
            )
        )
    )
