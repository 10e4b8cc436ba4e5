"""Every morning the directory comes in; sessions are planned ahead, agendas that are due closed, and
those who run a meeting that nobody opened are told: its cases wait for ever otherwise.
"""

from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import Calendar
from engine.handlers import job
from engine.jobs import later
from workflows.french import PARIS
from workflows.notices.operations import notify
from workflows.rcp import meeting, planning, queries
from workflows.rcp.convocations import RUNNING, STILL_TO_COME
from workflows.rcp.doors import within
from workflows.rcp.models import Rcp, RcpSession, SessionState
from workflows.rcp.reopening import was_reopened
from workflows.rcp.rhythm import local_moment

KIND = "keep_rcp_calendar"
EARLY = time(5)  # before anybody works: what is closed that day is closed all day
CALENDAR = Calendar()


def keep_from_tomorrow(db: Session, now: datetime) -> None:
    """Asked once a day, whoever asks."""
    day = now.astimezone(PARIS).date() + timedelta(days=1)
    later(db, kind=KIND, payload={}, key=f"{KIND}:{day}", now=local_moment(day, EARLY))


@job(KIND)
def keep_calendar(db: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """R07: some working days before a meeting its inscriptions close by themselves."""
    for entry in queries.directory(db):
        planning.keep_planned(db, rcp_id=entry.id, actor="system", now=now)
        for sitting in queries.open_sessions(db, rcp_id=entry.id, after=now):
            if _is_to_close(entry, sitting, now):
                meeting.close_agenda(within(db), session_id=sitting.id, actor="system", now=now)
    for sitting in _not_held(db, now):
        _tell_not_held(db, sitting, now)
    keep_from_tomorrow(db, now)


def was_not_held(sitting: RcpSession, now: datetime) -> bool:
    """Its day is over, and nobody opened it."""
    day = sitting.starts_at.astimezone(PARIS).date()
    return sitting.state in STILL_TO_COME and day < now.astimezone(PARIS).date()


def _not_held(db: Session, now: datetime) -> list[RcpSession]:
    rows = db.scalars(
        sa.select(RcpSession)
        .where(RcpSession.starts_at < now, RcpSession.state.in_(STILL_TO_COME))
        .order_by(RcpSession.starts_at)
    )
    return [
        one
        for one in rows
        if was_not_held(one, now)
        and any(row.state in queries.WAITING for row in queries.agenda(db, one.id))
    ]


def _tell_not_held(db: Session, sitting: RcpSession, now: datetime) -> None:
    """Once: the page of the session goes on saying it."""
    notify(
        db,
        user_ids={one.user_id for one in sitting.rcp.members if one.function in RUNNING},
        key=f"rcp_not_held:{sitting.id}:{sitting.starts_at:%Y%m%d%H%M}",
        kind="rcp_session",
        text=f"Séance non ouverte, des dossiers y attendent\u202f: {queries.session_label(db, sitting)}. "
        "Ouvrez-la si elle a eu lieu, ou annulez-la.",
        now=now,
    )


def _is_to_close(entry: Rcp, sitting: RcpSession, now: datetime) -> bool:
    if not entry.closing_days or sitting.state != SessionState.PLANNED:
        return False
    today, held = now.astimezone(PARIS).date(), sitting.starts_at.astimezone(PARIS).date()
    if was_reopened(sitting):
        return today >= held  # by hand until then: see ADR 0018
    return today >= CALENDAR.shift(held, -entry.closing_days, "working_days")
