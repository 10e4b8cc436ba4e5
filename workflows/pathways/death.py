"""A death is recorded; everything that runs for the patient stops, then the case is closed."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.errors import Invalid
from engine.handlers import ServiceStep, handles
from engine.models import Instance, Task
from workflows.cases.models import Episode
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.pathways.reading import day, refuse_future
from workflows.patients import operations as patients
from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import RegistrationState

REASON = "Décès du patient."
# A document already written is still approved: it says what was decided while the patient lived.
APPROVALS = frozenset({"approve_rcp_sheet", "approve_pps", "approve_ppac"})


@guard("record_death")
def require_past_date(db: Session, step: CompletedForm) -> None:
    if day(step.answers.get("death_date")) is None:
        raise Invalid("Indiquez la date du décès.", {"death_date": "Date attendue."})
    refuse_future(step, "death_date", "La date du décès est dans le futur.")


@effect("record_death")
def apply_death(db: Session, step: CompletedForm) -> None:
    died = day(step.answers.get("death_date"))
    if died is not None:
        patients.record_death(
            db,
            patient_id=db.get_one(Episode, step.case.id).patient_id,
            death_date=died,
            actor=step.actor,
            now=step.now,
        )


@handles("close_after_death")
def close_after_death(step: ServiceStep) -> None:
    """Invariant 9: no timer, reminder or message to the patient survives the patient."""
    for registration in rcp_queries.registrations_of_case(step.db, step.case.id):
        if registration.state in (*rcp_queries.WAITING, RegistrationState.NOT_DISCUSSED):
            rcp.cancel(
                step.db,
                registration_id=registration.id,
                reason="patient_deceased",
                actor=step.actor,
                now=step.now,
            )
    spared = {step.instance.id, *_awaiting_approval(step)}
    for instance in engine_queries.instances(step.db, step.case.id, running=True):
        if instance.parent_id is None and instance.id not in spared:
            runtime.cancel_instance(
                step.db, instance_id=instance.id, reason=REASON, actor=step.actor, now=step.now
            )


@handles("close_case")
def close_case(step: ServiceStep) -> None:
    runtime.close_case(
        step.db,
        case_id=step.case.id,
        reason=REASON,
        except_={step.instance.id, *_awaiting_approval(step)},
        actor=step.actor,
        now=step.now,
    )


def _awaiting_approval(step: ServiceStep) -> set[int]:
    """Diagrams beside the pathway where nothing but an approval is left to do."""
    tasks = engine_queries.open_tasks(step.db, step.case.id)
    running = engine_queries.instances(step.db, step.case.id, running=True)
    return {
        instance.id
        for instance in running
        if instance.parent_id is None
        and instance.definition != step.case.pathway
        and _only_approvals(instance, tasks)
    }


def _only_approvals(instance: Instance, tasks: Sequence[Task]) -> bool:
    own = [task for task in tasks if task.instance_id == instance.id]
    return bool(own) and all(task.form in APPROVALS for task in own)
