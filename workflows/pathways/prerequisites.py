"""Before a first treatment (T01): what is missing holds the start, unless a physician says why not.

Domain §11, A13 and T01; invariant 10: an overridden block stores who, when and why.
"""

from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine.errors import Invalid
from workflows.cases.steps import (
    CompletedForm,
    effect,
    guard,
    require_answers,
    skipped,
    write_down,
)
from workflows.consent.queries import is_opposed
from workflows.deadlines.operations import forget_milestone
from workflows.deadlines.queries import CASE, milestone
from workflows.deadlines.steps import date_of_diagram
from workflows.pathways.reading import known, number, rows
from workflows.rcp import queries as rcp_queries
from workflows.records import queries as records
from workflows.records.models import RecordKind
from workflows.staff import queries as staff

FORM = "check_prerequisites"
CHECKS = ("rcp", "pps", "workup", "dental", "venous_access", "fertility")
FIRST_TREATMENT = "first_treatment"  # the milestone T01 hangs on
WAIVED = "waived"
START_REASON = "start_waiver_reason"
# The first step of each kind of treatment.
STARTS = (
    "plan_surgery",
    "prepare_radiotherapy",
    "prescribe_systemic",
    "prescribe_oral",
    "plan_procedure",
)
# Who may still want children; what may prevent it: chemotherapy, radiation, a transplant.
FERTILE_AGES = range(15, 45)
GONADOTOXIC = frozenset({"C15632", "C15313", "C15195", "MED-126", "MED-232"})

require_answers(FORM, {"prerequisites_outcome": "Dites si tout est prêt avant le traitement."})


@guard(FORM)
def hold_what_is_missing(db: Session, step: CompletedForm) -> None:
    """« Tout est prêt » and a missing prerequisite contradict each other."""
    if step.answers.get("prerequisites_outcome") == WAIVED:
        return
    missing = [name for name in CHECKS if step.answers.get(f"check_{name}") == "missing"]
    if missing:
        raise Invalid(
            "Un prérequis manque\u202f: attendez-le, ou choisissez « Départ malgré un manque » "
            "avec le médecin qui le décide et sa raison.",
            {f"check_{name}": "Manquant." for name in missing},
        )


@guard(FORM)
def require_fertility_addressed(db: Session, step: CompletedForm) -> None:
    """A13: fertility is addressed before a treatment that may take it away."""
    if step.answers.get("prerequisites_outcome") == WAIVED or not _is_at_risk(db, step):
        return
    if step.answers.get("check_fertility") not in ("done", "not_concerned"):
        raise Invalid(
            "À cet âge, la préservation de la fertilité s’aborde avant un traitement qui peut "
            "l’atteindre\u202f: notez-la faite ou non concernée, ou levez le blocage avec une raison.",
            {"check_fertility": "Réponse attendue avant le traitement."},
        )


@guard(FORM)
def hold_what_the_case_lacks(db: Session, step: CompletedForm) -> None:
    """« Tout est prêt » is not what the folder says when no RCP met, or no PPS was given."""
    lacking = lacks(db, step.case.id)
    if step.answers.get("prerequisites_outcome") == WAIVED or not lacking:
        return
    raise Invalid(
        f"{' '.join(lacking.values())} Faites-le d’abord, ou choisissez «\u202fDépart malgré un "
        "manque\u202f» avec le médecin qui le décide et sa raison.",
        dict.fromkeys(lacking, "Manquant."),
    )


@skipped("hand_over_pps")
@effect("hand_over_pps")
def date_first_treatment(db: Session, step: CompletedForm) -> None:
    """T01 is due three days before what the PPS plans first; a plan without a date leaves none."""
    starts = [
        str(row["planned_start"])
        for row in rows(engine_queries.case_data(db, step.case.id), "treatments")
        if row.get("status") in (None, "planned") and row.get("planned_start")
    ]
    if starts:
        date_of_diagram(db, step, CASE, FIRST_TREATMENT, min(starts), step.task.name)
    elif milestone(db, case_id=step.case.id, name=FIRST_TREATMENT):  # that of an earlier plan
        forget_milestone(
            db, case_id=step.case.id, name=FIRST_TREATMENT, actor=step.actor, now=step.now
        )


@guard(FORM)
def require_a_physician_to_waive(db: Session, step: CompletedForm) -> None:
    """T01: the block is lifted by a physician, and the journal keeps who, when, why."""
    if step.answers.get("prerequisites_outcome") != WAIVED:
        return
    by = number(step.answers.get("waiver_by"))
    missing = {
        name: "Obligatoire pour lever le blocage."
        for name in ("waiver_by", "waiver_reason")
        if not str(step.answers.get(name) or "").strip()
    }
    if missing or by is None:
        raise Invalid(
            "Un départ malgré un manque garde le nom du médecin qui le décide et sa raison.",
            missing or {"waiver_by": "Médecin attendu."},
        )
    if not staff.is_physician(db, by):
        raise Invalid(
            "Un départ malgré un manque est décidé par un médecin\u202f: nommez-le.",
            {"waiver_by": "Cette personne n’est pas médecin."},
        )


@effect(FORM)
def keep_the_waiver(db: Session, step: CompletedForm) -> None:
    if step.answers.get("prerequisites_outcome") == WAIVED:
        write_down(
            db,
            step,
            "treatment.prerequisites_waived",
            by=step.answers.get("waiver_by"),
            reason=step.answers.get("waiver_reason"),
            missing=[n for n in CHECKS if step.answers.get(f"check_{n}") == "missing"],
        )


def lacks(db: Session, case_id: int) -> dict[str, str]:
    """What the folder itself shows as missing before a treatment: the check → the sentence."""
    data = engine_queries.case_data(db, case_id)
    found = {}
    decided = any(
        one.state in rcp_queries.DECIDED for one in rcp_queries.registrations_of_case(db, case_id)
    )
    if not (decided or data.get("emergency_date") or is_opposed(data)):
        found["check_rcp"] = "Aucune RCP n’a rendu d’avis sur ce dossier."
    plan = records.current(db, case_id=case_id, kind=RecordKind.PPS)
    if plan is None:
        found["check_pps"] = "Aucun PPS n’est validé."
    elif plan.handed_over_date is None and plan.refused_date is None:
        found["check_pps"] = "Le PPS n’a pas été remis au patient."
    return found


@effect(FORM)
def verified(db: Session, step: CompletedForm) -> None:
    step.answers["prerequisites_skipped"] = False


def hold_unverified(db: Session, step: CompletedForm) -> None:
    """T01 was « sans objet »: who begins a treatment all the same says why (invariant 10)."""
    if known(db, step).get("prerequisites_skipped") is not True:
        return
    reason = str(step.answers.get(START_REASON) or "").strip()
    if not reason:
        raise Invalid(
            "Les prérequis n’ont pas été vérifiés avant ce traitement : l’étape «\u202fVérifier "
            "les prérequis\u202f» a été déclarée sans objet. Dites pourquoi il commence quand même.",
            {START_REASON: "Raison attendue."},
        )
    write_down(db, step, "treatment.unverified_start", reason=reason)


for _form in STARTS:
    guard(_form, undoable=True)(hold_unverified)


def _is_at_risk(db: Session, step: CompletedForm) -> bool:
    facts = known(db, step)
    age: Any = facts.get("patient_age")
    planned = {
        str(row.get("kind"))
        for row in rows(facts, "treatments")
        if row.get("status") in (None, "planned")
    }
    return isinstance(age, int) and age in FERTILE_AGES and bool(planned & GONADOTOXIC)
