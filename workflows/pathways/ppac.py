"""The PPAC is shared with the GP only if they agree (domain §11, F04)."""

from typing import Any

from sqlalchemy.orm import Session

from engine.handlers import ServiceStep, handles
from workflows.cases.steps import CompletedForm, effect
from workflows.pathways.plan import produce_record
from workflows.pathways.reading import rows

AGREED = frozenset({"agreed", "changes"})
WITH_GP = frozenset({"gp", "alternating"})  # of `surveillance_actor`
HOSPITAL = "oncologist"


@effect("prepare_ppac")
def ask_the_gp_anew(db: Session, step: CompletedForm) -> None:
    """An answer to the plan before this one says nothing of this one."""
    step.answers["gp_agreement"] = None


@handles("establish_ppac")
def establish_ppac(step: ServiceStep) -> None:
    """F04: without the GP's agreement the follow-up is the hospital's; the patient reads who."""
    if step.get("gp_agreement") not in AGREED:
        step.set("surveillance_plan", _at_hospital(step.get("surveillance_plan")))
    produce_record(step)


def _at_hospital(plan: Any) -> list[dict[str, Any]]:
    lines = rows({"surveillance_plan": plan}, "surveillance_plan")
    return [line | {"actor": HOSPITAL} if line.get("actor") in WITH_GP else line for line in lines]
