"""Where stories are played: what a performance asks of the people and meetings around a case.

The demonstration has a stage of its own, its region; `Troupe` is the small one that every story
can be played on, made for it in an empty database.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import Invalid
from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import MemberFunction, Rcp, RcpMember, RcpSession, SessionState
from workflows.rcp.planning import local_moment
from workflows.rcp.specialties import specialty_label
from workflows.roles import ROLES, Scope
from workflows.scenarios.story import HOME, Story
from workflows.staff import operations as staff
from workflows.staff.models import User

SYSTEM = "system"
MEETING_TIME = time(14, 0)
# Who sits in a troupe's RCP: the word of a story → the specialty, and what the organ changes.
SEATS: dict[str, str] = {
    "oncologist": "SM36",
    "surgeon": "SM05",
    "radiation_oncologist": "SM45",
    "pathologist": "SM01",
    "radiologist": "SM44",
}
SEATS_OF_ORGAN: dict[str, dict[str, str]] = {
    "breast": {"surgeon": "SM20"},
    "lung": {"surgeon": "SM11"},
    "colon": {"surgeon": "SM14"},
    "prostate": {"surgeon": "SM12"},
    "lymphoma": {"oncologist": "SM21"},
    "blood": {"oncologist": "SM21"},
}
NAMES: dict[str, tuple[str, str, str]] = {
    "secretary": ("", "Nolwenn", "Cadiou"),
    "idec": ("", "Maëlle", "Le Goff"),
    "referring_physician": ("Dr", "Yann", "Kervella"),
    "surgeon": ("Dr", "Soizic", "Morvan"),
    "radiation_oncologist": ("Dr", "Hervé", "Bodénan"),
    "radiographer": ("", "Katell", "Tanguy"),
    "pharmacist": ("Dr", "Awen", "Kerbrat"),
    "social_worker": ("", "Enora", "Hamon"),
    "support_care": ("", "Loïc", "Prat"),
    "investigator": ("Dr", "Gwen", "Tanguy"),
    "geriatrician": ("Dr", "Odile", "Stéphan"),
    "oncologist": ("Dr", "Ronan", "Abgrall"),
    "day_hospital_nurse": ("", "Gwenola", "Salaün"),
    "general_practitioner": ("Dr", "Anne", "Quéméner"),
    "rcp_secretary": ("", "Rozenn", "Pennec"),
    "identity_vigilance": ("", "Iris", "Colin"),
    "pathologist": ("Dr", "Erwan", "Jaouen"),
    "radiologist": ("Dr", "Maïwenn", "Corre"),
}


# Who works in another place of a story, where a case may be handed over.
ELSEWHERE: dict[str, tuple[str, str, str]] = {
    "secretary": ("", "Annaïg", "Le Bras"),
    "idec": ("", "Youenn", "Prigent"),
    "referring_physician": ("Dr", "Enora", "Guivarc’h"),
    "oncologist": ("Dr", "Malo", "Kerdoncuff"),
    "day_hospital_nurse": ("", "Aziliz", "Le Roux"),
}


class Stage(Protocol):
    """What a performance needs around it."""

    unit_id: int

    def person(self, db: Session, role: str) -> User:
        """Who holds this role around the case, in the unit that follows it."""

    def unit_of(self, code: str) -> int:
        """The unit of another place of the story; « home » is where the case was opened."""

    def rcp(self, db: Session, code: str) -> Rcp: ...

    def session(self, db: Session, code: str, day: date) -> RcpSession:
        """The meeting on that day, or the next one that takes registrations."""

    def hold(
        self, db: Session, session_id: int, *, absent: Collection[str], now: datetime
    ) -> None:
        """People sit down, unless they sit already."""

    def end(self, db: Session, session_id: int, *, now: datetime) -> None: ...


class Troupe:
    """One unit, one person per role, one RCP per code of the story."""

    def __init__(self, db: Session, story: Story, *, now: datetime) -> None:
        self._now = now
        place = staff.add_establishment(
            db, name="Centre hospitalier du récit", actor=SYSTEM, now=now, city="Kerlann"
        )
        unit = staff.add_unit(
            db,
            establishment_id=place.id,
            name="Oncologie",
            organ=story.organ,
            actor=SYSTEM,
            now=now,
        )
        self.unit_id = unit.id
        self._seats = SEATS | SEATS_OF_ORGAN.get(story.organ, {})
        self._units = {HOME: unit.id}
        self._people = {role: self._hire(db, role, story.cast) for role in NAMES}
        self._elsewhere: dict[int, dict[str, User]] = {}
        for code, given in story.places.items():
            self._settle(db, code, given, story.organ)
        self._rcps = {
            code: self._found(db, code, story.rcps.get(code) or {}, days)
            for code, days in _meetings(story).items()
        }

    def person(self, db: Session, role: str) -> User:
        if role == "requesting_physician":
            role = "referring_physician"
        elif role in ("rcp_coordinator", "rcp_participant"):
            role = "oncologist"
        return self._elsewhere.get(self.unit_id, {}).get(role) or self._people[role]

    def unit_of(self, code: str) -> int:
        if code not in self._units:
            raise Invalid(
                f"Le lieu « {code} » n’est pas dans le récit. Décrivez-le sous « places »."
            )
        return self._units[code]

    def rcp(self, db: Session, code: str) -> Rcp:
        return rcp_queries.rcp(db, self._rcps[code])

    def session(self, db: Session, code: str, day: date) -> RcpSession:
        found = rcp_queries.open_sessions(
            db, rcp_id=self._rcps[code], after=local_moment(day, time(0, 0))
        )
        return found[0]

    def hold(
        self, db: Session, session_id: int, *, absent: Collection[str], now: datetime
    ) -> None:
        meeting = rcp_queries.session(db, session_id)
        if meeting.state == SessionState.OPEN:
            return
        actor = self._people["rcp_secretary"].actor
        rcp.open_session(rcp.within(db), session_id=session_id, actor=actor, now=now)
        for seat, specialty in self._seats.items():
            if seat not in absent:
                rcp.record_arrival(
                    db,
                    session_id=session_id,
                    user_id=self._people[seat].id,
                    specialty=specialty,
                    actor=actor,
                    now=now,
                )

    def end(self, db: Session, session_id: int, *, now: datetime) -> None:
        actor = self._people["rcp_secretary"].actor
        rcp.end_session(rcp.within(db), session_id=session_id, actor=actor, now=now)

    def _settle(self, db: Session, code: str, given: Mapping[str, str], organ: str) -> None:
        """Another establishment, one unit, a colleague for each role met there."""
        place = staff.add_establishment(db, name=given["name"], actor=SYSTEM, now=self._now)
        unit = staff.add_unit(
            db,
            establishment_id=place.id,
            name=given["unit"],
            organ=organ,
            actor=SYSTEM,
            now=self._now,
        )
        self._units[code] = unit.id
        self._elsewhere[unit.id] = {
            role: self._hire(db, role, {}, names=ELSEWHERE, at=code, unit_id=unit.id)
            for role in ELSEWHERE
        }

    def _hire(
        self,
        db: Session,
        role: str,
        cast: Mapping[str, str],
        *,
        names: Mapping[str, tuple[str, str, str]] = NAMES,
        at: str = "",
        unit_id: int = 0,
    ) -> User:
        title, first_name, last_name = names[role]
        if role in cast:
            *titles, first_name, last_name = cast[role].split(" ", 2)
            title = titles[0] if titles else ""
        user = staff.create_user(
            db,
            email=f"{role}{at and '.' + at}@example.org",
            title=title,
            first_name=first_name,
            last_name=last_name,
            specialty=self._seats.get(role),
            is_demonstration=True,
            actor=SYSTEM,
            now=self._now,
        )
        if role in ROLES and ROLES[role].scope is Scope.UNIT:
            for held in _held(role):
                staff.add_membership(
                    db,
                    user_id=user.id,
                    unit_id=unit_id or self.unit_id,
                    role=held,
                    actor=SYSTEM,
                    now=self._now,
                )
        return user

    def _found(self, db: Session, code: str, given: Mapping[str, Any], days: set[date]) -> int:
        """The RCP of that code, its members, and a meeting on each day the story names."""
        entry = rcp.add_rcp(
            db,
            code=code,
            name=str(given.get("name", f"RCP {code}")),
            first_date=min(days),
            starts=MEETING_TIME,
            quorum_groups=given.get("quorum") or self._quorum(),
            host_name="Centre hospitalier du récit",
            actor=SYSTEM,
            now=self._now,
        )
        for seat, specialty in self._seats.items():
            self._seat(db, entry.id, seat, specialty)
        self._seat(db, entry.id, "rcp_secretary", None)
        for day in sorted(days):
            rcp.add_session(
                db,
                rcp_id=entry.id,
                starts_at=local_moment(day, MEETING_TIME),
                actor=SYSTEM,
                now=self._now,
            )
        return entry.id

    def _seat(self, db: Session, rcp_id: int, seat: str, specialty: str | None) -> None:
        functions = {
            "oncologist": MemberFunction.COORDINATOR,
            "surgeon": MemberFunction.DEPUTY,
            "rcp_secretary": MemberFunction.SECRETARY,
        }
        rcp.add_member(
            db,
            rcp_id=rcp_id,
            user_id=self._people[seat].id,
            function=functions.get(seat, MemberFunction.PARTICIPANT),
            specialty=specialty,
            actor=SYSTEM,
            now=self._now,
        )

    def _quorum(self) -> list[dict[str, Any]]:
        """The starting rule of a standard RCP."""
        wanted = [self._seats[seat] for seat in ("surgeon", "oncologist", "radiation_oncologist")]
        return [{"label": specialty_label(code), "specialties": [code]} for code in wanted]


def person_of_rcp(db: Session, rcp_id: int, role: str) -> User:
    """Who acts in an RCP's lane: its coordinator, its secretary, a participant."""
    function = {
        "rcp_coordinator": MemberFunction.COORDINATOR,
        "rcp_secretary": MemberFunction.SECRETARY,
    }.get(role, MemberFunction.COORDINATOR)
    return db.scalars(
        sa.select(User)
        .join(RcpMember, RcpMember.user_id == User.id)
        .where(RcpMember.rcp_id == rcp_id, RcpMember.function == function)
        .order_by(RcpMember.id)
    ).first() or db.get_one(User, 0)


def _held(role: str) -> Iterable[str]:
    """The physician who follows the patient also asks for the RCP."""
    return (role, "requesting_physician") if role == "referring_physician" else (role,)


def _meetings(story: Story) -> dict[str, set[date]]:
    """Every day the story holds a meeting of each RCP, or says that it meets."""
    found: dict[str, set[date]] = {}
    for code, given in story.rcps.items():
        for day in (given or {}).get("meets", ()):
            found.setdefault(code, set()).add(date.fromordinal(story.day_0.toordinal() + day))
    for step in story.steps:
        if step.verb == "rcp_session" and "hold" in step.what:
            day = date.fromordinal(story.day_0.toordinal() + step.day)
            found.setdefault(step.what["hold"], set()).add(day)
    return found
