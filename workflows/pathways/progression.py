"""A progression is dated; it interrupts the treatment under way and leads to a new RCP."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.handlers import ServiceStep, handles
from engine.models import Instance, Subscription
from workflows.cases.steps import CompletedForm, guard
from workflows.pathways.reading import refuse_future
from workflows.pathways.treatment import modalities_of

INTERRUPTION = "phase_interrupted"
REASON = "Progression de la maladie."


@guard("record_progression")
def refuse_future_progression(db: Session, step: CompletedForm) -> None:
    refuse_future(step, "progression_date", "Une progression se date une fois constatée.")


@handles("interrupt_phase")
def interrupt_phase(step: ServiceStep) -> None:
    """Stop the phase that listens and what it started beside; whatever happens, an RCP follows."""
    if awaits_interruption(step.db, step.case.id):
        _stop_modalities(step)
        _send(step, INTERRUPTION)
        return
    running = engine_queries.instances(step.db, step.case.id, running=True)
    if not _is_open(running, step.case.pathway):
        runtime.start_instance(
            step.db,
            case_id=step.case.id,
            definition=step.case.pathway,
            data={"relapse": True, "rcp_reason": "progression"},
            key=f"relapse:{step.instance.id}",
            actor=step.actor,
            now=step.now,
        )
    elif not _is_open(running, "rcp"):
        _send(step, "rcp_requested")


def awaits_interruption(db: Session, case_id: int) -> bool:
    """Whether a phase is open that leads back to an RCP when it is interrupted."""
    wanted = sa.select(Subscription.id).filter_by(case_id=case_id, message=INTERRUPTION)
    return db.scalar(wanted.limit(1)) is not None


def _stop_modalities(step: ServiceStep) -> None:
    for modality in modalities_of(step.db, step.case.id):
        runtime.cancel_instance(
            step.db, instance_id=modality.id, reason=REASON, actor=step.actor, now=step.now
        )


def _is_open(running: Sequence[Instance], definition: str) -> bool:
    return any(instance.definition == definition for instance in running)


def _send(step: ServiceStep, name: str) -> None:
    runtime.send_message(
        step.db,
        name=name,
        case_id=step.case.id,
        payload={"rcp_reason": "progression"},
        key=f"{name}:{step.instance.id}",
        actor=step.actor,
        now=step.now,
    )
