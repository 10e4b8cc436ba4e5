"""What medicine adds to a form: `@guard` may refuse it, `@effect` acts once it is accepted.

A guard runs before anything is written and raises a `Refusal`; an effect runs before the
engine moves on, in the same transaction, and may complete `step.answers`. A step declared « sans
objet » satisfies no rule: neither is asked, only what `@skipped` says of it (docs/adr/0016).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Invalid
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
    way: str = ""  # of a step « sans objet »: how the pathway goes on


def write_down(db: Session, step: CompletedForm, action: str, **detail: Any) -> None:
    """Invariant 10: a rule that this step passes over keeps who, when and why, in the journal."""
    audit.record(
        db,
        actor=step.actor,
        action=action,
        now=step.now,
        case_id=step.case.id,
        object=f"task:{step.task.id}",
        detail=detail,
    )


Step = Callable[[Session, CompletedForm], None]
_guards: dict[str, list[Step]] = defaultdict(list)
_effects: dict[str, list[Step]] = defaultdict(list)
_skipped: dict[str, list[Step]] = defaultdict(list)
_required: dict[str, dict[str, str]] = defaultdict(dict)
_never_skipped: set[str] = set()
_light: set[tuple[str, Step]] = set()


def guard(form_name: str, *, undoable: bool = False) -> Callable[[Step], Step]:
    """Register a rule that the form must satisfy whatever the diagram says.

    A form with rules is not taken back by « Annuler », unless what they ask engages nobody.

    Several rules of one form are asked by module, then by place in it: which of them speaks
    first does not depend on what was imported first.
    """
    register = _registrar(_guards, form_name)

    def remember(rule: Step) -> Step:
        register(rule)
        if undoable:
            _light.add((form_name, rule))
        _guards[form_name].sort(key=_place)
        return rule

    return remember


def effect(form_name: str) -> Callable[[Step], Step]:
    """Register what else happens when the form is accepted."""
    return _registrar(_effects, form_name)


def skipped(form_name: str) -> Callable[[Step], Step]:
    """Register what holds, or happens, when the step is « sans objet »; it may refuse."""
    return _registrar(_skipped, form_name)


def require_answers(form_name: str, answers: Mapping[str, str]) -> None:
    """Data the diagram turns on → what a person reads when one is not given."""
    _required[form_name].update(answers)


def never_skip(*form_names: str) -> None:
    """Steps that something later waits for: « sans objet » names how the pathway goes on."""
    _never_skipped.update(form_names)


def check(db: Session, form_name: str, step: CompletedForm) -> None:
    """What the form must answer, then its guards."""
    missing = {
        name: sentence
        for name, sentence in _required.get(form_name, {}).items()
        if step.answers.get(name) in (None, "", [])
    }
    if missing:
        raise Invalid(" ".join(missing.values()), missing)
    for rule in _guards.get(form_name, ()):
        rule(db, step)


def is_guarded(form_name: str) -> bool:
    """Whether rules hang on this form that make its answer an engagement."""
    return any((form_name, rule) not in _light for rule in _guards.get(form_name, ()))


def goes_on_by_itself(form_name: str) -> bool:
    """Without rules, and with answers that decide of no way, « sans objet » needs no way named."""
    return not (is_guarded(form_name) or _required.get(form_name) or form_name in _never_skipped)


def skip(db: Session, form_name: str, step: CompletedForm) -> None:
    """What « sans objet » sets off, in the order it was registered."""
    for action in _skipped.get(form_name, ()):
        action(db, step)


def apply(db: Session, form_name: str, step: CompletedForm) -> None:
    """Run the form's effects in the order they were registered."""
    for action in _effects.get(form_name, ()):
        action(db, step)


def _place(rule: Step) -> tuple[str, int]:
    return rule.__module__, rule.__code__.co_firstlineno


def _registrar(registry: dict[str, list[Step]], form_name: str) -> Callable[[Step], Step]:
    def remember(function: Step) -> Step:
        if function not in registry[form_name]:
            registry[form_name].append(function)
        return function

    return remember
