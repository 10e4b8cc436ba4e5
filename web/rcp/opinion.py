"""What was typed of a case in the meeting comes in; bound forms, answers and errors go out.

The panel shows fields of three real forms of the diagram at once; each is bound and validated as
its own page would do it. One choice, the conclusion of the RCP, says which steps it answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

import forms
from workflows.french import PARIS
from workflows.rcp.decision import CASE_STATUSES
from workflows.rcp.screen import Shown

DISCUSSION, CONFORMING, DECISION = (
    "discuss_case",
    "register_conforming_case",
    "record_rcp_decision",
)
# Conclusion → how the discussion ended; both lead the diagram out of the meeting without a proposal.
UNFINISHED = {"examinations": "examinations", "expert_rcp": "expert_rcp"}
# Said in the meeting for the requester's own step that follows.
_TWICE = ("guideline_name", "guideline_version", "guideline_date")
_CELL = re.compile(r"(\w+)-(\d{1,3})-(\w+)")
HANDED_ON = {"examinations": "requested_exams", "expert_rcp": "expert_rcp_id"}


@dataclass(frozen=True)
class Opinion:
    """The panel of one case: what each field holds, what it answers, what is wrong with it."""

    library: forms.Library
    case_status: str
    values: Mapping[str, Any]
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""

    def label(self, path: str) -> str:
        datum = self.library.datum(path)
        return datum.label if datum else path

    def hint(self, path: str) -> str:
        datum = self.library.datum(path)
        return datum.hint if datum else ""

    def choices(self, path: str) -> Sequence[forms.Value]:
        """What may still be chosen; a value that is no longer offered stays if it was chosen."""
        datum = self.library.datum(path)
        values = self.library.values_of(datum) if datum else ()
        return [one for one in values if one.active or one.code == self.value(path)]

    def value(self, name: str) -> str:
        value = self.values.get(name)
        return "" if value is None else str(value)

    def several(self, name: str) -> list[str]:
        value = self.values.get(name) or []
        return [str(one) for one in value] if isinstance(value, list) else [str(value)]

    def rows(self, name: str) -> list[Mapping[str, Any]]:
        return [row for row in self.values.get(name) or [] if isinstance(row, Mapping)]


def blank(shown: Shown) -> Opinion:
    """What was typed before, or what this very RCP has answered; nothing is chosen beforehand."""
    registration = shown.registration
    if registration.draft:
        typed = MultiDict(_flat(registration.draft))
        return Opinion(shown.library, typed.get("case_status", ""), typed_values(typed))
    known = dict(shown.data) if registration.called_at else {}
    return Opinion(shown.library, registration.case_status, known)


def read(
    shown: Shown,
    typed: MultiDict[str, str],
    moment: datetime,
    experts: Sequence[tuple[int, str]],
) -> Opinion:
    """Bind what came to the forms of the steps its conclusion leads to, and validate them."""
    status, conclusion = typed.get("case_status", ""), typed.get("rcp_proposal", "")
    given = MultiDict(typed)
    for name in _TWICE:
        given[name] = next(filter(str.strip, typed.getlist(name)), "")
    given["opinion_given"] = UNFINISHED.get(conclusion, "yes")
    opinion = Opinion(shown.library, status, typed_values(typed))
    bound = {
        name: _bind(shown, name, moment, given, experts) for name in steps(status, conclusion)
    }
    errors = _first_errors(bound, status, conclusion)
    if errors:
        return replace(opinion, errors=errors, message=_summary(errors))
    answers = {name: forms.answers(form) for name, form in bound.items()}
    if conclusion in HANDED_ON and DISCUSSION in answers:
        answers[DISCUSSION] |= _handed_on(shown, conclusion, moment, given, experts)
    return replace(opinion, answers=answers)


def with_rows(shown: Shown, typed: MultiDict[str, str]) -> Opinion:
    """The same panel with a row more or less, for a browser without scripts."""
    values = typed_values(typed)
    if added := values.pop("_add", ""):
        values[added] = [*(values.get(added) or []), {}]
    name, _, index = str(values.pop("_remove", "")).rpartition("-")
    if name in values and index.isdigit():
        values[name] = [row for at, row in enumerate(values[name]) if at != int(index)]
    return Opinion(shown.library, typed.get("case_status", ""), values)


def typed_values(typed: MultiDict[str, str]) -> dict[str, Any]:
    """Fields by name; « proposals-0-kind » goes to the first row of `proposals`."""
    values: dict[str, Any] = {}
    rows: dict[str, dict[int, dict[str, str]]] = {}
    for name, texts in typed.lists():
        if found := _CELL.fullmatch(name):
            rows.setdefault(found[1], {}).setdefault(int(found[2]), {})[found[3]] = texts[0]
        else:
            # The same datum may be asked in two places: the one that was filled speaks.
            values[name] = next(filter(str.strip, texts), "")
    return values | {name: [row[one] for one in sorted(row)] for name, row in rows.items()}


def _handed_on(
    shown: Shown,
    conclusion: str,
    moment: datetime,
    given: MultiDict[str, str],
    experts: Sequence[tuple[int, str]],
) -> dict[str, Any]:
    """What the meeting asks for, brought to the requester's own step."""
    said = forms.answers(_bind(shown, DECISION, moment, given, experts))
    name = HANDED_ON[conclusion]
    return {name: said[name]} if said.get(name) else {}


def steps(status: str, conclusion: str) -> tuple[str, ...]:
    """The steps of the diagram that this opinion finishes."""
    if status == "registered":
        return CONFORMING, DECISION
    return (DISCUSSION,) if conclusion in UNFINISHED else (DISCUSSION, DECISION)


def _first_errors(bound: Mapping[str, Any], status: str, conclusion: str) -> dict[str, str]:
    errors: dict[str, str] = {}
    if status not in CASE_STATUSES:
        errors["case_status"] = "Choisissez discuté ou enregistré."
    if not conclusion:
        errors["rcp_proposal"] = "Choisissez la conclusion de la RCP."
    for form in bound.values():
        if not form.validate():
            for name, found in form.errors.items():
                errors.setdefault(str(name), _words(found))
    return errors


def _words(found: Any) -> str:
    """The first message, however deep a repeated row holds it."""
    if isinstance(found, str):
        return found
    if isinstance(found, Mapping):
        found = list(found.values())
    return next((words for one in found if one and (words := _words(one))), "")


def _summary(errors: Mapping[str, str]) -> str:
    number = len(errors)
    return f"{number} point{'s' if number > 1 else ''} à corriger avant de valider."


def _bind(
    shown: Shown,
    name: str,
    moment: datetime,
    typed: MultiDict[str, str],
    experts: Sequence[tuple[int, str]],
) -> Any:
    return forms.bind(
        shown.library,
        name,
        formdata=typed,
        values=shown.data,
        today=moment.astimezone(PARIS).date(),
        choices={"expert_rcp_id": experts},
    )


def _flat(draft: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in draft.items()
        for value in (values if isinstance(values, list) else [values])
    ]
