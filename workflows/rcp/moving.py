"""A session changes its hour; what is due before it, in every case that goes there, follows."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, Invalid
from engine.models import Datum, Instance, InstanceState
from workflows.deadlines.operations import set_milestone
from workflows.rcp import queries
from workflows.rcp.models import RcpSession, SessionState

MILESTONE = "rcp_session"


def move_session(
    db: Session, *, session_id: int, starts_at: datetime, actor: str, now: datetime
) -> list[int]:
    """Another day or hour for a meeting still to come; the cases it was moved for come back."""
    meeting = queries.session(db, session_id)
    _require_movable(db, meeting, starts_at, now)
    before, meeting.starts_at = meeting.starts_at, starts_at.astimezone(UTC)
    db.flush()
    going = _going_there(db, session_id)
    for instance in going:
        set_milestone(
            db,
            case_id=instance.case_id,
            instance_id=instance.id,
            name=MILESTONE,
            at=meeting.starts_at,
            actor=actor,
            now=now,
            reason="Séance déplacée",
        )
    audit.record(
        db,
        actor=actor,
        action="rcp.session_moved",
        now=now,
        object=f"rcp_session:{session_id}",
        detail={"from": before.isoformat(), "to": meeting.starts_at.isoformat()},
    )
    return sorted({instance.case_id for instance in going})


def _require_movable(db: Session, meeting: RcpSession, to: datetime, now: datetime) -> None:
    if meeting.state not in (SessionState.PLANNED, SessionState.CLOSED):
        raise Conflict("Cette séance a déjà été ouverte\u202f: sa date ne change plus.")
    if to <= now:
        raise Invalid("La nouvelle date de la séance est passée. Choisissez une date à venir.")
    taken = sa.select(RcpSession.id).where(
        RcpSession.rcp_id == meeting.rcp_id,
        RcpSession.starts_at == to.astimezone(UTC),
        RcpSession.id != meeting.id,
    )
    if db.scalar(taken.limit(1)) is not None:
        raise Conflict("Cette RCP a déjà une séance à cette date et à cette heure.")


def _going_there(db: Session, session_id: int) -> list[Instance]:
    """Running RCPs that have chosen this session, registered or not yet."""
    rows = db.execute(
        sa.select(Instance, Datum.value)
        .join(Datum, Datum.instance_id == Instance.id)
        .where(Datum.name == "rcp_session_id", Instance.state == InstanceState.RUNNING)
        .order_by(Instance.case_id, Instance.id)
    )
    return [instance for instance, value in rows if str(value) == str(session_id)]
