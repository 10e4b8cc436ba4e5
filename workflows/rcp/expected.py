"""What members and guests have answered comes in; the quorum one may expect goes out."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.rcp.models import Convocation, RcpSession, Reply
from workflows.rcp.quorum import Composition, Quorum, Voice, composition_of, evaluate
from workflows.rcp.roll import Seat, roll

COMING = (Reply.ONSITE, Reply.VIDEO)
AWAY = (Reply.ABSENT, Reply.REPLACED)


@dataclass(frozen=True)
class Expectation:
    """`sure`: with those who said they come; `possible`: with everybody who did not say no."""

    sure: Quorum
    possible: Quorum
    coming: int
    away: int
    silent: int

    @property
    def is_threatened(self) -> bool:
        """Whoever comes of those who may, the quorum is not met."""
        return not self.possible.reached

    @property
    def places(self) -> list[tuple[str, str]]:
        """Each required place: « sure », « possible » or « empty »."""
        return [
            (may.label, "sure" if is_.filled else "possible" if may.filled else "empty")
            for is_, may in zip(self.sure.groups, self.possible.groups, strict=True)
        ]


def expectation(db: Session, meeting: RcpSession) -> Expectation:
    seats = roll(db, meeting.id)
    composition = _composition(meeting)
    replies = [seat.reply for seat in seats]
    return Expectation(
        evaluate(composition, _voices(seat for seat in seats if seat.reply in COMING)),
        evaluate(composition, _voices(seat for seat in seats if seat.reply not in AWAY)),
        coming=sum(one in COMING for one in replies),
        away=sum(one in AWAY for one in replies),
        silent=sum(one is None for one in replies),
    )


def specialty_of(db: Session, meeting: RcpSession, convocation: Convocation) -> str | None:
    """What the person who is replaced counts for."""
    for seat in roll(db, meeting.id):
        if seat.convocation is convocation:
            return seat.specialty
    return None


def _voices(seats: Iterable[Seat]) -> list[Voice]:
    return [
        Voice(f"user:{seat.user_id}" if seat.user_id else f"guest:{seat.name}", seat.specialty)
        for seat in seats
        if seat.specialty
    ]


def _composition(meeting: RcpSession) -> Composition:
    entry = meeting.rcp
    return composition_of(
        entry.quorum_groups,
        min_specialties=entry.min_specialties,
        min_persons=entry.min_persons,
    )
