"""Before a first treatment (T01): what is missing holds the start, unless a physician says why not.

Domain §11, A13 and T01; invariant 10: an overridden block stores who, when and why.
"""

from typing import Any

from sqlalchemy.orm import Session

from engine.errors import Invalid
from workflows.cases.steps import CompletedForm, guard, require_answers
from workflows.pathways.reading import known, rows

FORM = "check_prerequisites"
CHECKS = ("rcp", "pps", "workup", "dental", "venous_access", "fertility")
WAIVED = "waived"
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


def _is_at_risk(db: Session, step: CompletedForm) -> bool:
    facts = known(db, step)
    age: Any = facts.get("patient_age")
    planned = {
        str(row.get("kind"))
        for row in rows(facts, "treatments")
        if row.get("status") in (None, "planned")
    }
    return isinstance(age, int) and age in FERTILE_AGES and bool(planned & GONADOTOXIC)
