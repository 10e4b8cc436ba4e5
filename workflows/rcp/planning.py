"""The directory and its rhythm come in; RCPs, members and dated sessions go out."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Invalid
from workflows.rcp import queries
from workflows.rcp.models import MemberFunction, Rcp, RcpMember, RcpSession
from workflows.rcp.specialties import SPECIALTIES

PARIS = ZoneInfo("Europe/Paris")


def add_rcp(db: Session, *, actor: str, now: datetime, **fields: Any) -> Rcp:
    """A directory entry, refused when its quorum could never be met or its rhythm is no rhythm."""
    for group in fields.get("quorum_groups", []):
        _check_group(group)
    if fields.get("every_weeks", 1) < 1:
        raise Invalid("Le rythme d’une RCP se compte en semaines entières, à partir d’une.")
    rcp = Rcp(**fields)
    db.add(rcp)
    db.flush()
    audit.record(db, actor=actor, action="rcp.added", now=now, object=f"rcp:{rcp.id}")
    return rcp


def add_member(
    db: Session,
    *,
    rcp_id: int,
    user_id: int,
    function: MemberFunction,
    actor: str,
    now: datetime,
    specialty: str | None = None,
) -> RcpMember:
    if specialty is not None and specialty not in SPECIALTIES:
        raise Invalid(f"La spécialité «\u202f{specialty}\u202f» n’est pas dans la liste.")
    if function in (MemberFunction.COORDINATOR, MemberFunction.DEPUTY) and not specialty:
        raise Invalid("Le coordonnateur d’une RCP et son suppléant sont médecins.")
    member = RcpMember(rcp_id=rcp_id, user_id=user_id, function=str(function), specialty=specialty)
    db.add(member)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.member_added",
        now=now,
        object=f"rcp:{rcp_id}",
        detail={"user": user_id, "function": str(function)},
    )
    return member


def plan_sessions(
    db: Session,
    *,
    rcp_id: int,
    from_date: date,
    until: date,
    actor: str,
    now: datetime,
    holidays: Sequence[date] = (),
) -> list[RcpSession]:
    """The sessions the rhythm gives in a period; those already planned are left alone."""
    rcp = queries.rcp(db, rcp_id)
    if not queries.coordinators(db, rcp_id):
        raise Invalid(
            f"La RCP «\u202f{rcp.name}\u202f» n’a pas de coordonnateur. Nommez-en un avant de "
            "planifier ses séances."
        )
    planned = {
        moment
        for (moment,) in db.execute(
            sa.select(RcpSession.starts_at).where(RcpSession.rcp_id == rcp_id)
        )
    }
    made = [
        _session(rcp, moment)
        for moment in _rhythm(rcp, from_date, until, frozenset(holidays))
        if moment not in planned
    ]
    db.add_all(made)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.sessions_planned",
        now=now,
        object=f"rcp:{rcp_id}",
        detail={"count": len(made), "until": until.isoformat()},
    )
    return made


def add_session(
    db: Session, *, rcp_id: int, starts_at: datetime, actor: str, now: datetime
) -> RcpSession:
    """A session outside the rhythm: an urgent meeting, a moved one."""
    session = _session(queries.rcp(db, rcp_id), starts_at.astimezone(UTC))
    db.add(session)
    db.flush()
    audit.record(
        db, actor=actor, action="rcp.session_added", now=now, object=f"rcp_session:{session.id}"
    )
    return session


def _check_group(group: dict[str, Any]) -> None:
    unknown = [code for code in group.get("specialties", []) if code not in SPECIALTIES]
    if unknown or not group.get("specialties"):
        raise Invalid(
            "Chaque place du quorum nomme au moins une spécialité de la liste"
            + (f" (inconnue\u202f: {', '.join(unknown)})." if unknown else ".")
        )


def _session(rcp: Rcp, starts_at: datetime) -> RcpSession:
    return RcpSession(
        rcp_id=rcp.id,
        starts_at=starts_at,
        minutes=rcp.minutes,
        place=rcp.place,
        video_link=rcp.video_link,
    )


def _rhythm(
    rcp: Rcp, from_date: date, until: date, holidays: frozenset[date]
) -> Iterator[datetime]:
    """Every n weeks from the first date; a holiday moves the session to the next weekday."""
    step = timedelta(weeks=rcp.every_weeks)
    late = max((from_date - rcp.first_date) // step, 0)
    day = rcp.first_date + late * step
    while day <= until:
        moved = _working(day, holidays)
        if from_date <= moved <= until:
            yield local_moment(moved, rcp.starts)
        day += step


def _working(day: date, holidays: frozenset[date]) -> date:
    while day in holidays or day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def local_moment(day: date, at: time) -> datetime:
    """A wall-clock time in France, as an aware UTC moment."""
    return datetime.combine(day, at, tzinfo=PARIS).astimezone(UTC)
