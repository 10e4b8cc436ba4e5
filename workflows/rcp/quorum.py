"""Who is present and what an RCP requires come in; whether this case has its quorum comes out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from workflows.rcp.specialties import specialty_label

AJA = range(15, 25)
BOTH_EXPERTISES = {
    "Oncologie de l’adulte (15–24 ans)": ("SM36", "SM21", "SM45"),
    "Oncologie pédiatrique (15–24 ans)": ("SM40",),
}
Status = Literal["reached", "not_reached", "unknown"]


@dataclass(frozen=True)
class Voice:
    """One person who counts, for one specialty."""

    person: str
    specialty: str


@dataclass(frozen=True)
class Group:
    """One required place: any of its specialties fills it."""

    label: str
    specialties: tuple[str, ...]


@dataclass(frozen=True)
class Composition:
    groups: tuple[Group, ...]
    min_specialties: int
    min_persons: int


@dataclass(frozen=True)
class GroupState:
    label: str
    filled: bool
    person: str | None


@dataclass(frozen=True)
class Quorum:
    status: Status
    groups: tuple[GroupState, ...]
    persons: int
    specialties: int
    missing: tuple[str, ...]

    @property
    def reached(self) -> bool:
        return self.status == "reached"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def quorum_of(kept: dict[str, Any]) -> Quorum:
    """What was found when the case was called, as `as_json` kept it."""
    groups = tuple(GroupState(**group) for group in kept["groups"])
    return Quorum(**kept | {"groups": groups, "missing": tuple(kept["missing"])})


UNKNOWN = Quorum("unknown", (), 0, 0, ())


def evaluate(composition: Composition, voices: Sequence[Voice]) -> Quorum:
    """Match persons to places so that nobody fills two, then count specialties and persons."""
    present = _one_voice_each(voices)
    seats = _fill(composition.groups, present)
    states = tuple(
        GroupState(group.label, index in seats, seats[index].person if index in seats else None)
        for index, group in enumerate(composition.groups)
    )
    specialties = len({voice.specialty for voice in present})
    missing = _missing(composition, states, specialties, len(present))
    status: Status = "not_reached" if missing else "reached"
    return Quorum(status, states, len(present), specialties, missing)


def with_both_expertises(found: Quorum, voices: Sequence[Voice]) -> Quorum:
    """15–24 years: adult and paediatric oncology both give their view of the case, by presence or
    by a complementary opinion (D.6124-131-1, domain §3.1); beside the places of that RCP.
    """
    states = [
        GroupState(label, bool(who), who)
        for label, specialties in BOTH_EXPERTISES.items()
        for who in [next((one.person for one in voices if one.specialty in specialties), None)]
    ]
    missing = (*found.missing, *(one.label for one in states if not one.filled))
    return replace(
        found,
        status="not_reached" if missing else found.status,
        groups=(*found.groups, *states),
        missing=missing,
    )


def _one_voice_each(voices: Sequence[Voice]) -> list[Voice]:
    """One person counts for one specialty: the first recorded."""
    first: dict[str, Voice] = {}
    for voice in voices:
        first.setdefault(voice.person, voice)
    return list(first.values())


def _fill(groups: Sequence[Group], present: Sequence[Voice]) -> dict[int, Voice]:
    """A largest matching of groups to persons, by augmenting paths (the tables are tiny)."""
    seat_of: dict[str, int] = {}
    by_name = {voice.person: voice for voice in present}

    def place(index: int, tried: set[str]) -> bool:
        for voice in present:
            if voice.specialty not in groups[index].specialties or voice.person in tried:
                continue
            tried.add(voice.person)
            if voice.person not in seat_of or place(seat_of[voice.person], tried):
                seat_of[voice.person] = index
                return True
        return False

    for index in range(len(groups)):
        place(index, set())
    return {index: by_name[person] for person, index in seat_of.items()}


def _missing(
    composition: Composition, states: Sequence[GroupState], specialties: int, persons: int
) -> tuple[str, ...]:
    missing = [state.label for state in states if not state.filled]
    if not missing and specialties < composition.min_specialties:
        missing.append(f"{composition.min_specialties} spécialités différentes")
    if not missing and persons < composition.min_persons:
        missing.append(f"{composition.min_persons} personnes")
    return tuple(missing)


def composition_of(
    groups: Sequence[dict[str, Any]], *, min_specialties: int, min_persons: int
) -> Composition:
    """The stored JSON, read; a group without a label is named by its specialties."""
    return Composition(
        tuple(
            Group(
                group.get("label")
                or " ou ".join(specialty_label(code) for code in group["specialties"]),
                tuple(group["specialties"]),
            )
            for group in groups
        ),
        min_specialties,
        min_persons,
    )
