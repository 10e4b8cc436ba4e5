"""A case on the shared screen comes in; what the meeting reads of it, in French, goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import forms
from workflows.rcp.screen import Shown

# The tile, then the answers it is made of: one line a physician would say.
TILES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Phase", ("cancer_phase", "progression_kind")),
    ("État général (OMS)", ("who_status",)),
    ("Comorbidités", ("comorbidities",)),
    ("Antécédents", ("medical_history",)),
    ("Fonctions d’organes", ("organ_function",)),
    ("Traitements habituels", ("current_medications",)),
)
FRAIL = 14  # a G8 of 14 or less asks for a geriatric opinion


@dataclass(frozen=True)
class Event:
    """A dated line: an exam, a report, a treatment."""

    date: str
    what: str
    result: str


@dataclass(frozen=True)
class Facts:
    tiles: Sequence[tuple[str, str]]
    exams: Sequence[Event]
    treatments: Sequence[Event]
    pieces: Sequence[Event]
    summary: str
    wishes: str
    allergies: str
    g8: str


def facts_of(shown: Shown) -> Facts:
    say = Speaker(shown.library, shown.data)
    return Facts(
        tiles=list(_tiles(say)),
        exams=_exams(say),
        treatments=[_treatment(say, row) for row in say.rows("past_treatments")],
        pieces=[_piece(say, row) for row in say.rows("pieces")],
        summary=say("clinical_summary"),
        wishes=say("patient_preferences"),
        allergies=say("allergies"),
        g8=_g8(say),
    )


class Speaker:
    """The answers of a case, said in French; what was not answered is an empty text."""

    def __init__(self, library: forms.Library, data: Mapping[str, Any]) -> None:
        self._library = library
        self._data = data

    def __call__(self, name: str) -> str:
        value = self._data.get(name)
        if value in (None, "", []) or name not in self._library.dictionary:
            return ""
        return forms.display(self._library, name, value)

    def raw(self, name: str) -> str:
        return str(self._data.get(name) or "")

    def rows(self, name: str) -> list[Mapping[str, Any]]:
        return [row for row in self._data.get(name) or [] if isinstance(row, dict)]

    def cell(self, group: str, name: str, row: Mapping[str, Any]) -> str:
        """One cell of a repeated row, by the datum of its column."""
        value = row.get(name)
        if value in (None, "", []):
            return ""
        return forms.display(self._library, f"{group}.{name}", value)

    def row(self, group: str, row: Mapping[str, Any]) -> Callable[[str], str]:
        return lambda name: self.cell(group, name, row)

    def together(self, names: Sequence[str], by: str = ", ") -> str:
        return by.join(filter(None, (self(name) for name in names)))


def _tiles(say: Speaker) -> Iterator[tuple[str, str]]:
    where = (say("topography"), say("laterality").lower(), say("topography_detail"))
    if text := _joined(*where):
        yield "Localisation", text
    if text := say.together(("morphology", "histology", "tumour_grade")):
        yield "Histologie", text
    for marker in say.rows("biomarkers"):
        if text := say.cell("biomarkers", "result", marker):
            yield say.cell("biomarkers", "marker", marker), text
    if text := _stage(say):
        yield "Stade", text
    for title, names in TILES:
        if text := say.together(names):
            yield title, text


def _stage(say: Speaker) -> str:
    """« cT2 cN1 M0, stade IIB »; another classification by its name."""
    clinical = _tnm(say, "clinical", "c")
    after_surgery = _tnm(say, "pathological", say("ptnm_prefix") or "p")
    other = say.together(("classification_name", "classification_value"), " ")
    stage = say("stage")
    return _joined(after_surgery or clinical, f"stade {stage}" if stage else "", other)


def _tnm(say: Speaker, which: str, prefix: str) -> str:
    """« cT2 cN1 M0 »: metastases carry no prefix in daily speech."""
    t, n, m = (say(f"{which}_{letter}") for letter in "tnm")
    return " ".join(filter(None, (t and prefix + t, n and prefix + n, m)))


def _exams(say: Speaker) -> list[Event]:
    """Every dated result, the oldest first; what has no date comes last."""
    dated = [
        (say.raw(date), Event(say(date), title, say(name)))
        for name, date, title in (
            ("pathology_conclusion", "pathology_report_date", "Anatomopathologie"),
            ("operative_conclusion", "operative_report_date", "Compte rendu opératoire"),
            (
                "surgical_pathology_conclusion",
                "surgical_pathology_date",
                "Anatomopathologie de la pièce",
            ),
        )
        if say(name)
    ]
    for group, title, result in (
        ("exams", "", "result"),
        ("molecular_reports", "Génétique moléculaire", "conclusion"),
    ):
        for row in say.rows(group):
            said = say.row(group, row)
            event = Event(said("date"), title or said("exam"), said(result))
            dated.append((str(row.get("date") or ""), event))
    return [event for _date, event in sorted(dated, key=lambda one: one[0] or "9999")]


def _treatment(say: Speaker, row: Mapping[str, Any]) -> Event:
    said = say.row("past_treatments", row)
    period = " – ".join(filter(None, (said("start"), said("end"))))
    return Event(period, said("kind"), _joined(said("precision"), said("status")))


def _piece(say: Speaker, row: Mapping[str, Any]) -> Event:
    said = say.row("pieces", row)
    return Event(said("date"), said("kind"), _joined(said("state"), said("conclusion")))


def _joined(*parts: str) -> str:
    return ", ".join(filter(None, parts))


def _g8(say: Speaker) -> str:
    text = say("g8_total")
    if not text:
        return ""
    try:
        frail = float(text.replace(",", ".").split("/")[0]) <= FRAIL
    except ValueError:
        frail = False
    advice = say("geriatric_opinion") or say("geriatric_advice")
    if frail and not advice:
        return f"{text} sur 17\u202f: un avis gériatrique est demandé"
    return ", ".join(filter(None, (f"{text} sur 17", advice)))
