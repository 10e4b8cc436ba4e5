"""The treatment phase: one diagram per planned row of the PPS, started beside; the phase waits."""

import re
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.errors import Conflict, Invalid
from engine.handlers import ServiceStep, handles, hook
from engine.models import Case, Instance, InstanceState
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.french import listed
from workflows.pathways.reading import known, rows

ENDED = "treatments_ended"
PREREQUISITES = "check_prerequisites"
# Kind of treatment (national code) → the diagram that follows it; None: followed by the PPS alone.
TREATMENTS: dict[str, str | None] = {
    "387713003": "surgery",
    "C15313": "radiotherapy",
    "C15195": "radiotherapy",  # brachytherapy
    "C15632": "systemic",  # chemotherapy
    "C15262": "systemic",  # immunotherapy
    "C93352": "systemic",  # targeted therapy
    "C15445": None,  # hormone therapy goes on for years: the phase does not wait for it
    "C63334": None,  # interventional radiology
    "C157891": None,  # interventional endoscopy
    "MED-232": None,  # radioiodine
    "MED-126": None,  # transplant
    "424313000": None,  # active surveillance
    "MED-226": None,  # surveillance only
    "MED-556": None,  # therapeutic window
    "GEN-092.03.01": None,  # other
}
MODALITIES = frozenset(filter(None, TREATMENTS.values()))


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
        definition = TREATMENTS.get(row.get("kind", ""))
        if definition and row.get("status", "planned") == "planned":
            _start(step, phase, definition, row, position)
            row["status"] = "in_progress"
    step.set("treatments", treatments)
    if phase.id == step.instance.id and not _running(step.db, phase.id):
        # Nothing to wait for: the phase is told at once, and closed by a person.
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
    """The PPS says what was done, whatever ended it."""
    if instance.reply_message != ENDED or instance.definition not in MODALITIES:
        return
    kind = engine_queries.instance_data(db, instance.id).get("treatment_kind")
    treatments = rows(engine_queries.case_data(db, case.id), "treatments")
    for row in treatments:
        if row.get("kind") == kind and row.get("status") == "in_progress":
            row["status"] = "done"
            break
    runtime.put_data(
        db, case_id=case.id, values={"treatments": treatments}, actor="system", now=now
    )


@guard("close_treatment")
def require_all_ended(db: Session, step: CompletedForm) -> None:
    """A treatment added to the PPS at the last moment still holds its phase open."""
    names = engine_queries.release_of(db, step.case.id).titles
    running = [
        names.get(one.definition, one.definition) for one in modalities_of(db, step.case.id)
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


@effect("adapt_treatment")
def remember_stop(db: Session, step: CompletedForm) -> None:
    if step.answers.get("adaptation") == "stop":
        step.answers["line_stopped"] = True


def modalities_of(db: Session, case_id: int) -> list[Instance]:
    """The treatments under way in a case, each with its own diagram."""
    return [
        instance
        for instance in engine_queries.instances(db, case_id, running=True)
        if instance.reply_message == ENDED
    ]


def _phase(step: ServiceStep) -> Instance | None:
    """The treatment phase that takes what is planned: this diagram, or the one it adds to.

    One whose prerequisites are still being checked starts everything itself, once they are.
    """
    if step.instance.definition == "treatment":
        return step.instance
    checking = {
        task.instance_id
        for task in engine_queries.open_tasks(step.db, step.case.id)
        if task.form == PREREQUISITES
    }
    running = engine_queries.instances(step.db, step.case.id, running=True)
    return next(
        (one for one in running if one.definition == "treatment" and one.id not in checking), None
    )


def _start(
    step: ServiceStep, phase: Instance, definition: str, row: dict[str, Any], position: int
) -> None:
    runtime.start_instance(
        step.db,
        case_id=step.case.id,
        definition=definition,
        group=f"treatment:{phase.id}",
        reply_to=(phase.id, ENDED),
        data=_first_answers(definition, row),
        key=f"modality:{step.instance.id}:{step.element}:{position}",
        actor=step.actor,
        now=step.now,
    )


def _first_answers(definition: str, row: dict[str, Any]) -> dict[str, Any]:
    """What the PPS already says of a treatment, under the names its diagram reads."""
    names = {
        "surgery": {"surgery_planned_date": "planned_start"},
        "radiotherapy": {
            "radiotherapy_planned_date": "planned_start",
            "fractions_planned": "cycles",
        },
        "systemic": {
            "first_cycle_date": "planned_start",
            "cycles_planned": "cycles",
            "protocol": "precision",
        },
    }[definition]
    given = {name: _whole(row[source]) for name, source in names.items() if row.get(source)}
    return {"treatment_kind": row["kind"], **given}


def _whole(value: Any) -> Any:
    """« mars 2026 » is known to a timer as its first day: better prepared early than never."""
    month = isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}", value)
    return f"{value}-01" if month else value


def _running(db: Session, phase_id: int) -> bool:
    return (
        db.scalar(
            sa.select(Instance.id)
            .where(Instance.reply_to_id == phase_id, Instance.state == InstanceState.RUNNING)
            .limit(1)
        )
        is not None
    )
