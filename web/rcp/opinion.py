"""What was typed of a case in the meeting comes in; bound forms, answers and errors go out.

The panel shows fields of three real forms of the diagram at once; each is bound and validated as
its own page would do it. One choice, the conclusion of the RCP, says which steps it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from werkzeug.datastructures import ImmutableMultiDict, MultiDict

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
HANDED_ON = {"examinations": "requested_exams", "expert_rcp": "expert_rcp_id"}


@dataclass(frozen=True)
class Opinion:
    """The panel of one case: the fields by name, what they answer, what is wrong with them."""

    case_status: str
    forms: Mapping[str, Any]
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""

    def __getitem__(self, name: str) -> Any:
        """The field of that name, from whichever form has it; None when no form asks it."""
        for form in self.forms.values():
            if name in form:
                return form[name]
        return None


def blank(shown: Shown, moment: datetime) -> Opinion:
    """Nothing is preselected but what was typed before, or asked for at the inscription."""
    draft = shown.registration.draft
    if draft:
        return read(shown, MultiDict(_flat(draft)), moment, check=False)
    bound = {name: _bind(shown, name, moment) for name in (DECISION, DISCUSSION, CONFORMING)}
    return Opinion(shown.registration.case_status, bound)


def read(
    shown: Shown,
    typed: ImmutableMultiDict[str, str] | MultiDict[str, str],
    moment: datetime,
    *,
    check: bool = True,
) -> Opinion:
    """Bind what came; with `check`, validate the steps the conclusion leads to."""
    status = typed.get("case_status", "")
    conclusion = typed.get("rcp_proposal", "")
    given = MultiDict(typed)
    given["opinion_given"] = UNFINISHED.get(conclusion, "yes")
    bound = {
        name: _bind(shown, name, moment, given) for name in (DECISION, DISCUSSION, CONFORMING)
    }
    if not check:
        return Opinion(status, bound)
    errors = _first_errors(bound, status, conclusion)
    if errors:
        return Opinion(status, bound, errors=errors, message=_summary(errors))
    answers = {name: forms.answers(bound[name]) for name in steps(status, conclusion)}
    if handed := HANDED_ON.get(conclusion):
        value = forms.answers(bound[DECISION]).get(handed)
        if DISCUSSION in answers and value:
            answers[DISCUSSION] |= {handed: value}
    return Opinion(status, bound, answers=answers)


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
    for name in steps(status, conclusion):
        if not bound[name].validate():
            for label, found in bound[name].errors.items():
                errors.setdefault(str(label), _words(found))
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
    typed: MultiDict[str, str] | None = None,
) -> Any:
    return forms.bind(
        shown.library,
        name,
        formdata=typed,
        values=None if typed is not None else _known(shown, name),
        today=moment.astimezone(PARIS).date(),
    )


def _known(shown: Shown, name: str) -> dict[str, Any]:
    """Only what this very RCP has already answered: nothing is chosen beforehand."""
    return dict(shown.data) if shown.registration.called_at else {}


def _flat(draft: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in draft.items()
        for value in (values if isinstance(values, list) else [values])
    ]
