"""A patient reflects, refuses, changes their mind: only what is refused stops, support goes on.

A refusal never closes a case, and may be taken back (domain §11, P03, P04, X02).
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine import queries as engine_queries
from engine.errors import Invalid
from engine.handlers import ServiceStep, handles
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.french import listed
from workflows.library import library_of
from workflows.pathways import lines, redirection
from workflows.pathways.modalities import is_same
from workflows.pathways.plan import ALTERNATIVE, last_proposals
from workflows.pathways.reading import day, rows, today
from workflows.pathways.treatment import ENDED, kind_of, modalities_of, stopped_as, treatment_phase

REASON = "Refus du patient."
CHOSEN = "alternative"
# What the follow-up of a refusal beside the pathway must know of it.
_TOLD = (
    "refusal_date",
    "refusal_scope",
    "refused_treatments",
    "refused_lines",
    "refusal_review_date",
)


@guard("propose_treatment")
@guard("trace_refusal")
def require_discussed_alternative(db: Session, step: CompletedForm) -> None:
    """An alternative is one the RCP has named; any other goes back to it first (invariant 8)."""
    if CHOSEN not in (step.answers.get("patient_decision"), step.answers.get("refusal_outcome")):
        return
    proposals = last_proposals(db, step.case.id)
    if not any(row.get("intention_rank") == ALTERNATIVE for row in proposals):
        raise Invalid(
            "La RCP n’a proposé aucune alternative\u202f: tracez le refus, puis sollicitez la RCP.",
            {"patient_decision": "Aucune alternative dans l’avis de la RCP."}
            if step.task.form == "propose_treatment"
            else {"refusal_outcome": "Choisissez de solliciter la RCP."},
        )


@guard("trace_refusal")
def require_what_is_refused(db: Session, step: CompletedForm) -> None:
    """Only the refused treatments stop, so they are named."""
    if step.answers.get("refusal_scope") != "one":
        return
    kinds = step.answers.get("refused_treatments") or ()
    if not kinds and not step.answers.get("refused_lines"):
        raise Invalid(
            "Dites quels traitements le patient refuse\u202f: les autres continuent.",
            {"refused_treatments": "Au moins un traitement."},
        )
    for kind in kinds:
        alike = [one for one in modalities_of(db, step.case.id) if kind_of(db, one) == kind]
        if len(alike) > 1 and not step.answers.get("refused_lines"):
            under_way = listed(sorted(lines.names_of(db, alike)))
            raise Invalid(
                f"Plusieurs traitements de ce type sont en cours ({under_way})\u202f: cochez ceux "
                "que le patient refuse.",
                {"refused_lines": "Au moins un traitement."},
            )


@guard("trace_refusal")
def require_later_review(db: Session, step: CompletedForm) -> None:
    """A refusal is not for ever: the patient is seen again, on a day to come."""
    review = day(step.answers.get("refusal_review_date"))
    if review is None or review <= today(step.now):
        raise Invalid(
            "Indiquez quand revoir le patient, après aujourd’hui\u202f: il peut changer d’avis.",
            {"refusal_review_date": "Date à venir attendue."},
        )


@effect("trace_refusal")
def choose_what_follows(db: Session, step: CompletedForm) -> None:
    """The alternative is planned at once; otherwise the RCP is told of the refusal."""
    step.answers["rcp_reason"] = "refusal"
    if step.answers.get("refusal_outcome") == CHOSEN:
        step.answers["patient_decision"] = CHOSEN


@effect("reflection")
def remember_divergence(db: Session, step: CompletedForm) -> None:
    if step.answers.get("second_opinion_result") == "divergent":
        step.answers["rcp_reason"] = "second_opinion"


@guard("review_refusal")
def require_later_next_review(db: Session, step: CompletedForm) -> None:
    """The date of this review is not a next one."""
    if step.answers.get("refusal_review_date"):
        require_later_review(db, step)


@effect("review_refusal")
def plan_next_review(db: Session, step: CompletedForm) -> None:
    """Without a date the follow-up ends."""
    step.answers.setdefault("refusal_review_date", None)


@handles("follow_refusal")
def follow_refusal(step: ServiceStep) -> None:
    """A refusal traced inside the pathway is followed beside it: review, change of mind."""
    told = {name: step.get(name) for name in _TOLD} | {"refused_names": _refused_names(step)}
    redirection.send(step, "refusal_traced", told)


@handles("stop_refused")
def stop_refused(step: ServiceStep) -> None:
    """Only the refused treatments stop; with none left, or by choice, an RCP is told."""
    kinds, named = _refused_kinds(step), _refused_lines(step)
    step.set("refused_names", _refused_names(step))
    _mark(step, kinds, lambda row: stopped_as(row, step.now))
    stopped = redirection.stop_modalities(step, REASON, kinds, named)
    step.set("plan_goes_on", bool(kinds or named))
    if step.get("refusal_outcome") == CHOSEN:
        return  # the PPS adds it to the phase that runs
    if (
        (kinds or named)
        and not _holds_phase(step, stopped)
        and redirection.interrupt_phase(step, rcp_reason="refusal")
    ):
        step.set("plan_goes_on", False)  # the RCP first, then the PPS
    else:
        redirection.ask_for_rcp(step, "refusal")


@handles("reconsider_refusal")
def reconsider_refusal(step: ServiceStep) -> None:
    """What was refused is planned again in the phase that runs; else the RCP is asked."""
    phase = treatment_phase(step.db, step.case.id)
    if step.get("retraction_outcome") == "resume" and phase is not None:
        _mark(step, _refused_kinds(step), _planned_again)
        _plan_lines_again(step)
        redirection.send(step, "pps_update_requested")
    else:
        redirection.ask_for_rcp(step, "refusal")


def _holds_phase(step: ServiceStep, stopped: set[int]) -> bool:
    """Whether the phase of treatment, if any, still has something to do without the refused."""
    if not redirection.is_open(step, "treatment"):
        return True
    running = [
        one
        for one in modalities_of(step.db, step.case.id)
        if one.reply_message == ENDED and one.id not in stopped
    ]
    return bool(running) or any(row.get("status") == "planned" for row in _treatments(step))


def _refused_kinds(step: ServiceStep) -> set[str]:
    """The kinds named, or every kind of the plan; refusing information stops no treatment.

    A kind of which a line is ticked says no more than that line.
    """
    scope = step.get("refusal_scope")
    if scope == "all":
        return {str(row.get("kind")) for row in _treatments(step)}
    ticked = (
        engine_queries.instance_data(step.db, one).get("treatment_kind")
        for one in _refused_lines(step)
    )
    kinds = set(step.get("refused_treatments") or ()) if scope == "one" else set()
    return kinds - set(ticked)


def _refused_names(step: ServiceStep) -> str:
    """In words, for whoever sees the patient again."""
    library = library_of(step.db, step.instance.revision_id)
    if (scope := step.get("refusal_scope")) != "one":
        return forms.display(library, "refusal_scope", scope)
    kinds = library.value_sets["treatment_kind"]
    refused = [kinds.label(kind) for kind in sorted(_refused_kinds(step))]
    named = _refused_lines(step)
    under_way = [one for one in modalities_of(step.db, step.case.id) if one.id in named]
    return listed([*lines.names_of(step.db, under_way), *refused])


def _refused_lines(step: ServiceStep) -> set[int]:
    """The very treatments under way that are refused, still running or not."""
    told = {"refused_lines": step.get("refused_lines")}
    return lines.ids(told, "refused_lines") if step.get("refusal_scope") == "one" else set()


def _plan_lines_again(step: ServiceStep) -> None:
    """The row of each refused line is planned once more."""
    treatments = _treatments(step)
    for line_id in _refused_lines(step):
        line = engine_queries.instance_data(step.db, line_id)
        row = next(
            (
                one
                for one in reversed(treatments)
                if is_same(one, line) and one.get("status") in ("not_done", "stopped")
            ),
            None,
        )
        if row is not None:
            row["status"] = "planned"
    step.set("treatments", treatments)


def _mark(step: ServiceStep, kinds: set[str], how: Callable[[dict[str, Any]], str]) -> None:
    """The PPS says what becomes of the treatments of these kinds."""
    treatments = _treatments(step)
    for row in treatments:
        if row.get("kind") in kinds:
            row["status"] = how(row)
    step.set("treatments", treatments)


def _planned_again(row: dict[str, Any]) -> str:
    status = str(row.get("status") or "planned")
    return "planned" if status in ("not_done", "stopped") else status


def _treatments(step: ServiceStep) -> list[dict[str, Any]]:
    return rows(engine_queries.case_data(step.db, step.case.id), "treatments")
