"""A rare tumour or a lymphoma is read twice (A06): the question is never left open, and the expert's
answer joins the folder. One that disagrees changes the diagnosis: the case is discussed again.
"""

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine.errors import Invalid
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.library import library_of
from workflows.pathways import awaited
from workflows.pathways.orientation import orientations
from workflows.pathways.reading import known
from workflows.pathways.treatment import ask_for_change
from workflows.rcp import queries as rcp_queries

LYMPHOMAS = frozenset({"C81", "C82", "C83", "C84", "C85", "C86", "C88"})  # CIM-10
REQUESTED, DISCORDANT = "requested", "discordant"
RESULT = "second_reading_result"


@guard("attach_pathology_report", undoable=True)
def require_word_on_a_second_reading(db: Session, step: CompletedForm) -> None:
    answers = step.answers
    if answers.get("pathology_result") != "malignant" or answers.get("second_reading"):
        return
    is_rare = any(
        one.rcp_type == "rare"
        for one in orientations(db, instance_id=step.task.instance_id, facts=known(db, step))
    )
    if is_rare or str(answers.get("topography") or "")[:3] in LYMPHOMAS:
        raise Invalid(
            "Un lymphome ou une tumeur rare se lit deux fois\u202f: dites si la double lecture "
            "est demandée.",
            {"second_reading": "Réponse attendue pour cette tumeur."},
        )


@effect("attach_pathology_report")
def await_second_reading(db: Session, step: CompletedForm) -> None:
    """Asked of the network that was named; no step waits for it but this follow-up."""
    if step.answers.get("second_reading") != REQUESTED:
        return
    network = step.answers.get("expert_network")
    networks = library_of(db, step.case.revision_id).value_sets["expert_network"]
    awaited.await_document(
        db,
        case_id=step.case.id,
        key=f"reading:{step.task.id}",
        answers={
            "awaited_name": "Double lecture",
            "awaited_from": networks.label(network) if network else None,
            "awaited_second_reading": True,
        },
        actor=step.actor,
        now=step.now,
    )


@guard(awaited.FORM, undoable=True)
def require_its_conclusion(db: Session, step: CompletedForm) -> None:
    if _is_received(db, step) and not step.answers.get(RESULT):
        raise Invalid(
            "La double lecture est reçue\u202f: dites si elle est concordante ou discordante.",
            {RESULT: "Concordante ou discordante."},
        )


@effect(awaited.FORM)
def discuss_again(db: Session, step: CompletedForm) -> None:
    """D.6124-131 I: a change of orientation is discussed; an RCP still to come will read it."""
    result = step.answers.get(RESULT)
    if not (result and _is_received(db, step)):
        return
    step.answers["second_reading"] = result
    if result == DISCORDANT and not _is_still_to_be_heard(db, step.case.id):
        key = f"second_reading:{step.task.id}"
        ask_for_change(db, step.case.id, key=key, actor=step.actor, now=step.now)


def _is_received(db: Session, step: CompletedForm) -> bool:
    is_reading = known(db, step).get("awaited_second_reading") is True
    return is_reading and step.answers.get("awaited_outcome") == "received"


def _is_still_to_be_heard(db: Session, case_id: int) -> bool:
    """The announcement leads to an RCP; one that runs is heard, or not yet."""
    for one in engine_queries.instances(db, case_id, running=True):
        if one.definition == "announcement":
            return True
        if one.definition == "rcp":
            registration = rcp_queries.registration_of(db, one.id)
            if registration is None or registration.state not in rcp_queries.DECIDED:
                return True
    return False
