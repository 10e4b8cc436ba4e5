"""A small region for random walks: two hospitals, somebody for every role, one RCP each week."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy.orm import Session

from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import MemberFunction, RcpSession, SessionState
from workflows.rcp.planning import local_moment
from workflows.roles import ROLES, Scope
from workflows.staff import operations as staff

SYSTEM = "system"
FOUNDED = datetime(2025, 12, 1, 8, 0, tzinfo=UTC)
FIRST_DAY = date(2026, 1, 8)  # a Thursday
WEEKS = 260
SEATS = (
    (MemberFunction.COORDINATOR, "SM36"),
    (MemberFunction.DEPUTY, "SM20"),
    (MemberFunction.PARTICIPANT, "SM45"),
    (MemberFunction.PARTICIPANT, "SM01"),
    (MemberFunction.PARTICIPANT, "SM44"),
    (MemberFunction.PARTICIPANT, "SM40"),  # 15–24 years: both expertises
)
QUORUM = [
    {"label": "Chirurgie", "specialties": ["SM20"]},
    {"label": "Oncologie médicale", "specialties": ["SM36"]},
    {"label": "Radiothérapie", "specialties": ["SM45"]},
]


@dataclass(frozen=True)
class Region:
    """The numbers a walk starts from."""

    unit_id: int
    opener_id: int
    secretary_id: int  # of the RCP
    seats: tuple[tuple[int, str], ...]  # who sits in the RCP, and for which specialty


def build(db: Session) -> Region:
    """Two hospitals; the first one opens the cases."""
    units = [_hospital(db, name) for name in ("Centre hospitalier d’ici", "Clinique d’en face")]
    (unit_id, opener_id), *_ = units
    seats = tuple(
        (_physician(db, f"rcp{number}", specialty), specialty)
        for number, (_function, specialty) in enumerate(SEATS)
    )
    secretary_id = _person(db, "rcp_secretary", "Rozenn")
    entry = rcp.add_rcp(
        db,
        code="commune",
        name="RCP commune",
        first_date=FIRST_DAY,
        starts=time(14, 0),
        quorum_groups=QUORUM,
        host_name="Centre hospitalier d’ici",
        actor=SYSTEM,
        now=FOUNDED,
    )
    for (user_id, specialty), (function, _) in zip(seats, SEATS, strict=True):
        rcp.add_member(
            db, rcp_id=entry.id, user_id=user_id, function=function, specialty=specialty,
            actor=SYSTEM, now=FOUNDED,
        )  # fmt: skip
    rcp.add_member(
        db, rcp_id=entry.id, user_id=secretary_id, function=MemberFunction.SECRETARY,
        actor=SYSTEM, now=FOUNDED,
    )  # fmt: skip
    for week in range(WEEKS):
        starts_at = local_moment(FIRST_DAY + timedelta(weeks=week), time(14, 0))
        rcp.add_session(db, rcp_id=entry.id, starts_at=starts_at, actor=SYSTEM, now=FOUNDED)
    return Region(unit_id, opener_id, secretary_id, seats)


def sit_down(db: Session, region: Region, session_id: int, random: Random, now: datetime) -> None:
    """The meeting opens; now and then somebody does not come."""
    meeting: RcpSession = rcp_queries.session(db, session_id)
    if meeting.state == SessionState.OPEN:
        return
    actor = f"user:{region.secretary_id}"
    rcp.open_session(rcp.within(db), session_id=session_id, actor=actor, now=now)
    for user_id, specialty in region.seats:
        if random.random() < 0.93:
            rcp.record_arrival(
                db, session_id=session_id, user_id=user_id, specialty=specialty,
                actor=actor, now=now,
            )  # fmt: skip


def _hospital(db: Session, name: str) -> tuple[int, int]:
    place = staff.add_establishment(db, name=name, city="Kerlann", actor=SYSTEM, now=FOUNDED)
    unit = staff.add_unit(
        db, establishment_id=place.id, name="Oncologie", organ="breast", actor=SYSTEM, now=FOUNDED
    )
    opener = 0
    for role in ROLES.values():
        if role.scope is Scope.UNIT:
            user_id = _person(db, f"{role.code}{place.id}", role.label)
            staff.add_membership(
                db, user_id=user_id, unit_id=unit.id, role=role.code, actor=SYSTEM, now=FOUNDED
            )
            opener = user_id if role.code == "secretary" else opener
    return unit.id, opener


def _physician(db: Session, code: str, specialty: str) -> int:
    return _person(db, code, "Membre", title="Dr", specialty=specialty)


def _person(
    db: Session, code: str, name: str, *, title: str = "", specialty: str | None = None
) -> int:
    user = staff.create_user(
        db, email=f"{code}@example.org", title=title, first_name=name, last_name=code.capitalize(),
        specialty=specialty, is_demonstration=True, actor=SYSTEM, now=FOUNDED,
    )  # fmt: skip
    return user.id
