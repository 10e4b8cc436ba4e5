"""The stop of cancer treatment: an RCP first, then everything stops and palliative care goes on.

Collegial by law (D.6124-131 I, domain §3.1); X04 and invariant 8 of the domain.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.errors import Conflict, Invalid
from engine.handlers import ServiceStep, handles
from engine.models import Instance, InstanceState
from workflows.cases.steps import CompletedForm, effect, guard, skipped
from workflows.pathways import redirection
from workflows.pathways.reading import day, is_no, rows, today
from workflows.pathways.treatment import stopped_as
from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries

STOP = "stop_treatment"
WEEK = timedelta(days=7)
REASON = "Arrêt des traitements décidé en RCP."
PALLIATIVE = "palliative_care"  # an action of support of the PPS
FIRST = (
    "L’arrêt des traitements se décide d’abord en RCP\u202f: déclarez l’arrêt envisagé depuis la "
    "page du dossier, la RCP en est saisie."
)


@guard("complete_pps_treatment")
@guard("revise_pps")
def require_rcp_before_stop(db: Session, step: CompletedForm) -> None:
    """Invariant 8, whatever the diagram says: no plan tells of a stop no RCP has decided."""
    if step.answers.get("treatments_stopped") == "yes" and not was_decided(db, step.case.id):
        raise Invalid(FIRST, {"treatments_stopped": "Aucune RCP ne l’a décidé."})


@guard("organise_palliative_care")
@guard("review_palliative_care")
def require_next_review(db: Session, step: CompletedForm) -> None:
    """Palliative care is followed: the next point is on a day to come."""
    if is_no(step.answers.get("palliative_care_continues")):
        return
    following = day(step.answers.get("next_palliative_review_date"))
    if following is None or following <= today(step.now):
        raise Invalid(
            "Indiquez le jour du prochain point avec le patient, après aujourd’hui.",
            {"next_palliative_review_date": "Date à venir attendue."},
        )


@skipped("review_palliative_care")
def review_next_week(db: Session, step: CompletedForm) -> None:
    if not is_no(step.answers.get("palliative_care_continues")):
        step.answers["next_palliative_review_date"] = (today(step.now) + WEEK).isoformat()


@effect("organise_palliative_care")
def plan_palliative_care(db: Session, step: CompletedForm) -> None:
    """The PPS names it among the actions of support."""
    actions = rows(engine_queries.case_data(db, step.case.id), "support_actions")
    if all(action.get("kind") != PALLIATIVE for action in actions):
        step.answers["support_actions"] = [*actions, {"kind": PALLIATIVE, "status": "planned"}]


@effect("propose_treatment")
def palliative_care_follows(db: Session, step: CompletedForm) -> None:
    """A stop that an ordinary RCP decided, told to the patient: their care goes on (X04).

    The handler of a stop (`treatment_stop`) asks for it by itself.
    """
    told = step.answers.get("patient_decision") == "accepts" and was_decided(db, step.case.id)
    running = engine_queries.instances(db, step.case.id, running=True)
    if told and all(one.definition != PALLIATIVE for one in running):
        runtime.send_message(
            db,
            name="palliative_care_requested",
            case_id=step.case.id,
            actor=step.actor,
            now=step.now,
        )


@handles("stop_treatments")
def stop_treatments(step: ServiceStep) -> None:
    """What runs stops, what was planned is given up; the PPS says since when."""
    if not was_decided(step.db, step.case.id):
        raise Conflict(FIRST)
    treatments = rows(engine_queries.case_data(step.db, step.case.id), "treatments")
    for row in treatments:
        row["status"] = stopped_as(row, step.now)
    step.set("treatments", treatments)
    step.set("treatments_stopped", "yes")
    step.set("treatments_stopped_date", today(step.now).isoformat())
    redirection.stop_modalities(step, REASON)
    if not redirection.interrupt_phase(step, rcp_reason=STOP, stop_decided=True):
        _stop_pathway(step)


def was_decided(db: Session, case_id: int) -> bool:
    """Whether the last RCP that came to a conclusion decided the stop."""
    conclusions: list[Any] = [
        engine_queries.instance_data(db, instance.id).get("rcp_proposal")
        for instance in reversed(engine_queries.instances(db, case_id))
        if instance.definition == "rcp" and instance.state == InstanceState.COMPLETED
    ]
    return next(filter(None, conclusions), None) == STOP


def _stop_pathway(step: ServiceStep) -> None:
    """Between two treatments the pathway prepares another one: that preparation stops too."""
    for instance in engine_queries.instances(step.db, step.case.id, running=True):
        if instance.definition == step.case.pathway and instance.parent_id is None:
            _withdraw_registrations(step, instance)
            runtime.cancel_instance(
                step.db, instance_id=instance.id, reason=REASON, actor=step.actor, now=step.now
            )


def _withdraw_registrations(step: ServiceStep, pathway: Instance) -> None:
    for registration in rcp_queries.registrations_of_case(step.db, step.case.id):
        called_by = step.db.get_one(Instance, registration.instance_id).parent_id
        if called_by == pathway.id and registration.state in rcp_queries.WAITING:
            rcp.cancel(
                step.db,
                registration_id=registration.id,
                reason="treatments_stopped",
                actor=step.actor,
                now=step.now,
            )
