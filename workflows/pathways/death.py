"""A death is recorded; everything that runs for the patient stops, then the case is closed.

Recorded by mistake, it is taken back: see `death_undone`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import reversal, runtime
from engine.errors import Invalid
from engine.handlers import ServiceStep, handles, hook
from engine.models import Case, CaseState, Instance, Task
from engine.step import Step
from workflows.cases import offers
from workflows.cases.models import Episode
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.pathways.reading import day, refuse_future
from workflows.patients import operations as patients
from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import RegistrationState

DEATH = "death"  # its diagram, its milestone, the name under which what it stopped is kept
REASON = "Décès du patient."
# A document already written is still approved: it says what was decided while the patient lived.
APPROVALS = frozenset({"approve_rcp_sheet", "approve_pps", "approve_ppac", "approve_reissue"})
# What a document sent back for correction is written with.
_WRITING = frozenset(
    {
        "record_rcp_decision",
        "complete_pps_treatment",
        "complete_pps_support",
        "revise_pps",
        "prepare_ppac",
        "revise_ppac",
        "agree_with_gp",
    }
)
# The handler's own, and what follows a death recorded by mistake.
_OWN = frozenset({"record_death", "inform_after_death", "correct_after_death"})


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


@effect("record_death")
def stop_whatever_runs(db: Session, step: CompletedForm) -> None:
    """Invariant 9, whatever diagram asked for the date: nothing waits for it to say so."""
    stop_everything(db, step, _top(db, step.task.instance_id).id)


@handles("close_after_death")
def close_after_death(step: ServiceStep) -> None:
    stop_everything(step.db, step, step.instance.id)


def stop_everything(
    db: Session, step: ServiceStep | CompletedForm | Step, own: int | None
) -> None:
    """Invariant 9: no timer, reminder or message to the patient survives the patient."""
    was_suspended = step.case.state == CaseState.SUSPENDED
    if was_suspended:  # a document may still wait for its approval
        runtime.resume_case(db, case_id=step.case.id, actor=step.actor, now=step.now)
    for registration in rcp_queries.registrations_of_case(db, step.case.id):
        if registration.state in (*rcp_queries.WAITING, RegistrationState.NOT_DISCUSSED):
            rcp.cancel(
                db,
                registration_id=registration.id,
                reason="patient_deceased",
                actor=step.actor,
                now=step.now,
            )
    spared = {own, *_awaiting_approval(db, step.case.id)}
    running = engine_queries.instances(db, step.case.id, running=True)
    _stop(
        db,
        step.case,
        [one.id for one in running if one.parent_id is None and one.id not in spared],
        actor=step.actor,
        now=step.now,
    )
    if was_suspended:
        offers.rewrite(db, step.case.id)


@hook("task_opened")
def refuse_work_after_death(db: Session, case: Case, task: Task, now: datetime) -> None:
    """A document finished after the death leads to nothing more: what would follow it stops.

    Whatever the diagram says (invariant 9): only approvals, corrections and information remain.
    """
    if task.form in APPROVALS | _WRITING | _OWN:
        return
    if not _has_died(db, case.id):
        return
    _stop(db, case, [_top(db, task.instance_id).id], actor="system", now=now)


@handles("close_case")
def close_case(step: ServiceStep) -> None:
    close_but_approvals(step.db, step, own=step.instance.id, reason=REASON)


def close_but_approvals(
    db: Session, step: ServiceStep | Step, *, own: int | None, reason: str
) -> None:
    runtime.close_case(
        db,
        case_id=step.case.id,
        reason=reason,
        except_=_awaiting_approval(db, step.case.id) | ({own} if own else set()),
        actor=step.actor,
        now=step.now,
    )


def _stop(
    db: Session, case: Case, instance_ids: Iterable[int], *, actor: str, now: datetime
) -> None:
    reversal.stop(
        db,
        case_id=case.id,
        instance_ids=list(instance_ids),
        name=DEATH,
        reason=REASON,
        actor=actor,
        now=now,
    )


def _has_died(db: Session, case_id: int) -> bool:
    """In this case, or in another one that a relapse or a new request would have opened again."""
    episode = db.get(Episode, case_id)
    return episode is not None and episode.patient.death_date is not None


def _awaiting_approval(db: Session, case_id: int) -> set[int]:
    """Diagrams where nothing but an approval is left to do, in them or in what they called."""
    waiting: dict[int, list[Task]] = {}
    for task in engine_queries.open_tasks(db, case_id):
        waiting.setdefault(_top(db, task.instance_id).id, []).append(task)
    return {top for top, tasks in waiting.items() if _only_approvals(tasks)}


def _only_approvals(tasks: Sequence[Task]) -> bool:
    return all(task.form in APPROVALS for task in tasks)


def _top(db: Session, instance_id: int) -> Instance:
    """The diagram nobody called, above this one."""
    instance = db.get_one(Instance, instance_id)
    return instance if instance.parent_id is None else _top(db, instance.parent_id)
