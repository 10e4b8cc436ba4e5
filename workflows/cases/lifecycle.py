"""A whole case stands still, goes on, or is closed before its end; lists follow at once."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine import queries, runtime
from engine.errors import Invalid
from workflows.access import require_case, require_permission
from workflows.cases import offers
from workflows.records import reissuing
from workflows.roles import Permission
from workflows.staff.models import User


def suspend(db: Session, *, case_id: int, reason: str, user: User, now: datetime) -> None:
    """Nothing is due any more until it goes on: the patient is away, or asked for time."""
    reason = _allowed(db, case_id, user, now, reason)
    runtime.suspend_case(db, case_id=case_id, reason=reason, actor=user.actor, now=now)
    offers.rewrite(db, case_id)


def resume(db: Session, *, case_id: int, user: User, now: datetime) -> None:
    """Due dates move by the time the case stood still, and so do the lists that repeat them.

    A patient who was looked for is back: the diagram that waited for it is told. Documents that an
    identity corrected meanwhile left behind are made again.
    """
    _allowed(db, case_id, user, now, "reprise")
    runtime.resume_case(db, case_id=case_id, actor=user.actor, now=now)
    if queries.is_awaited(db, "patient_returned", case_id=case_id):
        runtime.send_message(
            db, name="patient_returned", case_id=case_id, actor=user.actor, now=now
        )
    reissuing.when_resumed(db, case_id, actor=user.actor, now=now)
    offers.rewrite(db, case_id)


def close(db: Session, *, case_id: int, reason: str, user: User, now: datetime) -> None:
    """Stop every diagram: a transfer, an error. What was done and written stays, and a document
    made again under the right name is still approved."""
    reason = _allowed(db, case_id, user, now, reason)
    runtime.close_case(
        db,
        case_id=case_id,
        reason=reason,
        except_=reissuing.under_way(db, case_id),
        actor=user.actor,
        now=now,
    )


def _allowed(db: Session, case_id: int, user: User, now: datetime, reason: str) -> str:
    require_case(db, user, case_id, now, written=False)
    require_permission(db, user, Permission.DECLARE_EVENT, case_id)
    reason = reason.strip()
    if not 3 <= len(reason) <= 200:
        raise Invalid(
            "Dites pourquoi en quelques mots (200 caractères au plus).",
            {"reason": "Motif attendu."},
        )
    return reason
