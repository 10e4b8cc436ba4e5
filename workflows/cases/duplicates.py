"""Two running cases of one tumour come in; a physician closes the one too many, and nothing is lost.

One case is one tumour episode of one patient (domain §11, rule 1): after a merge of identities, or
an opening in haste, the same tumour may have two. Cases are never merged by themselves: what was
written stays where it was written, the closed case names the one that goes on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit, runtime
from engine.errors import Conflict
from engine.models import AuditEntry, Case, CaseState
from workflows.access import reach_of, require_case, require_permission, visible_cases
from workflows.cases.models import CaseAccess, Episode
from workflows.french import say_date
from workflows.records import reissuing
from workflows.roles import Permission
from workflows.staff.models import User

ACTION, KEPT = "case.closed_as_duplicate", "case.kept_of_two"
SECOND, FIRST = "case.second_tumour", "case.has_second_tumour"


def of_the_same_tumour(db: Session, *, case_id: int, user: User) -> Sequence[Episode]:
    """The other cases of this patient for the same organ that are not closed and this person reads."""
    own = db.get(Episode, case_id)
    case = db.get(Case, case_id)
    if own is None or case is None or case.state == CaseState.CLOSED or not own.organ:
        return []
    readable = visible_cases(reach_of(db, user)).where(CaseAccess.case_id != case_id)
    return db.scalars(
        sa.select(Episode)
        .join(Case, Case.id == Episode.case_id)
        .where(
            Episode.patient_id == own.patient_id,
            Episode.organ == own.organ,
            Case.state != CaseState.CLOSED,
            Episode.case_id.in_(readable),
        )
        .order_by(Episode.opened_at)
    ).all()


def come_from_a_merge(db: Session, case_ids: Iterable[int]) -> bool:
    """Two cases that a merge brought together ask to be looked at; a second tumour was confirmed."""
    return bool(
        db.scalar(
            sa.select(AuditEntry.id)
            .where(AuditEntry.case_id.in_(case_ids), AuditEntry.action == "case.patient_merged")
            .limit(1)
        )
    )


def close_as_duplicate(
    db: Session, *, case_id: int, kept_id: int, user: User, now: datetime
) -> None:
    """Its tasks, reminders and inscriptions stop; documents and history stay readable."""
    require_case(db, user, case_id, now, written=False)
    require_permission(db, user, Permission.DECLARE_EVENT, case_id)
    others = {one.case_id: one for one in of_the_same_tumour(db, case_id=case_id, user=user)}
    if kept_id not in others:
        raise Conflict(
            "Le dossier gardé doit être un autre dossier ouvert du même patient, pour la même "
            "localisation. Rechargez la page\u202f: il vient peut-être d’être clos."
        )
    opened = say_date(others[kept_id].opened_at)
    runtime.close_case(
        db,
        case_id=case_id,
        reason=f"Doublon du dossier ouvert le {opened}, qui continue.",
        except_=reissuing.under_way(db, case_id),
        actor=user.actor,
        now=now,
    )
    for written, action, other in ((case_id, ACTION, kept_id), (kept_id, KEPT, case_id)):
        audit.record(
            db,
            actor=user.actor,
            action=action,
            now=now,
            case_id=written,
            object=f"case:{other}",
        )


def kept_instead(db: Session, case_id: int) -> int | None:
    """The case that goes on in the place of this one."""
    named = db.scalar(
        sa.select(AuditEntry.object)
        .where(AuditEntry.case_id == case_id, AuditEntry.action == ACTION)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return int(named.removeprefix("case:")) if named else None


def link_second_tumour(
    db: Session, *, case_id: int, first_id: int, actor: str, now: datetime
) -> None:
    """A second primary is a second case, linked (domain §11, rule 1); who said so is kept."""
    for written, action, other in ((case_id, SECOND, first_id), (first_id, FIRST, case_id)):
        audit.record(
            db, actor=actor, action=action, now=now, case_id=written, object=f"case:{other}"
        )


@dataclass(frozen=True)
class SecondTumour:
    """What both cases say of it; the other one is named to those who may read it."""

    is_second: bool
    confirmed_at: datetime
    other_id: int | None


def second_tumour(db: Session, *, case_id: int, user: User) -> SecondTumour | None:
    """The last one that was confirmed when a case was opened."""
    written = db.scalar(
        sa.select(AuditEntry)
        .where(AuditEntry.case_id == case_id, AuditEntry.action.in_((SECOND, FIRST)))
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    if written is None or not written.object:
        return None
    other = int(written.object.removeprefix("case:"))
    readable = visible_cases(reach_of(db, user)).where(CaseAccess.case_id == other)
    return SecondTumour(
        is_second=written.action == SECOND,
        confirmed_at=written.at,
        other_id=other if db.scalar(readable.limit(1)) is not None else None,
    )
