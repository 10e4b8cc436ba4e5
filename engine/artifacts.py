"""What a release is made of and what may be said about it: plain values, no database."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

KINDS = ("diagram", "table", "dictionary", "form", "value_set", "template", "scenario")


@dataclass(frozen=True)
class Artifact:
    """One file of a release: kind, name (of the file), bytes."""

    kind: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Vocabulary:
    """The words the diagrams may use, told by the rooms that own them."""

    roles: Collection[str] = ()  # names of lanes
    forms: Mapping[str, Collection[str]] = field(default_factory=dict)  # form → names it produces
    data: Mapping[str, str] = field(default_factory=dict)  # name → "case" or "instance"
    handlers: Collection[str] = ()  # service task handlers
    codes: Collection[str] = ()  # codes of roles, as the table of deadlines names them
    anchors: Collection[str] = ()  # what a deadline may be counted from, besides "opened"
    deadline_facts: Collection[str] = ()  # what that table is told besides the answers
    # Names that a script, a table or « with » may not give a value: a person answers, or code acts.
    answered: Collection[str] = ()
    # Messages that code sends to begin a diagram → what for; some diagram must start with each.
    begins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One remark on a release, in French: where, what, and what to do."""

    severity: Literal["error", "warning"]
    artifact: str
    element: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        where = f"{self.artifact}, {self.element}" if self.element else self.artifact
        return f"{where}\u202f: {self.message} {self.remedy}".strip()
