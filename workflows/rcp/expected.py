"""What members and guests have answered comes in; the quorum one may expect of each case goes out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.rcp import needs, queries
from workflows.rcp.models import Convocation, RcpSession, Reply
from workflows.rcp.quorum import BOTH_EXPERTISES, Quorum, Voice
from workflows.rcp.roll import Seat, roll

COMING = (Reply.ONSITE, Reply.VIDEO)
AWAY = (Reply.ABSENT, Reply.REPLACED)


@dataclass(frozen=True)
class Foreseen:
    """`sure`: with those who said they come; `possible`: with everybody who did not say no."""

    sure: Quorum
    possible: Quorum


@dataclass(frozen=True)
class Expectation:
    """Of the RCP in general, then of each case that waits: they ask for more, or have it in writing."""

    general: Foreseen
    cases: Mapping[int, Foreseen]  # by registration
    coming: int
    away: int
    silent: int

    @property
    def missing(self) -> tuple[str, ...]:
        """What some case lacks, whoever comes of those who may."""
        return tuple(dict.fromkeys(one for each in self._heard for one in each.possible.missing))

    @property
    def is_threatened(self) -> bool:
        return bool(self.missing)

    @property
    def lacks_expertise(self) -> bool:
        """Of the two of the 15–24, which a written opinion gives in any RCP."""
        return any(label in BOTH_EXPERTISES for label in self.missing)

    @property
    def places(self) -> list[tuple[str, str]]:
        """Each required place: « sure », « possible » or « empty », as the worst off of the cases."""
        found: dict[str, set[str]] = {}
        for each in self._heard:
            for is_, may in zip(each.sure.groups, each.possible.groups, strict=True):
                how = "sure" if is_.filled else "possible" if may.filled else "empty"
                found.setdefault(may.label, set()).add(how)
        return [
            (label, next(how for how in ("empty", "possible", "sure") if how in hows))
            for label, hows in found.items()
        ]

    def own_lack(self, registration_id: int) -> tuple[str, ...]:
        """What this case lacks that the RCP does not lack for every other."""
        foreseen = self.cases.get(registration_id, self.general)
        known = self.general.possible.missing
        return tuple(one for one in foreseen.possible.missing if one not in known)

    @property
    def _heard(self) -> Sequence[Foreseen]:
        return list(self.cases.values()) or [self.general]


def expectation(db: Session, meeting: RcpSession) -> Expectation:
    """The same rule as in the meeting, case by case, at the age of that day."""
    seats = roll(db, meeting.id)
    sure = _voices(seat for seat in seats if seat.reply in COMING)
    possible = _voices(seat for seat in seats if seat.reply not in AWAY)
    waiting = [row for row in queries.agenda(db, meeting.id) if row.state in queries.WAITING]
    asked = needs.needs(db, meeting.rcp, waiting, meeting.starts_at)

    def foresee(one: needs.Needs) -> Foreseen:
        return Foreseen(one.quorum(sure), one.quorum(possible))

    replies = [seat.reply for seat in seats]
    return Expectation(
        foresee(needs.Needs(needs.composition(meeting.rcp))),
        {row.id: foresee(asked[row.id]) for row in waiting},
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
