"""An inscription withdrawn by mistake takes its place again, or is put off when it is too late."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit, runtime
from engine.models import AuditEntry
from workflows.rcp import queries
from workflows.rcp.models import Registration, RegistrationState, SessionState

_EXPECTED = (RegistrationState.ACCEPTED, RegistrationState.ON_AGENDA)


def reinstate(db: Session, registration: Registration, *, actor: str, now: datetime) -> bool:
    """As it was before; False when its meeting took place without it."""
    before = _state_before(db, registration)
    meeting = queries.session(db, registration.session_id)
    over = meeting.state == SessionState.ENDED or meeting.starts_at <= now
    missed = over and before in _EXPECTED
    registration.state = str(RegistrationState.NOT_DISCUSSED) if missed else before
    if not missed:
        registration.reason = None
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.registration_reinstated",
        now=now,
        case_id=registration.case_id,
        object=f"rcp_registration:{registration.id}",
        detail={"to": registration.state},
    )
    if missed:
        _call_for_postponement(db, registration, actor=actor, now=now)
    return not missed


def _call_for_postponement(
    db: Session, registration: Registration, *, actor: str, now: datetime
) -> None:
    """Its diagram goes on to « reporter ou annuler » (R15), as after a meeting that set it aside."""
    for name in ("agenda_closed", "case_called"):
        runtime.send_message(
            db,
            name=name,
            case_id=registration.case_id,
            instance_id=registration.instance_id,
            key=f"reinstated:{name}:{registration.id}",
            actor=actor,
            now=now,
        )


def _state_before(db: Session, registration: Registration) -> str:
    """What the journal says it was when it was withdrawn."""
    moves = db.scalars(
        sa.select(AuditEntry)
        .where(
            AuditEntry.case_id == registration.case_id,
            AuditEntry.action == "rcp.registration_moved",
            AuditEntry.object == f"rcp_registration:{registration.id}",
        )
        .order_by(AuditEntry.position.desc())
    )
    last = next(iter(moves), None)
    return str((last.detail or {}).get("from")) if last else str(RegistrationState.SUBMITTED)
