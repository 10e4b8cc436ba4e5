"""What medicine adds to a form: `@guard` may refuse it, `@effect` acts once it is accepted.

A guard runs before anything is written and raises a `Refusal`; an effect runs before the
engine moves on, in the same transaction, and may complete `step.answers`.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.models import Case, Task
from workflows.staff.models import User


@dataclass(frozen=True, slots=True)
class CompletedForm:
    """A form a person has just validated. `answers` is this step's own copy: an effect may add."""

    case: Case
    task: Task
    answers: dict[str, Any]
    actor: str
    user: User
    now: datetime


Step = Callable[[Session, CompletedForm], None]
_guards: dict[str, list[Step]] = defaultdict(list)
_effects: dict[str, list[Step]] = defaultdict(list)


def guard(form_name: str) -> Callable[[Step], Step]:
    """Register a rule that the form must satisfy whatever the diagram says."""
    return _registrar(_guards, form_name)


def effect(form_name: str) -> Callable[[Step], Step]:
    """Register what else happens when the form is accepted."""
    return _registrar(_effects, form_name)


def check(db: Session, form_name: str, step: CompletedForm) -> None:
    """Run the form's guards in the order they were registered."""
    for rule in _guards.get(form_name, ()):
        rule(db, step)


def is_guarded(form_name: str) -> bool:
    """Whether rules hang on this form: such a step is done, never declared without object."""
    return bool(_guards.get(form_name))


def apply(db: Session, form_name: str, step: CompletedForm) -> None:
    """Run the form's effects in the order they were registered."""
    for action in _effects.get(form_name, ()):
        action(db, step)


def _registrar(registry: dict[str, list[Step]], form_name: str) -> Callable[[Step], Step]:
    def remember(function: Step) -> Step:
        if function not in registry[form_name]:
            registry[form_name].append(function)
        return function

    return remember
