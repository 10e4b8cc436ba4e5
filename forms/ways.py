"""The ways « sans objet » of a form come in; what is wrong with them goes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forms.spec import FormSpec, Library, Problem


def problems_of_ways(library: Library) -> Iterator[Problem]:
    """Each way has a code of its own, a sentence, and answers the dictionary knows."""
    for form in library.forms.values():
        codes = [way.code for way in form.skip]
        for way in form.skip:
            if not way.code or not way.label or codes.count(way.code) > 1:
                yield Problem(
                    form.name,
                    way.code or "skip",
                    "Une voie « sans objet » a un code à elle (way) et une phrase (label).",
                    "Complétez cette voie, ou gardez-en une seule.",
                )
            yield from _unknown(library, form, way.code, way.answers)


def _unknown(
    library: Library, form: FormSpec, code: str, answers: Mapping[str, Any]
) -> Iterator[Problem]:
    for name, value in answers.items():
        datum = library.dictionary.get(name)
        if datum is None:
            yield Problem(
                form.name,
                code,
                f"La donnée «\u202f{name}\u202f» n’est pas dans le dictionnaire.",
                "Ajoutez-la au dictionnaire, ou ôtez-la de cette voie « sans objet ».",
            )
        elif (
            value is not None
            and datum.type == "choice"
            and value not in {one.code for one in library.values_of(datum)}
        ):
            yield Problem(
                form.name,
                code,
                f"«\u202f{value}\u202f» n’est pas une valeur de «\u202f{name}\u202f».",
                f"Choisissez un code de la liste «\u202f{datum.value_set}\u202f».",
            )
