"""The answers of a case come in; the tumour in two lines goes out, or nothing while it is unknown."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

import forms
from web.filters import lower_first
from workflows.cases.whereabouts import Preview
from workflows.library import library_of

TITLE = ("topography", "laterality", "morphology")
STAGE = (
    ("clinical_t", "clinical_n", "clinical_m"),
    ("pathological_t", "pathological_n", "pathological_m"),
)
DETAIL = (("tumour_grade", ""), ("stage", "stade "), ("who_status", "OMS "))


def disease(db: Session, shown: Preview) -> tuple[str, str]:
    """(what it is, how far it goes)"""
    return in_two_lines(db, shown.page.heading.case.revision_id, shown.data)


def in_two_lines(db: Session, revision_id: int, data: Mapping[str, Any]) -> tuple[str, str]:
    """The same from any case's answers."""
    if not any(data.get(name) for name in (*TITLE, *STAGE[0], *STAGE[1])):
        return "", ""
    library = library_of(db, revision_id)
    say = _speaker(library, data)
    what = ", ".join(
        lower_first(text) if rank else text for rank, text in enumerate(_said(say, TITLE))
    )
    stage = _stage(say, STAGE[1], "p") or _stage(say, STAGE[0], "c")
    details = [f"{before}{lower_first(say(name))}" for name, before in DETAIL if say(name)]
    return what, ", ".join(filter(None, [stage, *details]))


def _said(say: Callable[[str], str], names: Sequence[str]) -> list[str]:
    return [text for text in map(say, names) if text]


def _stage(say: Callable[[str], str], names: Sequence[str], prefix: str) -> str:
    """« cT2 cN1 M0 »: the letter says by what means; a distant metastasis needs none."""
    parts = _said(say, names)
    return " ".join(
        part if part[:1] in "cpyM" or not part[:1].isupper() else f"{prefix}{part}"
        for part in parts
    )


def _speaker(library: forms.Library, data: Mapping[str, Any]) -> Callable[[str], str]:
    def say(name: str) -> str:
        value = data.get(name)
        if value in (None, "", []) or name not in library.dictionary:
            return ""
        return forms.display(library, name, value)

    return say
