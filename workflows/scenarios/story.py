"""The text of a scenario file comes in; a story whose every step is understood goes out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

import yaml

from engine.errors import Invalid
from workflows.cases.events import EVENTS
from workflows.roles import ROLES
from workflows.scenarios.expectations import EXPECTATIONS

# The verbs of a step, and the words that may stand beside each.
VERBS: dict[str, frozenset[str]] = {
    "open": frozenset({"unit"}),
    "do": frozenset({"as", "answers", "in"}),
    "skip": frozenset({"as", "because", "in", "way"}),
    "undo": frozenset({"as", "because"}),
    "declare": frozenset({"as", "with"}),
    "open_elsewhere": frozenset({"as", "at"}),
    "merge_identities": frozenset({"because", "traits"}),
    "undo_merge": frozenset({"because"}),
    "correct_identity": frozenset({"because"}),
    "close": frozenset({"as"}),
    "receive": frozenset({"with"}),
    "rcp_session": frozenset(),
    "wait": frozenset(),
}
ALWAYS = frozenset({"day", "time", "expect", "note", "file"})
FILES = ("first", "second")  # of one woman, by two hospitals: see `open_elsewhere`
STORY = frozenset(
    {"title", "about", "day_0", "patient", "organ", "pathway", "cast", "rcps", "places", "steps"}
)
PATIENT = frozenset(
    {"birth_name", "first_names", "birth_date", "sex", "used_name", "gp_name", "alerts", "phone"}
    | {"address", "trusted_person", "birth_place", "birth_place_code", "identified"}
)
PLACE = frozenset({"name", "unit"})
HOME = "home"  # the place where the case is opened
MEETING = frozenset({"hold", "end", "close_agenda", "absent"})


class BadStory(Invalid):
    """A scenario file that cannot be played: which file, which step, what to do about it."""

    def __init__(self, story: str, where: str, problem: str, remedy: str) -> None:
        place = f"{story}, {where}" if where else story
        super().__init__(f"{place}\u202f: {problem} {remedy}".strip())


# The quick one where the machine has it; stories are long.
_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Step:
    """One thing that happens on one day, and what must be true afterwards."""

    number: int
    day: int
    verb: str
    what: Any = None
    at: time | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    expect: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    file: str = FILES[0]  # whose case the step and what it expects are about

    @property
    def label(self) -> str:
        """« étape 4 (J+8, record_rcp_decision) »"""
        thing = self.what if isinstance(self.what, str) else self.verb
        return f"étape {self.number} ({say_day(self.day)}, {thing})"


@dataclass(frozen=True)
class Story:
    name: str
    title: str
    day_0: date
    patient: Mapping[str, Any]
    organ: str
    pathway: str
    steps: tuple[Step, ...]
    about: str = ""
    cast: Mapping[str, str] = field(default_factory=dict)
    rcps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    places: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read(name: str, text: str | bytes) -> Story:
    """A file's text as a story; BadStory says in a sentence what cannot be understood."""
    try:
        raw = yaml.load(text, Loader=_SAFE)  # noqa: S506 (a safe loader)
    except yaml.YAMLError as problem:
        line = getattr(getattr(problem, "problem_mark", None), "line", None)
        where = "" if line is None else f"ligne {line + 1}"
        raise BadStory(
            name,
            where,
            "le YAML est mal formé.",
            "Vérifiez l’alignement\u202f; mettez entre guillemets un texte qui contient « : » ou « , ».",
        ) from None
    return understand(name, raw)


def understand(name: str, raw: Any) -> Story:
    """The same, from values already read."""
    if not isinstance(raw, dict) or not isinstance(raw.get("steps"), list):
        raise BadStory(name, "", "il manque la liste « steps ».", "Voyez write-a-scenario.md.")
    _known(name, "", raw, STORY)
    patient = raw.get("patient") or {}
    _known(name, "patient", patient, PATIENT)
    _complete(name, "patient", patient, ("birth_name", "first_names", "birth_date", "sex"))
    _complete(name, "", raw, ("title", "day_0", "organ"))
    if not isinstance(raw["day_0"], date):
        raise BadStory(name, "", "« day_0 » n’est pas une date.", "Écrivez 2026-01-12.")
    return Story(
        name=name,
        title=str(raw["title"]),
        day_0=raw["day_0"],
        patient=patient,
        organ=str(raw["organ"]),
        pathway=str(raw.get("pathway", "cancer")),
        steps=tuple(_steps(name, raw["steps"])),
        about=str(raw.get("about", "")),
        cast=_roles(name, "cast", raw.get("cast") or {}),
        rcps=raw.get("rcps") or {},
        places=_places(name, raw.get("places") or {}),
    )


def say_day(day: int) -> str:
    """« J0 », « J+8 », « J−12 »"""
    if day == 0:
        return "J0"
    return f"J+{day}" if day > 0 else f"J−{-day}"


def _steps(name: str, rows: list[Any]) -> Iterator[Step]:
    day: int | None = None
    for number, row in enumerate(rows, 1):
        where = f"étape {number}"
        if not isinstance(row, dict):
            raise BadStory(name, where, "ce n’est pas une étape.", "Commencez par « day: ».")
        before, day = day, _day(name, where, row.get("day", day))
        if before is not None and day < before:
            raise BadStory(
                name,
                where,
                f"le jour {day} précède le jour {before} de l’étape d’avant.",
                "Rangez les étapes dans l’ordre du temps.",
            )
        yield _step(name, number, day, row)


def _step(name: str, number: int, day: int, row: dict[str, Any]) -> Step:
    where = f"étape {number}"
    verbs = [verb for verb in VERBS if verb in row]
    if len(verbs) > 1:
        raise BadStory(name, where, f"deux verbes, {' et '.join(verbs)}.", "Faites deux étapes.")
    verb = verbs[0] if verbs else "wait"
    _known(name, where, row, VERBS[verb] | ALWAYS | {verb})
    expect = row.get("expect") or {}
    _known(name, f"{where}, expect", expect, frozenset(EXPECTATIONS))
    _check_verb(name, where, verb, row)
    return Step(
        number=number,
        day=day,
        verb=verb,
        what=row.get(verb),
        at=_time(name, where, row.get("time")),
        more={word: row[word] for word in VERBS[verb] if word in row},
        expect=expect,
        note=str(row.get("note", "")),
        file=str(row.get("file", FILES[1] if verb == "open_elsewhere" else FILES[0])),
    )


def _check_verb(name: str, where: str, verb: str, row: dict[str, Any]) -> None:
    """What can be said before playing: an unknown event, an unknown role."""
    role = row.get("as", row["open"] if verb == "open" else None)
    if role is not None and role not in ROLES:
        raise BadStory(name, where, f"le rôle « {role} » n’existe pas.", _one_of(ROLES))
    if verb == "declare" and row[verb] not in EVENTS:
        raise BadStory(name, where, f"l’événement « {row[verb]} » n’existe pas.", _one_of(EVENTS))
    if verb == "undo" and row[verb] != "death":
        raise BadStory(
            name, where, f"« {row[verb]} » ne s’annule pas.", "Écrivez « undo: death »."
        )
    if (file := row.get("file")) is not None and file not in FILES:
        raise BadStory(name, where, f"le dossier « {file} » n’existe pas.", _one_of(FILES))
    if verb == "open_elsewhere":
        _known(name, where, row[verb], PATIENT)
    if verb == "merge_identities" and row[verb] not in FILES:
        raise BadStory(
            name, where, "dites laquelle demeure, first ou second.", "merge_identities: first."
        )
    if verb == "correct_identity":
        _known(name, where, row[verb], PATIENT - {"identified"})
    if verb == "rcp_session":
        if not isinstance(row[verb], dict):
            raise BadStory(name, where, "la séance n’est pas décrite.", _one_of(MEETING))
        _known(name, where, row[verb], MEETING)


def _places(name: str, given: dict[str, Any]) -> dict[str, Mapping[str, str]]:
    """Other establishments of the story, each with one unit."""
    for code, place in given.items():
        where = f"places, {code}"
        _known(name, where, place, PLACE)
        _complete(name, where, place, ("name", "unit"))
        if code == HOME or code in ROLES:
            raise BadStory(name, where, f"« {code} » est réservé.", "Choisissez un autre code.")
    return given


def _roles(name: str, where: str, given: dict[str, str]) -> dict[str, str]:
    for role in given:
        if role not in ROLES:
            raise BadStory(name, where, f"le rôle « {role} » n’existe pas.", _one_of(ROLES))
    return given


def _day(name: str, where: str, day: Any) -> int:
    if isinstance(day, int):
        return day
    raise BadStory(name, where, "le jour n’est pas un nombre.", "Écrivez « day: 8 ».")


def _time(name: str, where: str, given: Any) -> time | None:
    if given is None:
        return None
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(given))
    if found is None:
        raise BadStory(name, where, f"« {given} » n’est pas une heure.", 'Écrivez time: "14:30".')
    return time(int(found[1]), int(found[2]))


def _known(name: str, where: str, given: Any, known: frozenset[str]) -> None:
    if not isinstance(given, dict):
        raise BadStory(name, where, "des mots et leurs valeurs sont attendus.", _one_of(known))
    for word in given:
        if word not in known:
            raise BadStory(name, where, f"le mot « {word} » n’est pas connu.", _one_of(known))


def _complete(name: str, where: str, given: dict[str, Any], wanted: tuple[str, ...]) -> None:
    for word in wanted:
        if given.get(word) in (None, ""):
            raise BadStory(name, where, f"« {word} » manque.", "Ajoutez-le.")


def _one_of(words: Any) -> str:
    return f"Mots possibles\u202f: {', '.join(sorted(words))}."
