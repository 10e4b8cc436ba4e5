"""Every morning the directory comes in; sessions are planned ahead and agendas that are due closed."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine.calendar import Calendar
from engine.handlers import job
from engine.jobs import later
from workflows.french import PARIS
from workflows.rcp import meeting, planning, queries
from workflows.rcp.doors import within
from workflows.rcp.models import Rcp, RcpSession, SessionState
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
    keep_from_tomorrow(db, now)


def _is_to_close(entry: Rcp, sitting: RcpSession, now: datetime) -> bool:
    if not entry.closing_days or sitting.state != SessionState.PLANNED:
        return False
    held = sitting.starts_at.astimezone(PARIS).date()
    return now.astimezone(PARIS).date() >= CALENDAR.shift(
        held, -entry.closing_days, "working_days"
    )
