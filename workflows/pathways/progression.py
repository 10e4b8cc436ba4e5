"""A progression is dated; it interrupts the treatment under way and leads to a new RCP."""

from sqlalchemy.orm import Session

from engine.handlers import ServiceStep, handles
from workflows.cases.steps import CompletedForm, guard
from workflows.pathways import redirection
from workflows.pathways.reading import refuse_future
from workflows.pathways.treatment import PHASE

REASON = "Progression de la maladie."
PROGRESSION, RELAPSE = "progression", "relapse"  # what the RCP is told, and the PPS after it
RELAPSING = "MED-244"  # phase of the disease, national list


@guard("record_progression")
def refuse_future_progression(db: Session, step: CompletedForm) -> None:
    refuse_future(step, "progression_date", "Une progression se date une fois constatée.")


@handles("interrupt_phase")
def interrupt_phase(step: ServiceStep) -> None:
    """Stop the phase that listens and what it started beside; whatever happens, an RCP follows."""
    reason = _reason(step)
    if redirection.interrupt_phase(step, rcp_reason=reason):
        redirection.stop_modalities(step, REASON)
    else:
        redirection.ask_for_rcp(step, reason)


def _reason(step: ServiceStep) -> str:
    """Two reasons of the national list for the PPS that follows: a relapse comes after a time
    without disease, an evolution while the patient is treated (domain §4, X01)."""
    treated = redirection.is_open(step, PHASE)
    return RELAPSE if step.get("cancer_phase") == RELAPSING and not treated else PROGRESSION
