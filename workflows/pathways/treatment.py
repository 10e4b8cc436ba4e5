"""The treatment phase: one diagram per planned row of the PPS, started beside; the phase waits."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.errors import Conflict, Invalid
from engine.handlers import ServiceStep, handles, hook
from engine.models import Case, Instance, InstanceState
from workflows.cases.steps import CompletedForm, guard, skipped
from workflows.french import listed
from workflows.pathways.modalities import (
    MODALITIES,
    diagram_of,
    first_answers,
    holds_phase,
    is_same,
)
from workflows.pathways.reading import known, rows, today
from workflows.pathways.surveillance import watch_calendar

PHASE = "treatment"
ENDED = "treatments_ended"
PREREQUISITES = "check_prerequisites"
GIVEN_UP = "cancelled"  # the end event of a procedure that was not done
EMERGENCY = "modality:emergency:"
MODALITY = "modality:"  # how the key of what is started for a row of the plan begins


@handles("start_modalities")
def start_modalities(step: ServiceStep) -> None:
    """Start what is planned and not started; an update of the PPS joins the phase under way."""
    phase = _phase(step)
    treatments = rows({"treatments": step.get("treatments")}, "treatments")
    if phase is None:
        return
    if phase.id == step.instance.id:
        step.set("line_stopped", False)
    for position, row in enumerate(treatments):
        definition = diagram_of(row)
        if definition and row.get("status", "planned") == "planned":
            _start(step, phase, definition, row, position)
            row["status"] = "in_progress"
    step.set("treatments", treatments)
    _adopt(step, phase)
    if phase.id == step.instance.id or engine_queries.is_awaited(
        step.db, ENDED, instance_id=phase.id
    ):
        close_if_empty(step, phase)


def close_if_empty(step: ServiceStep, phase: Instance) -> None:
    """Nothing to wait for: the phase is told at once, and closed by a person."""
    if not _running(step.db, phase.id):
        runtime.send_message(
            step.db,
            name=ENDED,
            case_id=step.case.id,
            instance_id=phase.id,
            actor=step.actor,
            now=step.now,
        )


@hook("instance_ended")
def mark_done(db: Session, case: Case, instance: Instance, now: datetime) -> None:
    """The PPS says what was done, given up, or stopped before its end."""
    if instance.definition not in MODALITIES or not _is_modality(instance):
        return
    line = engine_queries.instance_data(db, instance.id)
    treatments = rows(engine_queries.case_data(db, case.id), "treatments")
    own = [row for row in treatments if row.get("status") == "in_progress" and is_same(row, line)]
    alike = [
        row
        for row in treatments
        if row.get("status") == "in_progress" and row.get("kind") == line.get("treatment_kind")
    ]
    for row in (own or alike)[:1]:
        row["status"] = _outcome(instance, row, now)
    runtime.put_data(
        db, case_id=case.id, values={"treatments": treatments}, actor="system", now=now
    )


def _outcome(instance: Instance, row: dict[str, Any], now: datetime) -> str:
    if instance.state != InstanceState.COMPLETED:
        return stopped_as(row, now)
    return "not_done" if instance.outcome == GIVEN_UP else "done"


def stopped_as(row: dict[str, Any], now: datetime) -> str:
    """How the PPS says that a row goes no further: what had not begun is not done."""
    status = str(row.get("status") or "planned")
    if status == "planned" or str(row.get("planned_start") or "") > today(now).isoformat():
        return "not_done" if status in ("planned", "in_progress") else status
    return "stopped" if status == "in_progress" else status


@skipped("close_treatment")
@guard("close_treatment")
def require_all_ended(db: Session, step: CompletedForm) -> None:
    """A treatment added to the PPS at the last moment still holds its phase open."""
    names = engine_queries.release_of(db, step.case.id).titles
    running = [
        names.get(one.definition, one.definition)
        for one in modalities_of(db, step.case.id)
        if one.reply_message == ENDED
    ]
    if running:
        raise Conflict(
            f"Un traitement ajouté au PPS est encore en cours ({listed(running).lower()})\u202f: "
            "la phase se clôt quand il est terminé."
        )


@guard("close_treatment")
def require_rcp_after_stop(db: Session, step: CompletedForm) -> None:
    """Invariant 8: a stopped line leads to an RCP; only a finished one leads to what comes after."""
    stopped = known(db, step).get("line_stopped") is True
    if stopped and step.answers.get("treatment_outcome") == "after_treatment":
        raise Invalid(
            "Une ligne de traitement a été arrêtée\u202f: la suite se décide en RCP.",
            {"treatment_outcome": "Choisissez une nouvelle RCP."},
        )


@guard("close_treatment")
def keep_the_pps_of_a_palliative_treatment(db: Session, step: CompletedForm) -> None:
    """F01: after a curative treatment only; without an end, the PPS goes on (domain §5)."""
    palliative = known(db, step).get("treatment_intent") == "palliative"
    if palliative and step.answers.get("treatment_outcome") == "after_treatment":
        raise Invalid(
            "L’intention du traitement est palliative\u202f: le PPS continue, sans programme de "
            "l’après-cancer. Choisissez une nouvelle RCP, ou les soins palliatifs\u202f; si "
            "l’intention a changé, la RCP le dit.",
            {"treatment_outcome": "Après un traitement curatif seulement."},
        )


def stop_leads_to_rcp(db: Session, step: CompletedForm | ServiceStep, line: Instance) -> bool:
    """Invariant 8: a line that stops leads to an RCP, at once when the phase does not end with it.

    True when the closing of the phase will ask for it.
    """
    others = [one for one in modalities_of(db, step.case.id) if one.id != line.id]
    if line.reply_message == ENDED and not any(one.reply_message == ENDED for one in others):
        return True
    if not any(
        one.definition == "rcp" for one in engine_queries.instances(db, step.case.id, running=True)
    ):
        ask_for_change(db, step.case.id, key=f"stopped:{line.id}", actor=step.actor, now=step.now)
    return False


def ask_for_change(db: Session, case_id: int, *, key: str, actor: str, now: datetime) -> None:
    """D.6124-131 I: a substantial change is discussed, once for this reason."""
    runtime.send_message(
        db,
        name="rcp_requested",
        case_id=case_id,
        payload={"rcp_reason": "change"},
        key=key,
        actor=actor,
        now=now,
    )


def instance_of(db: Session, step: CompletedForm) -> Instance:
    """The diagram the form belongs to."""
    return db.get_one(Instance, step.task.instance_id)


def modalities_of(db: Session, case_id: int) -> list[Instance]:
    """The treatments under way in a case, each with its own diagram.

    Those with `reply_message` hold the phase open; maintenance and hormones go on beside it.
    """
    return [
        instance
        for instance in engine_queries.instances(db, case_id, running=True)
        if _is_modality(instance)
    ]


def _is_modality(instance: Instance) -> bool:
    return (instance.key or "").startswith(MODALITY)


def kind_of(db: Session, modality: Instance) -> str:
    """The kind of treatment (national code) a diagram follows."""
    return str(engine_queries.instance_data(db, modality.id).get("treatment_kind") or "")


def treatment_phase(db: Session, case_id: int) -> Instance | None:
    """The treatment phase under way, that new treatments join.

    One whose prerequisites are still being checked starts everything itself, once they are.
    """
    checking = {
        task.instance_id
        for task in engine_queries.open_tasks(db, case_id)
        if task.form == PREREQUISITES
    }
    running = engine_queries.instances(db, case_id, running=True)
    return next(
        (one for one in running if one.definition == PHASE and one.id not in checking), None
    )


def _phase(step: ServiceStep) -> Instance | None:
    """The treatment phase that takes what is planned: this diagram, or the one it adds to."""
    if step.instance.definition == PHASE:
        return step.instance
    return treatment_phase(step.db, step.case.id)


def _start(
    step: ServiceStep, phase: Instance, definition: str, row: dict[str, Any], position: int
) -> None:
    holds = holds_phase(row)
    data = first_answers(definition, row)
    if definition == "active_surveillance":
        data["watch_plan"] = watch_calendar(
            step.db,
            case_id=step.case.id,
            since=today(step.now),
            values=engine_queries.case_data(step.db, step.case.id),
        )
    runtime.start_instance(
        step.db,
        case_id=step.case.id,
        definition=definition,
        group=f"treatment:{phase.id}" if holds else None,
        reply_to=(phase.id, ENDED) if holds else None,
        data=data,
        key=f"{MODALITY}{step.instance.id}:{step.element}:{position}",
        actor=step.actor,
        now=step.now,
    )


def start_emergency(step: ServiceStep, row: dict[str, Any]) -> None:
    """A treatment before any RCP, beside; it joins the phase that runs, or the next one."""
    definition = diagram_of(row)
    if definition is None:
        return
    phase = treatment_phase(step.db, step.case.id)
    runtime.start_instance(
        step.db,
        case_id=step.case.id,
        definition=definition,
        group=f"treatment:{phase.id}" if phase else None,
        reply_to=(phase.id, ENDED) if phase else None,
        data=first_answers(definition, row),
        key=f"{EMERGENCY}{step.instance.id}",
        actor=step.actor,
        now=step.now,
    )


def _adopt(step: ServiceStep, phase: Instance) -> None:
    """What was begun in an emergency, before any phase, is waited for like the others."""
    for modality in modalities_of(step.db, step.case.id):
        if modality.reply_to_id is None and (modality.key or "").startswith(EMERGENCY):
            modality.group, modality.reply_to_id = f"treatment:{phase.id}", phase.id
            modality.reply_message = ENDED
    step.db.flush()


def _running(db: Session, phase_id: int) -> bool:
    return (
        db.scalar(
            sa.select(Instance.id)
            .where(Instance.reply_to_id == phase_id, Instance.state == InstanceState.RUNNING)
            .limit(1)
        )
        is not None
    )
