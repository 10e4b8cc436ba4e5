"""A session comes in; everybody expected or seen there, with their stays, goes out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.rcp import board, queries
from workflows.rcp.models import Attendance, Convocation, MemberFunction
from workflows.rcp.specialties import specialty_label
from workflows.staff.models import User

FUNCTIONS: dict[str, str] = {
    MemberFunction.COORDINATOR: "Coordonnateur",
    MemberFunction.DEPUTY: "Suppléant",
    MemberFunction.SECRETARY: "Secrétariat",
    MemberFunction.PARTICIPANT: "Participant",
}
GUEST = "Invité"


@dataclass(frozen=True)
class Seat:
    """One person of the attendance sheet."""

    name: str
    user_id: int | None
    function: str
    specialty: str | None
    stays: Sequence[Attendance]
    convocation: Convocation | None = None
    invitation_id: int | None = None

    @property
    def reply(self) -> str | None:
        """What was answered to the convocation; nothing yet: nobody knows."""
        return self.convocation.reply if self.convocation else None

    @property
    def current(self) -> Attendance | None:
        """The stay that has not ended yet."""
        return next((stay for stay in reversed(self.stays) if stay.left_at is None), None)

    @property
    def specialty_label(self) -> str:
        return specialty_label(self.specialty)

    def is_present(self, at: datetime) -> bool:
        return any(
            stay.arrived_at <= at and (stay.left_at is None or at < stay.left_at)
            for stay in self.stays
        )


def roll(db: Session, session_id: int) -> list[Seat]:
    """Members first, then guests expected, then those who simply came."""
    meeting = queries.session(db, session_id)
    stays: dict[str, list[Attendance]] = defaultdict(list)
    for stay in queries.attendances(db, session_id):
        stays[_key(stay.user_id, stay.guest_name or "")].append(stay)
    convened = queries.convocations(db, session_id)
    by_user = {one.user_id: one for one in convened if one.user_id}
    by_guest = {one.invitation_id: one for one in convened if one.invitation_id}
    seats = _members(db, meeting.rcp_id, stays, by_user)
    for invited in queries.invitations(db, session_id):
        own = stays.pop(_key(invited.user_id, invited.name), None)
        if own is not None or all(seat.name != invited.name for seat in seats):
            seats.append(
                Seat(
                    invited.name,
                    invited.user_id,
                    GUEST,
                    invited.specialty,
                    own or [],
                    by_guest.get(invited.id),
                    invited.id,
                )
            )
    names = _names(db, [own[0].user_id for own in stays.values()])
    for own in stays.values():
        first = own[0]
        name = names.get(first.user_id or 0) or first.guest_name or ""
        seats.append(Seat(name, first.user_id, GUEST, first.specialty, own))
    return seats


def present(seats: Sequence[Seat]) -> list[Seat]:
    return [seat for seat in seats if seat.current is not None]


def _members(
    db: Session,
    rcp_id: int,
    stays: dict[str, list[Attendance]],
    convened: Mapping[int, Convocation],
) -> list[Seat]:
    """One seat per person: the function that counts most, the specialty that counts in the quorum."""
    functions: dict[int, list[str]] = defaultdict(list)
    specialties: dict[int, str] = {}
    people: dict[int, User] = {}
    for member, person in board.members(db, rcp_id):
        people[person.id] = person
        functions[person.id].append(member.function)
        if member.specialty:
            specialties.setdefault(person.id, member.specialty)
    order = list(FUNCTIONS)
    seats = [
        Seat(
            person.display_name,
            person.id,
            FUNCTIONS[min(functions[person.id], key=order.index)],
            specialties.get(person.id),
            stays.pop(_key(person.id, ""), []),
            convened.get(person.id),
        )
        for person in people.values()
    ]
    return sorted(seats, key=lambda seat: (seat.specialty is None, seat.specialty_label))


def _names(db: Session, user_ids: Sequence[int | None]) -> dict[int, str]:
    rows = db.scalars(sa.select(User).where(User.id.in_([one for one in user_ids if one])))
    return {person.id: person.display_name for person in rows}


def _key(user_id: int | None, name: str) -> str:
    return f"user:{user_id}" if user_id else f"guest:{name}"
