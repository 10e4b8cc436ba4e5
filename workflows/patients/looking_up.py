"""Identities of the whole region are looked up; every look is audited."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from engine import audit
from workflows.access import require
from workflows.patients import queries
from workflows.patients.models import Patient
from workflows.roles import Permission
from workflows.staff.models import User


def look_up(
    db: Session,
    *,
    text: str,
    user: User,
    now: datetime,
    permission: Permission = Permission.OPEN_CASE,
) -> Sequence[Patient]:
    """Identities of the whole region, for whoever is about to open a case; each look is audited."""
    require(db, user, permission)
    found = queries.search(db, text)
    audit.record(
        db,
        actor=user.actor,
        action="patient.looked_up",
        now=now,
        detail={"patients": [patient.id for patient in found]},
    )
    return found


def identity(db: Session, *, patient_id: int, user: User, now: datetime) -> Patient:
    """One identity found by a look-up, before a case is opened for it; audited like the look-up."""
    require(db, user, Permission.OPEN_CASE)
    found = queries.patient(db, patient_id)
    audit.record(
        db, actor=user.actor, action="patient.read", now=now, object=f"patient:{found.id}"
    )
    return found
