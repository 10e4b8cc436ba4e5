"""A bound form comes in; its sections, fields and rows go out as a template shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from forms.build import BoundForm, Carried
from forms.computed import SAID
from forms.display import display
from forms.fields import BOOLEANS, Choosing, Ticking
from forms.spec import Datum, FieldSpec, SectionSpec, When


@dataclass(frozen=True)
class ShownChoice:
    value: str
    label: str
    hint: str
    chosen: bool
    usual: bool = False  # offered before the others


@dataclass(frozen=True)
class Row:
    """One row of a repeatable group; `id` is what its « retirer » button posts."""

    id: str
    index: int
    fields: tuple[ShownField, ...]

    def __iter__(self) -> Iterator[ShownField]:
        return iter(self.fields)


@dataclass(frozen=True)
class ShownField:
    """All that a template needs of one question."""

    name: str  # of the datum, or of the column
    html_name: str
    label: str
    kind: str  # the datum's type
    hint: str = ""
    required: bool = False
    value: Any = ""  # text, list of codes, or computed text
    is_said: bool = False  # written by a diagram: nothing of it is computed here
    errors: tuple[str, ...] = ()
    choices: tuple[ShownChoice, ...] = ()
    rows: tuple[Row, ...] = ()
    columns: tuple[Datum, ...] = ()
    carried: Carried | None = None
    unit: str = ""
    when: dict[str, list[str]] = field(default_factory=dict)
    visible: bool = True
    max_length: int | None = None
    datum: Datum | None = None

    @property
    def error(self) -> str:
        return self.errors[0] if self.errors else ""

    @property
    def id(self) -> str:
        return f"f-{self.html_name}"

    @property
    def is_answered(self) -> bool:
        if self.rows:
            return any(one.is_answered for row in self.rows for one in row)
        if self.choices:
            return any(choice.chosen for choice in self.choices)
        return self.value not in ("", None, [])


@dataclass(frozen=True)
class Section:
    id: str
    title: str
    hint: str
    fields: tuple[ShownField, ...]
    visible: bool
    when: dict[str, list[str]]

    def __iter__(self) -> Iterator[ShownField]:
        return iter(self.fields)

    @property
    def has_errors(self) -> bool:
        return any(one.errors or _row_errors(one) for one in self.fields)

    @property
    def is_complete(self) -> bool:
        """Everything owed is answered; a section that owes nothing is once it says something."""
        asked = [one for one in self.fields if one.visible]
        owed = [one for one in asked if one.required]
        return all(one.is_answered for one in owed) and any(one.is_answered for one in asked)


def sections(form: BoundForm) -> tuple[Section, ...]:
    return tuple(
        Section(
            id=f"s-{place}",
            title=section.title,
            hint=section.hint,
            fields=tuple(
                _field(form, section, one)
                for one in section.fields
                if one.name in form.library.dictionary
            ),
            visible=form._holds(section.when, set()),
            when=_plain(section.when),
        )
        for place, section in enumerate(form.spec.sections, 1)
    )


def _field(form: BoundForm, section: SectionSpec, one: FieldSpec) -> ShownField:
    datum = form.library.dictionary[one.name]
    told: dict[str, Any] = {
        "label": one.label or datum.label,
        "hint": one.hint or datum.hint,
        "required": one.required,
        "when": _plain(one.when),
        "visible": form.is_active(section, one),
        "carried": _still_carried(form, one.name, datum),
    }
    if datum.type == "computed":
        value = form._computed(one.name)
        text = display(form.library, one.name, value) if value is not None else ""
        return ShownField(
            one.name, one.name, kind="computed", value=text, unit=datum.unit, datum=datum,
            is_said=one.name in SAID, **told,
        )  # fmt: skip
    bound = form.form[one.name]
    if datum.is_group:
        rows = tuple(_rows(form, datum, bound))
        return ShownField(
            one.name, one.name, kind="group", rows=rows, columns=datum.fields, datum=datum,
            errors=tuple(e for e in bound.errors if isinstance(e, str)), **told,
        )  # fmt: skip
    return _simple(datum, bound, usual=form.usual.get(one.name, ()), **told)


def _simple(datum: Datum, bound: Any, usual: Sequence[str] = (), **told: Any) -> ShownField:
    return ShownField(
        datum.name,
        bound.name,
        kind=datum.type,
        value=list(bound.data or []) if isinstance(bound, Ticking) else bound._value(),
        errors=tuple(map(str, bound.errors)),
        choices=_usual_first(tuple(_choices(bound)), usual),
        unit=datum.unit,
        max_length=datum.max_length,
        datum=datum,
        **told,
    )


def _rows(form: BoundForm, datum: Datum, bound: Any) -> Iterator[Row]:
    for entry in bound.entries:
        columns = {column.name: column for column in datum.fields}
        yield Row(
            id=entry.name,
            index=int(entry.name.rsplit("-", 1)[1]),
            fields=tuple(
                _simple(
                    columns[name], one,
                    label=columns[name].label, hint=columns[name].hint, required=columns[name].required,
                )
                for name, one in entry.form._fields.items()
            ),
        )  # fmt: skip


def _choices(bound: Any) -> Iterator[ShownChoice]:
    if isinstance(bound, Ticking):
        chosen = set(bound.data or ())
        for code, label, hint in bound.offered:
            yield ShownChoice(code, label, hint, code in chosen)
    elif isinstance(bound, Choosing):
        shown = bound._value()
        for code, label, hint in bound.choices or BOOLEANS:
            yield ShownChoice(code, label, hint, code == shown)


def _usual_first(
    choices: tuple[ShownChoice, ...], usual: Sequence[str]
) -> tuple[ShownChoice, ...]:
    marked = [replace(one, usual=one.value in usual) for one in choices]
    return tuple(sorted(marked, key=lambda one: not one.usual))


def _still_carried(form: BoundForm, name: str, datum: Datum) -> Carried | None:
    """Said to be brought from elsewhere only as long as nobody has changed it."""
    brought = form.carried.get(name)
    if brought is None:
        return None
    current = form._own(name) if datum.type != "computed" else brought.value
    return brought if current == brought.value else None


def _row_errors(one: ShownField) -> bool:
    return any(column.errors for row in one.rows for column in row)


def _plain(when: When) -> dict[str, list[str]]:
    return {name: list(values) for name, values in when.items()}
