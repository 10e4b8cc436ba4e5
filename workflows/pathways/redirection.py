"""A significant change of orientation: what it touches stops, and an RCP follows (domain §3.1)."""

from collections.abc import Collection
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.handlers import ServiceStep, handles
from workflows.pathways.reassessment import forget_planned
from workflows.pathways.treatment import kind_of, modalities_of

INTERRUPTION = "phase_interrupted"


def stop_modalities(
    step: ServiceStep,
    reason: str,
    kinds: Collection[str] | None = None,
    lines: Collection[int] = (),
) -> set[int]:
    """Stop the treatments under way, all or those of these kinds and these very lines: their ids.

    What is cancelled inside a step still counts as running until the step ends.
    """
    stopped = {
        modality.id
        for modality in modalities_of(step.db, step.case.id)
        if kinds is None or modality.id in lines or kind_of(step.db, modality) in kinds
    }
    for line_id in sorted(stopped):
        _cancel(step, line_id, reason)
    forget_planned(step, None if kinds is None else stopped)
    _end_windows(step, reason, stopped, everything=kinds is None)
    return stopped


def _end_windows(step: ServiceStep, reason: str, stopped: set[int], *, everything: bool) -> None:
    """A pause of what has just stopped has nothing left to resume."""
    left = {str(one.id) for one in modalities_of(step.db, step.case.id) if one.id not in stopped}
    for instance in engine_queries.instances(step.db, step.case.id, running=True):
        if instance.definition != "therapeutic_window" or instance.id == step.instance.id:
            continue
        paused = engine_queries.instance_data(step.db, instance.id).get("paused_lines")
        if everything or (paused and left.isdisjoint(map(str, paused))):
            _cancel(step, instance.id, reason)


def _cancel(step: ServiceStep, instance_id: int, reason: str) -> None:
    runtime.cancel_instance(
        step.db, instance_id=instance_id, reason=reason, actor=step.actor, now=step.now
    )


def interrupt_phase(
    step: ServiceStep,
    *,
    rcp_reason: str,
    stop_decided: bool = False,
    rcp_already_given: bool = False,
) -> bool:
    """Interrupt the phase of the pathway that listens; False when none does.

    An RCP follows, unless it has already decided that treatments stop, or what is proposed.
    """
    if not awaits_interruption(step.db, step.case.id):
        return False
    payload = {
        "rcp_reason": rcp_reason,
        "stop_decided": stop_decided,
        "rcp_already_given": rcp_already_given,
    }
    send(step, INTERRUPTION, payload)
    return True


def awaits_interruption(db: Session, case_id: int) -> bool:
    """Whether a phase is open that leads back to an RCP when it is interrupted."""
    return engine_queries.is_awaited(db, INTERRUPTION, case_id=case_id)


def ask_for_rcp(step: ServiceStep, rcp_reason: str) -> None:
    """One RCP about this, unless one is under way: beside, or by the pathway that starts again."""
    if not is_open(step, step.case.pathway):
        runtime.start_instance(
            step.db,
            case_id=step.case.id,
            definition=step.case.pathway,
            data={"relapse": True, "rcp_reason": rcp_reason},
            key=f"again:{step.instance.id}:{step.element}",
            actor=step.actor,
            now=step.now,
        )
    elif not is_open(step, "rcp"):
        send(step, "rcp_requested", {"rcp_reason": rcp_reason})


def is_open(step: ServiceStep, definition: str) -> bool:
    running = engine_queries.instances(step.db, step.case.id, running=True)
    return any(instance.definition == definition for instance in running)


def send(step: ServiceStep, name: str, payload: dict[str, Any] | None = None) -> None:
    """Once for this passage of the diagram on this element."""
    runtime.send_message(
        step.db,
        name=name,
        case_id=step.case.id,
        payload=payload,
        key=f"{name}:{step.instance.id}:{step.element}",
        actor=step.actor,
        now=step.now,
    )


@handles("request_pps_update")
def request_pps_update(step: ServiceStep) -> None:
    """The PPS gets a new version beside, with the reason that the diagram names (domain §4)."""
    send(step, "pps_update_requested", {"pps_update_reason": step.properties["reason"]})
