"""A form and what is known come in; answers somebody might really type go out, at random.

Nothing here knows a form by name: what is asked, required and offered is read from its
definition, as the page does.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import forms

Posted = dict[str, list[str]]
Choices = Mapping[str, Sequence[tuple[Any, str]]]
TRIES = 40
EAGER = 0.3  # how often an optional question is answered
KEPT = 0.8  # how often what is taken over is left as it was
LONGEST_COUNT = 3  # cycles, fractions, weeks: a walk should see their end


class Speechless(AssertionError):
    """A form that nobody could fill in: what it refuses, and what was tried."""


class Respondent:
    """Somebody who answers: at random, and again what was refused."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def fill(
        self,
        library: forms.Library,
        form_name: str,
        *,
        known: Mapping[str, Any],
        choices: Choices,
        today: date,
        again: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Answers the form accepts; `again` names what a rule of the house refused before."""
        spec = library.forms[form_name]
        outside = {k: v for k, v in known.items() if k not in {f.name for _, f in spec.fields()}}
        posted: Posted = {}
        decided: set[str] = set()
        for _ in range(TRIES):
            form = forms.bind(
                library, form_name, dict(posted), values=outside, today=today, choices=choices
            )
            asked = [
                one
                for section, one in spec.fields()
                if one.name not in decided and form.is_active(section, one)
            ]
            for one in asked:
                decided.add(one.name)
                datum = library.dictionary[one.name]
                if self._leaves_as_it_was(one, datum, known, again):
                    posted[one.name] = [str(known[one.name])]
                    continue
                eager = one.required or one.name in again or self._random.random() < EAGER
                if datum.type != "computed" and eager:
                    posted |= self._posted(library, datum, one.name, choices, today)
            if asked:
                continue
            if form.validate():
                return forms.answers(form)
            for name in form.errors:
                posted = {k: v for k, v in posted.items() if not _belongs(k, name)}
                posted |= self._posted(library, library.dictionary[name], name, choices, today)
        raise Speechless(f"{form_name}: {form.errors} ({posted})")

    def _leaves_as_it_was(
        self, asked: Any, datum: Any, known: Mapping[str, Any], again: Sequence[str]
    ) -> bool:
        """A choice that the page shows as taken over is seldom changed."""
        shown = asked.carried and datum.type == "choice" and known.get(asked.name)
        return bool(shown) and asked.name not in again and self._random.random() < KEPT

    def _posted(
        self, library: forms.Library, datum: Any, path: str, choices: Choices, today: date
    ) -> Posted:
        if datum.is_group:
            found: Posted = {}
            for number in range(self._random.randint(1, 2)):
                for column in datum.fields:
                    if column.type != "computed" and (
                        column.required or self._random.random() < EAGER
                    ):
                        offered = choices.get(f"{datum.name}.{column.name}")
                        found[f"{path}-{number}-{column.name}"] = self._value(
                            library, column, offered, today
                        )
            return {key: value for key, value in found.items() if value}
        value = self._value(library, datum, choices.get(datum.name), today)
        return {path: value} if value else {}

    def _value(
        self,
        library: forms.Library,
        datum: Any,
        offered: Sequence[tuple[Any, str]] | None,
        today: date,
    ) -> list[str]:
        kind: Callable[..., list[str]] = getattr(self, f"_{datum.type}", self._text)
        return kind(library, datum, offered, today)

    def _text(self, *_: Any) -> list[str]:
        return ["Texte d’essai"]

    def _integer(self, _library: Any, datum: Any, *_: Any) -> list[str]:
        least = int(datum.min or 0)
        most = least + LONGEST_COUNT if datum.max is None else min(least + 3, int(datum.max))
        return [str(self._random.randint(least, most))]

    def _decimal(self, _library: Any, datum: Any, *_: Any) -> list[str]:
        least = datum.min or 0
        most = least + 10 if datum.max is None else datum.max
        return [f"{self._random.uniform(least, most):.1f}"]

    def _day(self, datum: Any, today: date) -> date:
        return today + timedelta(
            days=self._random.choice((0, 0, -1, -3) if datum.past else (0, 1, 7, 30))
        )

    def _date(self, _library: Any, datum: Any, _offered: Any, today: date) -> list[str]:
        return [self._day(datum, today).isoformat()]

    def _partial_date(self, _library: Any, datum: Any, _offered: Any, today: date) -> list[str]:
        day = self._day(datum, today)
        return [self._random.choice((day.isoformat(), f"{day:%Y-%m}"))]

    def _datetime(self, _library: Any, datum: Any, _offered: Any, today: date) -> list[str]:
        return [f"{self._day(datum, today).isoformat()}T08:30"]

    def _boolean(self, *_: Any) -> list[str]:
        return [self._random.choice(("true", "false"))]

    def _choice(self, library: Any, datum: Any, offered: Any, _today: Any) -> list[str]:
        codes = _codes(library, datum, offered)
        return [self._random.choice(codes)] if codes else []

    _person = _rcp = _rcp_session = _unit = _choice

    def _choices(self, library: Any, datum: Any, offered: Any, _today: Any) -> list[str]:
        codes = _codes(library, datum, offered)
        return self._random.sample(codes, min(self._random.randint(1, 2), len(codes)))

    _lines = _choices


def _codes(library: Any, datum: Any, offered: Sequence[tuple[Any, str]] | None) -> list[str]:
    if offered is not None:
        return [str(code) for code, _ in offered]
    return [value.code for value in library.values_of(datum) if value.active]


def _belongs(key: str, name: str) -> bool:
    return key == name or key.startswith(f"{name}-")
