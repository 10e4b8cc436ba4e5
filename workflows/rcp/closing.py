"""A case is closed; what it had asked of a meeting still to come is withdrawn."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine.handlers import hook
from engine.models import Case
from workflows.rcp import postponing, queries


@hook("case_closed")
def withdraw_registrations(db: Session, case: Case, now: datetime) -> None:
    """Nobody calls a case that stands still for ever; a death has withdrawn its own already."""
    for registration in queries.registrations_of_case(db, case.id):
        if registration.state in queries.WAITING:
            postponing.cancel(
                db, registration_id=registration.id, reason="case_closed", actor="system", now=now
            )
