"""A form's definition comes in; a bound form that shows, checks and answers goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import FieldList, Form, FormField
from wtforms.validators import StopValidation

from forms import fields
from forms.computed import COMPUTATIONS
from forms.reading import as_code
from forms.spec import NOT_EMPTY, Datum, FieldSpec, FormSpec, Library, SectionSpec, When, is_empty
from forms.typed import TypedData

Choices = Mapping[str, Sequence[tuple[Any, str]]]
MOST_ROWS = 60


@dataclass(frozen=True)
class Carried:
    """A value brought from an earlier step: said to be, and open to correction."""

    value: Any
    source: str = ""
    date: Any = None


class BoundForm:
    """One form for one task: WTForms reads and checks, this knows what is asked and when."""

    def __init__(
        self,
        library: Library,
        spec: FormSpec,
        *,
        formdata: TypedData | None,
        values: Mapping[str, Any],
        carried: Mapping[str, Carried],
        choices: Choices,
        today: date,
        usual: Mapping[str, Sequence[str]],
    ) -> None:
        self.library = library
        self.spec = spec
        self.usual = usual
        self.carried = carried
        self.outside = {**values}
        self._required: set[str] = set()
        asked = {name: one.value for name, one in carried.items()} | {
            name: value for name, value in values.items() if not is_empty(value)
        }
        classes = _Maker(library, choices, today, self._required)
        self.form = classes.form(spec)(formdata=formdata, data=asked)
        self._was_validated = False

    # What is asked now.

    def is_active(self, section: SectionSpec, one: FieldSpec) -> bool:
        """Its conditions hold, and those of what they look at."""
        return self._holds(section.when, {one.name}) and self._holds(one.when, {one.name})

    def _holds(self, when: When, above: set[str]) -> bool:
        return all(
            self._matches(self._value(name, above), wanted) for name, wanted in when.items()
        )

    def _value(self, name: str, above: set[str]) -> Any:
        """What this form answers if it asks it at all, else what is already known."""
        for section, one in self.spec.fields():
            if one.name != name:
                continue
            if name in above:
                return None  # conditions in a circle hold never
            inner = above | {name}
            active = self._holds(section.when, inner) and self._holds(one.when, inner)
            return self._own(name) if active else None
        return self.outside.get(name)

    def _own(self, name: str) -> Any:
        datum = self.library.dictionary[name]
        if datum.type == "computed":
            return self._computed(name)
        return _data_of(self.form[name], datum)

    def _computed(self, name: str) -> Any:
        compute = COMPUTATIONS.get(name)
        known = {**self.outside}
        for _, one in self.spec.fields():
            datum = self.library.dictionary.get(one.name)
            if datum and datum.type != "computed" and one.name in self.form:
                known[one.name] = _data_of(self.form[one.name], datum)
        return compute(known) if compute else None

    @staticmethod
    def _matches(value: Any, wanted: tuple[str, ...]) -> bool:
        if wanted == (NOT_EMPTY,):
            return not is_empty(value)
        given = value if isinstance(value, list) else [value]
        return any(as_code(one) in wanted for one in given if not is_empty(one))

    @property
    def title(self) -> str:
        return self.spec.title

    # What is checked and answered.

    def validate(self) -> bool:
        """Only what is asked now is checked; each message says what is wrong and what to do."""
        self._was_validated = True
        self._required.clear()
        for section, one in self.spec.fields():
            if one.required and self.is_active(section, one):
                self._required.add(one.name)
        self.form.validate()
        for section, one in self.spec.fields():
            if one.name in self.form and not self.is_active(section, one):
                _forgive(self.form[one.name])
        return not self.errors

    @property
    def errors(self) -> dict[str, list[Any]]:
        """Name → messages; of a group, its own and those of its rows."""
        return {field.short_name: found for field in self.form if (found := _errors_of(field))}

    def answers(self) -> dict[str, Any]:
        """Plain JSON: what is asked now and was answered, computed from it, or cleared."""
        found: dict[str, Any] = {}
        for section, one in self.spec.fields():
            if self.is_active(section, one):
                value = self._own(one.name)
                if not is_empty(value):
                    found[one.name] = value
                elif one.name in self.carried:
                    found[one.name] = self._cleared(one.name)
        return found

    def _cleared(self, name: str) -> list[Any] | None:
        """What was brought from before and taken out is not true any more: the case forgets it."""
        several = self.library.dictionary[name].type in ("group", "choices", "lines")
        return [] if several else None

    def raw(self) -> dict[str, Any]:
        """What was typed, readable or not: what a draft keeps."""
        return {
            field.short_name: value for field in self.form if not is_empty(value := _typed(field))
        }


class _Maker:
    """Builds the WTForms class of one form for one request: choices and today are its own."""

    def __init__(
        self, library: Library, choices: Choices, today: date, required: set[str]
    ) -> None:
        self.library = library
        self.choices = choices
        self.today = today
        self.required = required

    def form(self, spec: FormSpec) -> type[Form]:
        made: dict[str, Any] = {}
        for _, one in spec.fields():
            datum = self.library.dictionary.get(one.name)
            if datum is not None and datum.type != "computed":
                made[one.name] = self._field(datum, one.label or datum.label)
        return type(f"{spec.name}_form", (Form,), made)

    def _field(self, datum: Datum, label: str) -> Any:
        validators = [_needed(datum.name, self.required)]
        if datum.is_group:
            row = type(f"{datum.name}_row", (Form,), self._columns(datum))
            return FieldList(
                FormField(row),
                label,
                validators=[*validators, _rows_are_whole],
                max_entries=MOST_ROWS,
            )
        return self._simple(datum, datum.name, label, validators)

    def _columns(self, datum: Datum) -> dict[str, Any]:
        return {
            column.name: self._simple(column, f"{datum.name}.{column.name}", column.label, [])
            for column in datum.fields
            if column.type != "computed"
        }

    def _simple(
        self, datum: Datum, path: str, label: str, validators: list[Callable[..., None]]
    ) -> Any:
        return fields.make(
            self.library, datum, label=label, choices=self.choices.get(path, self.choices.get(datum.name)),
            today=self.today, validators=validators,
        )  # fmt: skip


def bind(
    library: Library,
    form_name: str,
    formdata: Any = None,
    values: Mapping[str, Any] | None = None,
    carried: Mapping[str, Any] | None = None,
    *,
    today: date,
    role: str | None = None,
    choices: Choices | None = None,
    usual: Mapping[str, Sequence[str]] | None = None,
) -> BoundForm:
    """The form of a task, empty, prefilled, or as it was just typed.

    `values` are answers already known (or a draft): they fill the form, and conditions look at
    those the form doesn't ask. `carried` is name → (value, source, date): filled in and said to be
    brought from there. `choices` gives persons, RCPs and sessions as (value, label). `usual` names
    the codes of a list that are offered before the others. KeyError when the library has no such
    form.
    """
    spec = library.forms[form_name]
    typed = None if formdata is None else TypedData.of(formdata, library, spec)
    brought = {
        name: one if isinstance(one, Carried) else Carried(*one)
        for name, one in (carried or {}).items()
    }
    return BoundForm(
        library, spec, formdata=typed, values=values or {}, carried=brought,
        choices=choices or {}, today=today, usual=usual or {},
    )  # fmt: skip


def _data_of(field: Any, datum: Datum) -> Any:
    if not datum.is_group:
        return field.data
    rows = [
        {name: one.data for name, one in entry.form._fields.items() if not is_empty(one.data)}
        for entry in field.entries
    ]
    return [row for row in rows if row] or None


def _typed(field: Any) -> Any:
    if isinstance(field, FieldList):
        rows = [
            {
                name: value
                for name, one in entry.form._fields.items()
                if not is_empty(value := _typed(one))
            }
            for entry in field.entries
        ]
        return [row for row in rows if row]
    unreadable = getattr(field, "is_unreadable", False)
    return field.typed if unreadable else field.data


def _needed(name: str, required: set[str]) -> Callable[[Any, Any], None]:
    def check(_form: Any, field: Any) -> None:
        if name not in required or getattr(field, "is_unreadable", False):
            return
        if isinstance(field, FieldList):
            if not any(
                _typed(entry.form[key]) for entry in field.entries for key in entry.form._fields
            ):
                raise StopValidation("Ajoutez au moins une ligne.")
        elif is_empty(field.data):
            raise StopValidation(_ask(field))

    return check


def _ask(field: Any) -> str:
    chosen = field.datum.type in fields.CHOSEN
    return "Choisissez une réponse." if chosen else "Ce champ est obligatoire\u202f: complétez-le."


def _rows_are_whole(_form: Any, field: Any) -> None:
    """A row that was begun has what a row needs; an empty one asks for nothing."""
    for entry in field.entries:
        begun = any(not is_empty(_typed(one)) for one in entry.form._fields.values())
        for one in entry.form._fields.values():
            missing = is_empty(one.data) and not getattr(one, "is_unreadable", False)
            if begun and one.datum.required and missing and not one.errors:
                one.errors = [_ask(one)]


def _forgive(field: Any) -> None:
    field.errors = []
    for entry in getattr(field, "entries", ()):
        for one in entry.form._fields.values():
            one.errors = []


def _errors_of(field: Any) -> list[Any]:
    """Messages; those of a group's rows follow as row number → column → messages."""
    own: list[Any] = [str(one) for one in field.errors if not isinstance(one, (Mapping, list))]
    for place, entry in enumerate(getattr(field, "entries", ())):
        found = {name: list(one.errors) for name, one in entry.form._fields.items() if one.errors}
        if found:
            own.append({place: found})
    return own
