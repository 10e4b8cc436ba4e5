"""A trait turns out wrong after the identity was checked; it is corrected, and what named it follows."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.errors import Forbidden, Invalid
from workflows.access import reach_of
from workflows.patients import doubts, history, operations, queries
from workflows.patients.aftermath import follow
from workflows.patients.ins import InsStatus
from workflows.patients.models import Decision, Patient
from workflows.records.reissuing import Reissued
from workflows.roles import Permission
from workflows.staff.models import User


def correct_identity(
    db: Session, *, patient_id: int, reason: str, user: User, now: datetime, **changes: Any
) -> Reissued:
    """A doubt that is open is settled by it: « traits corrigés »."""
    patient = queries.patient(db, patient_id)
    require_right_to_correct(db, user, patient)
    reason = doubts.sentence(reason)
    before = history.snapshot(patient)
    operations.correct(
        db, patient_id=patient_id, actor=user.actor, now=now, reason=reason, **changes
    )
    if history.snapshot(patient) == before:
        raise Invalid("Rien n’a changé\u202f: corrigez au moins un trait.")
    given: dict[str, Any] = {
        "decision": Decision.CORRECTED,
        "reason": reason,
        "actor": user.actor,
        "now": now,
    }
    lifted = doubts.lift(db, patient_id=patient_id, **given)
    reissued = follow(db, patient, before, actor=user.actor, now=now)
    if lifted is not None:
        doubts.close_tasks(db, patient_id, **given)
    return reissued


def may_correct(db: Session, user: User, patient: Patient) -> bool:
    """Identitovigilance always; whoever opens cases while nothing vouches for the identity yet."""
    reach = reach_of(db, user)
    provisional = patient.ins_status == InsStatus.PROVISIONAL and not patient.is_doubtful
    return reach.may(Permission.MANAGE_IDENTITIES) or (
        provisional and reach.may(Permission.OPEN_CASE)
    )


def require_right_to_correct(db: Session, user: User, patient: Patient) -> None:
    if not may_correct(db, user, patient):
        raise Forbidden(
            "Seule l’identitovigilance corrige une identité vérifiée ou en doute\u202f: signalez un "
            "doute, elle sera prévenue."
        )
