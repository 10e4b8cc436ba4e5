"""What is asked: YAML files come in; forms that show, check and answer in plain JSON go out."""

from collections.abc import Iterable
from typing import Any

from forms.build import BoundForm, Carried, bind
from forms.computed import COMPUTATIONS, SAID
from forms.display import display, display_row
from forms.reading import File, Reader
from forms.shown import Row, Section, ShownField, sections
from forms.spec import (
    Datum,
    FieldSpec,
    FormSpec,
    Library,
    Problem,
    SectionSpec,
    SkipWay,
    Value,
    ValueSet,
)
from forms.ways import problems_of_ways

__all__ = [
    "SAID",
    "BoundForm",
    "Carried",
    "Datum",
    "FieldSpec",
    "FormSpec",
    "Library",
    "Problem",
    "Row",
    "Section",
    "SectionSpec",
    "ShownField",
    "SkipWay",
    "Value",
    "ValueSet",
    "answers",
    "bind",
    "display",
    "display_row",
    "load",
    "names_of",
    "problems",
    "raw",
    "sections",
]


def load(artifacts: Iterable[File]) -> Library:
    """The forms, dictionary and value sets of a release; what cannot be read is left out."""
    return Reader(artifacts).library


def problems(artifacts: Iterable[File]) -> list[Problem]:
    """Everything that is wrong with the forms of a release, in French."""
    reader = Reader(artifacts)
    found = [*reader.problems, *problems_of_ways(reader.library)]
    for datum in reader.dictionary.values():
        if datum.type == "computed" and datum.name not in COMPUTATIONS:
            found.append(
                Problem(
                    "dictionary",
                    datum.name,
                    "Rien ne calcule cette donnée.",
                    f"Données calculées\u202f: {', '.join(sorted(COMPUTATIONS))}.",
                )
            )
    return found


def answers(form: BoundForm) -> dict[str, Any]:
    """What was answered, plain JSON; call it after `validate`."""
    return form.answers()


def raw(form: BoundForm) -> dict[str, Any]:
    """What was typed, readable or not, for a draft; `bind(values=…)` shows it again."""
    return form.raw()


def names_of(library: Library, form_name: str) -> tuple[str, ...]:
    """The data a form may answer."""
    return tuple(one.name for _, one in library.forms[form_name].fields())
