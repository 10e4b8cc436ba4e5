"""A datum and how a form asks it come in; the WTForms field that reads and checks it goes out.

A field keeps what was typed as it was typed, so that a refused form loses nothing; its `data` is
plain JSON (ISO dates, codes, numbers) or None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from wtforms import Field, StringField, ValidationError

from forms import dates
from forms.spec import Datum, Library, is_empty

Choice = tuple[str, str, str]  # code, label, hint
LONGEST = {"text": 300, "long_text": 10_000}
YES, NO = "true", "false"
BOOLEANS: tuple[Choice, ...] = ((YES, "Oui", ""), (NO, "Non", ""))
CHOSEN = ("choice", "choices", "lines", "person", "rcp", "rcp_session", "unit", "boolean")


class Typed(StringField):
    """A field that is typed: `read` turns text into data, or says in a sentence why it cannot."""

    wrong = ""

    def __init__(self, *args: Any, datum: Datum, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.datum = datum
        self.typed: str | None = None

    def process_data(self, value: Any) -> None:
        """A stored answer, or what a draft kept of something unreadable."""
        self.data = None if is_empty(value) else value
        if isinstance(value, str) and self.data is not None and self.read(value) is None:
            self.typed, self.data = value, None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.typed = valuelist[0] if valuelist else ""
        text = self.typed.strip()
        self.data = self.read(text) if text else None

    @property
    def is_unreadable(self) -> bool:
        return self.data is None and bool(self.typed and self.typed.strip())

    def read(self, text: str) -> Any:
        return text

    def show(self, data: Any) -> str:
        return str(data)

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else self.show(self.data)

    def pre_validate(self, form: Any) -> None:
        if self.is_unreadable:
            raise ValidationError(self.wrong)


class Text(Typed):
    def pre_validate(self, form: Any) -> None:
        longest = self.datum.max_length or LONGEST.get(self.datum.type, 300)
        if self.data is not None and len(self.data) > longest:
            raise ValidationError(
                f"Ce texte compte {len(self.data)} caractères\u202f: {longest} au plus."
            )


class Number(Typed):
    def read(self, text: str) -> Any:
        cleaned = text.replace("\u202f", "").replace("\xa0", "").replace(" ", "").replace(",", ".")
        try:
            value = float(cleaned)
        except ValueError:
            return None
        if value != value or abs(value) > 1e12:
            return None
        if self.datum.type == "integer":
            return int(value) if value == int(value) else None
        return int(value) if value == int(value) and "." not in cleaned else value

    def show(self, data: Any) -> str:
        return f"{data:g}".replace(".", ",") if isinstance(data, float) else str(data)

    @property
    def wrong(self) -> str:  # type: ignore[override]
        kind = "entier, par exemple 12" if self.datum.type == "integer" else "par exemple 12,5"
        return f"Ce n’est pas un nombre. Saisissez un nombre {kind}."

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data is None:
            return
        lowest, highest = self.datum.min, self.datum.max
        unit = f"\u00a0{self.datum.unit}" if self.datum.unit else ""
        if lowest is not None and self.data < lowest:
            raise ValidationError(f"C’est trop peu\u202f: {self.show(lowest)}{unit} au moins.")
        if highest is not None and self.data > highest:
            raise ValidationError(f"C’est trop\u202f: {self.show(highest)}{unit} au plus.")


class Day(Typed):
    """A full date, a month where it suffices, or a moment."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def read(self, text: str) -> str | None:
        if self.datum.type == "datetime":
            return dates.moment_to_iso(text)
        return dates.to_iso(text, partial=self.datum.type == "partial_date")

    def show(self, data: Any) -> str:
        return dates.say(data)

    @property
    def wrong(self) -> str:  # type: ignore[override]
        example = {
            "datetime": "jour, mois, année et heure, par exemple 27/11/2025 à 14 h 30",
            "partial_date": "mois et année, par exemple 11/2025, ou jour, mois, année",
        }.get(self.datum.type, "jour, mois, année, par exemple 27/11/2025")
        return f"Cette date ne se lit pas. Saisissez {example}."

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data and self.datum.past and dates.first_day(self.data) > self.today:
            raise ValidationError(
                f"Cette date est dans le futur. Saisissez une date jusqu’au {self.today:%d/%m/%Y}."
            )
        if self.data and self.datum.ahead and dates.first_day(self.data) < self.today:
            raise ValidationError(
                f"Cette date est passée. Saisissez une date à partir du {self.today:%d/%m/%Y}."
            )


class Choosing(Typed):
    """One of a list; nothing is chosen beforehand."""

    wrong = "Ce choix n’est pas dans la liste. Choisissez-en un."

    def __init__(self, *args: Any, choices: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = tuple(choices)

    def read(self, text: str) -> Any:
        if self.datum.type == "boolean":
            return {YES: True, "yes": True, "oui": True, NO: False, "no": False, "non": False}.get(
                text.lower()
            )
        if not any(code == text for code, _, _ in self.choices):
            return None
        return int(text) if self.datum.type in ("person", "rcp", "rcp_session", "unit") else text

    def process_data(self, value: Any) -> None:
        self.data = None if is_empty(value) else value
        if isinstance(value, str) and self.data is not None:
            self.data = self.read(value)
            self.typed = value if self.data is None else None

    def show(self, data: Any) -> str:
        return {True: YES, False: NO}.get(data, str(data)) if isinstance(data, bool) else str(data)


class Ticking(Field):
    """Several of a list."""

    def __init__(self, *args: Any, datum: Datum, choices: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.datum = datum
        self.offered = tuple(choices)

    def process_data(self, value: Any) -> None:
        self.data = [str(one) for one in value] if isinstance(value, (list, tuple)) else None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = [value for value in valuelist if value] or None

    def pre_validate(self, form: Any) -> None:
        known = {code for code, _, _ in self.offered}
        if set(self.data or ()) - known:
            raise ValidationError("Un de ces choix n’est pas dans la liste.")


KINDS: dict[str, type[Typed]] = {
    "text": Text, "long_text": Text, "integer": Number, "decimal": Number, "date": Day,
    "partial_date": Day, "datetime": Day, "boolean": Choosing, "choice": Choosing,
    "person": Choosing, "rcp": Choosing, "rcp_session": Choosing,
    "unit": Choosing,
}  # fmt: skip


def make(
    library: Library,
    datum: Datum,
    *,
    label: str,
    choices: Sequence[tuple[Any, str]] | None,
    today: date,
    validators: Sequence[Callable[[Any, Field], None]] = (),
) -> Any:
    """The unbound field of a simple datum; groups are made of these by `forms.build`."""
    given: dict[str, Any] = {"validators": list(validators)}
    offered = _choices(library, datum, choices)
    if datum.type in ("choices", "lines"):
        return Ticking(label, datum=datum, choices=offered, **given)
    kind = KINDS[datum.type]
    if kind is Choosing:
        given["choices"] = offered
    if kind is Day:
        given["today"] = today
    return kind(label, datum=datum, **given)


def _choices(
    library: Library, datum: Datum, given: Sequence[tuple[Any, str]] | None
) -> tuple[Choice, ...]:
    if datum.type == "boolean":
        return BOOLEANS
    if given is not None:
        return tuple((str(code), label, "") for code, label in given)
    return tuple((one.code, one.label, one.hint) for one in library.values_of(datum) if one.active)
