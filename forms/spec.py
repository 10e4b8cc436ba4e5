"""What is asked, as plain frozen values: data, value sets, forms; nothing of WTForms here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

TYPES = (
    "text", "long_text", "integer", "decimal", "date", "partial_date", "datetime", "boolean",
    "choice", "choices", "lines", "person", "rcp", "rcp_session", "unit", "group", "computed",
)  # fmt: skip
NOT_EMPTY = "not_empty"


@dataclass(frozen=True)
class Value:
    """One entry of a value set: what is stored, what is read."""

    code: str
    label: str
    hint: str = ""
    active: bool = True
    national: str = ""  # the national code, where ours is another word


@dataclass(frozen=True)
class ValueSet:
    name: str
    title: str
    values: tuple[Value, ...]
    system: str = ""
    version: str = ""

    def label(self, code: object) -> str:
        """What people read; a code that is gone is shown as it is rather than hidden."""
        return next((value.label for value in self.values if value.code == str(code)), str(code))


@dataclass(frozen=True)
class Datum:
    """One clinical datum: asked, kept, read under the same name everywhere."""

    name: str
    type: str
    label: str
    hint: str = ""
    scope: str = "instance"
    milestone: str = ""
    value_set: str = ""
    unit: str = ""
    code: str = ""
    role: str = ""
    min: float | None = None
    max: float | None = None
    past: bool = False  # a date that has happened
    ahead: bool = False  # a date still to come, today at the earliest
    max_length: int | None = None
    required: bool = False  # in each row of a group
    computed: str = ""
    fields: tuple[Datum, ...] = ()

    @property
    def is_group(self) -> bool:
        return self.type == "group"


When = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class FieldSpec:
    """A datum as one form asks it."""

    name: str
    required: bool = False
    label: str = ""
    hint: str = ""
    when: When = field(default_factory=dict)
    carried: bool = False
    source: str = ""


@dataclass(frozen=True)
class SectionSpec:
    title: str
    fields: tuple[FieldSpec, ...]
    hint: str = ""
    when: When = field(default_factory=dict)


@dataclass(frozen=True)
class SkipWay:
    """How the pathway goes on when the step is « sans objet »: what its diagram turns on."""

    code: str
    label: str  # what follows, said to whoever decides it
    answers: Mapping[str, Any] = field(default_factory=dict)
    leaves: bool = False  # the diagram is left; its caller goes on


@dataclass(frozen=True)
class FormSpec:
    name: str
    title: str
    submit: str
    after: tuple[str, ...]
    sections: tuple[SectionSpec, ...]
    skip: tuple[SkipWay, ...] = ()

    def fields(self) -> Iterator[tuple[SectionSpec, FieldSpec]]:
        for section in self.sections:
            for one in section.fields:
                yield section, one


@dataclass(frozen=True, eq=False)
class Library:
    """The dictionary, the value sets and the forms of one revision."""

    dictionary: Mapping[str, Datum] = field(default_factory=dict)
    value_sets: Mapping[str, ValueSet] = field(default_factory=dict)
    forms: Mapping[str, FormSpec] = field(default_factory=dict)

    def datum(self, path: str) -> Datum | None:
        """A datum by its name, a column by « group.column »."""
        name, _, column = path.partition(".")
        found = self.dictionary.get(name)
        if found is None or not column:
            return found
        return next((one for one in found.fields if one.name == column), None)

    def values_of(self, datum: Datum) -> tuple[Value, ...]:
        known = self.value_sets.get(datum.value_set)
        return known.values if known else ()


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file: where, what, and how to mend it, in French."""

    artifact: str
    element: str
    message: str
    remedy: str


def is_empty(value: Any) -> bool:
    """Nothing was answered; « non » and zero are answers."""
    return value is None or value == "" or value == [] or value == {}
