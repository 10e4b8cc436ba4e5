"""A progression is dated; it interrupts the treatment under way and leads to a new RCP."""

from sqlalchemy.orm import Session

from engine.handlers import ServiceStep, handles
from workflows.cases.steps import CompletedForm, guard
from workflows.pathways import redirection
from workflows.pathways.reading import refuse_future

REASON = "Progression de la maladie."


@guard("record_progression")
def refuse_future_progression(db: Session, step: CompletedForm) -> None:
    refuse_future(step, "progression_date", "Une progression se date une fois constatée.")


@handles("interrupt_phase")
def interrupt_phase(step: ServiceStep) -> None:
    """Stop the phase that listens and what it started beside; whatever happens, an RCP follows."""
    if redirection.interrupt_phase(step, rcp_reason="progression"):
        redirection.stop_modalities(step, REASON)
    else:
        redirection.ask_for_rcp(step, "progression")
