"""The answers of a case come in; the tumour in two lines goes out, or nothing while it is unknown."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

import forms
from workflows.cases.whereabouts import Preview
from workflows.library import library_of

TITLE = ("topography", "laterality", "morphology")
STAGE = (
    ("clinical_t", "clinical_n", "clinical_m"),
    ("pathological_t", "pathological_n", "pathological_m"),
)
DETAIL = ("tumour_grade", "stage")


def disease(db: Session, shown: Preview) -> tuple[str, str]:
    """(what it is, how far it goes)"""
    data = shown.data
    if not any(data.get(name) for name in (*TITLE, *STAGE[0], *STAGE[1])):
        return "", ""
    library = library_of(db, shown.page.heading.case.revision_id)
    say = _speaker(library, data)
    what = ", ".join(filter(None, map(say, TITLE)))
    stage = " ".join(filter(None, map(say, STAGE[1]))) or " ".join(
        filter(None, map(say, STAGE[0]))
    )
    general = data.get("who_status")
    details = [stage, *map(say, DETAIL), f"OMS {general}" if general not in (None, "") else ""]
    return what, ", ".join(filter(None, details))


def _speaker(library: forms.Library, data: Mapping[str, Any]) -> Any:
    def say(name: str) -> str:
        value = data.get(name)
        if value in (None, "", []) or name not in library.dictionary:
            return ""
        return forms.display(library, name, value)

    return say
