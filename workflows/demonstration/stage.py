"""The region as a stage: who holds a role around a case, which meeting comes next, who sits in it."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy.orm import Session

from workflows.demonstration.region import Region
from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import MemberFunction, Rcp, RcpSession, SessionState
from workflows.rcp.planning import local_moment
from workflows.staff.models import User

AGENDA = timedelta(days=1)  # before a meeting, its agenda is fixed


class Meetings:
    """The meetings of the whole region: opened by the first case called, ended with the day."""

    def __init__(self, region: Region, random: Random) -> None:
        self._region = region
        self._random = random
        self._open: set[int] = set()

    def rcp(self, db: Session, code: str) -> Rcp:
        return rcp_queries.rcp(db, self._region.rcps[code])

    def next(self, db: Session, code: str, day: date) -> RcpSession:
        after = local_moment(day, time(0, 0))
        found = rcp_queries.next_session(db, rcp_id=self._region.rcps[code], after=after)
        if found is None:
            raise LookupError(f"no meeting of {code} after {day}")
        return found

    def hold(self, db: Session, session_id: int, now: datetime) -> None:
        if session_id in self._open:
            return
        self._open.add(session_id)
        meeting = rcp_queries.session(db, session_id)
        members = meeting.rcp.members
        secretary = next(m for m in members if m.function == MemberFunction.SECRETARY)
        actor = f"user:{secretary.user_id}"
        if meeting.state != SessionState.OPEN:
            rcp.open_session(rcp.within(db), session_id=session_id, actor=actor, now=now)
        seats = [m for m in members if m.specialty]
        doubled = [m for m in seats if [o.specialty for o in seats].count(m.specialty) > 1]
        away = self._random.choice(doubled) if doubled else None
        for member in seats:
            if member is not away:
                rcp.record_arrival(
                    db,
                    session_id=session_id,
                    user_id=member.user_id,
                    specialty=member.specialty,
                    mode="video" if self._random.random() < 0.3 else "onsite",
                    actor=actor,
                    now=now,
                )

    def end_all(self, db: Session, now: datetime) -> None:
        """The day is over; a meeting that has just begun goes on under the eyes of who looks."""
        for session_id in sorted(self._open):
            meeting = rcp_queries.session(db, session_id)
            if meeting.starts_at + timedelta(minutes=meeting.minutes) <= now:
                rcp.end_session(rcp.within(db), session_id=session_id, actor="system", now=now)
                self._open.remove(session_id)

    def close_agendas(self, db: Session, now: datetime) -> None:
        """What the secretaries do the day before a meeting."""
        ids = list(self._region.rcps.values())
        for meeting in rcp_queries.sessions(db, rcp_ids=ids, since=now):
            if meeting.starts_at <= now + AGENDA and meeting.state == SessionState.PLANNED:
                rcp.close_agenda(rcp.within(db), session_id=meeting.id, actor="system", now=now)


class CaseStage:
    """What one performance sees of the region: its unit, and the people it works with."""

    def __init__(self, region: Region, meetings: Meetings, random: Random, *, unit: str) -> None:
        self._region = region
        self._meetings = meetings
        self._random = random
        self._unit = unit
        self._chosen: dict[str, int] = {}
        self.unit_id = region.units[unit]

    def person(self, db: Session, role: str) -> User:
        """The same person all along: of the unit, else of its site, else of the region."""
        if role not in self._chosen:
            self._chosen[role] = self._random.choice(self._holders(role))
        return db.get_one(User, self._chosen[role])

    def unit_of(self, code: str) -> int:
        return self._region.units[code]

    def rcp(self, db: Session, code: str) -> Rcp:
        return self._meetings.rcp(db, code)

    def session(self, db: Session, code: str, day: date) -> RcpSession:
        return self._meetings.next(db, code, day)

    def hold(
        self, db: Session, session_id: int, *, absent: Collection[str], now: datetime
    ) -> None:
        self._meetings.hold(db, session_id, now)

    def end(self, db: Session, session_id: int, *, now: datetime) -> None:
        """Others may still be waiting to be called: the day's end closes the meeting."""

    def _holders(self, role: str) -> list[int]:
        held = {
            place: people for (place, name), people in self._region.holders.items() if name == role
        }
        site = self._unit.split(".")[0]
        near = [
            person
            for place, people in held.items()
            if place.startswith(f"{site}.")
            for person in people
        ]
        far = [person for people in held.values() for person in people]
        found = held.get(self._unit) or near or far
        if not found:
            raise LookupError(f"nobody is {role} in the region")
        return found
