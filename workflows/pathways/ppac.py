"""The PPAC is shared with the GP only if they agree, the global pathway has its year (F04, F05)."""

from typing import Any

from sqlalchemy.orm import Session

from engine.calendar import Calendar
from engine.errors import Invalid
from engine.handlers import ServiceStep, handles
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.french import say_date
from workflows.pathways.plan import produce_record
from workflows.pathways.reading import day, known, rows, today

AGREED = frozenset({"agreed", "changes"})
WITH_GP = frozenset({"gp", "alternating"})  # of `surveillance_actor`
HOSPITAL = "oncologist"
WITHIN_MONTHS = 12


@effect("prepare_ppac")
def ask_the_gp_anew(db: Session, step: CompletedForm) -> None:
    """An answer to the plan before this one says nothing of this one."""
    step.answers["gp_agreement"] = None


@guard("prescribe_global_pathway", undoable=True)
def require_the_year_after(db: Session, step: CompletedForm) -> None:
    """F05: prescribed at most twelve months after the end of treatment (R.1415-1-11)."""
    if step.answers.get("global_pathway") != "prescribed":
        return
    end = day(known(db, step).get("treatment_end_date"))
    given = day(step.answers.get("global_pathway_date")) or today(step.now)
    if end is not None and given > Calendar().shift(end, WITHIN_MONTHS, "months"):
        raise Invalid(
            "Le parcours de soins global se prescrit dans les douze mois qui suivent la fin des "
            f"traitements ({say_date(end)})\u202f: choisissez «\u202fNon éligible\u202f» et dites "
            "pourquoi.",
            {"global_pathway_date": "Plus de douze mois après la fin des traitements."},
        )


@handles("establish_ppac")
def establish_ppac(step: ServiceStep) -> None:
    """F04: without the GP's agreement the follow-up is the hospital's; the patient reads who."""
    if step.get("gp_agreement") not in AGREED:
        step.set("surveillance_plan", _at_hospital(step.get("surveillance_plan")))
    produce_record(step)


def _at_hospital(plan: Any) -> list[dict[str, Any]]:
    lines = rows({"surveillance_plan": plan}, "surveillance_plan")
    return [line | {"actor": HOSPITAL} if line.get("actor") in WITH_GP else line for line in lines]
