"""A rhythm comes in; dated sessions go out: planned once, whatever becomes of each afterwards."""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.calendar import Calendar
from engine.errors import Conflict, Invalid
from engine.models import Datum, Instance, InstanceState
from workflows.french import PARIS
from workflows.rcp import holding, queries
from workflows.rcp.models import (
    Convocation,
    Invitation,
    Rcp,
    RcpSession,
    Registration,
    SessionState,
)
from workflows.rcp.rhythm import Slot, local_moment, slots

__all__ = ["add_session", "keep_planned", "local_moment", "plan_sessions", "replan"]
CALENDAR = Calendar()


def plan_sessions(
    db: Session, *, rcp_id: int, from_date: date, until: date, actor: str, now: datetime
) -> list[RcpSession]:
    """The sessions the rhythm gives in a period; a slot that had one, moved or cancelled, keeps it."""
    rcp = holding.entry(db, rcp_id)
    _require_coordinator(db, rcp)
    if until < from_date:
        raise Invalid("La période finit avant de commencer\u202f: corrigez les dates.")
    held = db.execute(
        sa.select(RcpSession.slot_date, RcpSession.starts_at).where(RcpSession.rcp_id == rcp_id)
    ).all()
    dates, moments = {row.slot_date for row in held}, {row.starts_at for row in held}
    made = [
        _session(rcp, slot.starts_at, slot)
        for slot in slots(rcp, from_date, until, calendar=CALENDAR)
        if slot.date not in dates and slot.starts_at not in moments
    ]
    db.add_all(made)
    db.flush()
    if made:
        audit.record(
            db,
            actor=actor,
            action="rcp.sessions_planned",
            now=now,
            object=f"rcp:{rcp_id}",
            detail={"count": len(made), "until": until.isoformat()},
        )
    return made


def keep_planned(db: Session, *, rcp_id: int, actor: str, now: datetime) -> list[RcpSession]:
    """As many months ahead as the directory says, from today."""
    rcp = queries.rcp(db, rcp_id)
    today = now.astimezone(PARIS).date()
    until = CALENDAR.shift(today, rcp.months_ahead, "months")
    if not rcp.months_ahead or not rcp.active or not queries.coordinators(db, rcp_id):
        return []
    made = plan_sessions(db, rcp_id=rcp_id, from_date=today, until=until, actor=actor, now=now)
    return [one for one in made if one.starts_at > now]


def replan(db: Session, *, rcp_id: int, actor: str, now: datetime) -> list[RcpSession]:
    """The rhythm has changed: what nobody waits for is planned anew; what has cases stays.

    Returns the sessions that stay out of the new rhythm, for the secretary to move or cancel. Out of
    the directory, an RCP plans nothing any more and still holds the sessions its cases wait for.
    """
    entry = holding.entry(db, rcp_id)
    ahead = db.scalars(
        sa.select(RcpSession).where(
            RcpSession.rcp_id == rcp_id,
            RcpSession.starts_at > now,
            RcpSession.state == SessionState.PLANNED,
            RcpSession.slot_date.is_not(None) if entry.active else sa.true(),
        )
    ).all()
    awaited = _awaited(db, [one.id for one in ahead])
    until = max((one.starts_at.astimezone(PARIS).date() for one in ahead), default=None)
    for one in ahead:
        if one.id not in awaited:
            db.delete(one)
    db.flush()
    if until is not None and entry.active:
        today = now.astimezone(PARIS).date()
        plan_sessions(db, rcp_id=rcp_id, from_date=today, until=until, actor=actor, now=now)
    keep_planned(db, rcp_id=rcp_id, actor=actor, now=now)
    return [one for one in ahead if one.id in awaited]


def add_session(
    db: Session, *, rcp_id: int, starts_at: datetime, actor: str, now: datetime
) -> RcpSession:
    """A session outside the rhythm: an urgent meeting, one more before the summer."""
    rcp = holding.entry(db, rcp_id)
    _require_coordinator(db, rcp)
    require_free(db, rcp_id, starts_at)
    session = _session(rcp, starts_at.astimezone(UTC))
    db.add(session)
    db.flush()
    audit.record(
        db, actor=actor, action="rcp.session_added", now=now, object=f"rcp_session:{session.id}"
    )
    return session


def require_free(
    db: Session, rcp_id: int, starts_at: datetime, *, but: RcpSession | None = None
) -> None:
    taken = db.scalar(
        sa.select(RcpSession.id)
        .where(
            RcpSession.rcp_id == rcp_id,
            RcpSession.starts_at == starts_at.astimezone(UTC),
            RcpSession.id != (but.id if but else 0),
        )
        .limit(1)
    )
    if taken is not None:
        raise Conflict("Cette RCP a déjà une séance à cette date et à cette heure.")


def _require_coordinator(db: Session, rcp: Rcp) -> None:
    if not queries.coordinators(db, rcp.id):
        raise Invalid(
            f"La RCP «\u202f{rcp.name}\u202f» n’a pas de coordonnateur. Nommez-en un avant de "
            "planifier ses séances."
        )


def _session(rcp: Rcp, starts_at: datetime, slot: Slot | None = None) -> RcpSession:
    return RcpSession(
        rcp_id=rcp.id,
        slot_date=slot.date if slot else None,
        starts_at=starts_at,
        minutes=rcp.minutes,
        place=rcp.place,
        video_link=rcp.video_link,
    )


def _awaited(db: Session, session_ids: list[int]) -> set[int]:
    """Sessions somebody has registered for, chosen, was invited to, or has answered for."""
    named = (
        sa.select(row.session_id).where(row.session_id.in_(session_ids))
        for row in (Registration, Invitation, Convocation)
    )
    found = set(db.scalars(sa.union(*named)))
    chosen = db.scalars(
        sa.select(Datum.value)
        .join(Instance, Instance.id == Datum.instance_id)
        .where(Datum.name == "rcp_session_id", Instance.state == InstanceState.RUNNING)
    )
    return found | {int(value) for value in chosen if str(value).isdigit()}
