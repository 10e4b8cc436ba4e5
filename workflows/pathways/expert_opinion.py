"""An expert RCP that was asked is waited for: chased after ten days, closed by its sheet (R16)."""

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.models import Instance
from workflows.cases.steps import CompletedForm, effect
from workflows.pathways.awaited import DIAGRAM, RECEIVED, await_document
from workflows.pathways.orientation import suits
from workflows.pathways.reading import known, number, today
from workflows.rcp import queries
from workflows.rcp.models import Rcp

OPINION = "Avis de la RCP de recours"
KEY = "expert_opinion"


@effect("refer_to_expert")
@effect("record_rcp_decision")
def await_opinion(db: Session, step: CompletedForm) -> None:
    """Said in the meeting or in its conclusion, it is waited for once."""
    values = known(db, step)
    expert = number(values.get("expert_rcp_id"))
    if "expert_rcp" not in (values.get("opinion_given"), values.get("rcp_proposal")):
        return
    await_document(
        db,
        case_id=step.case.id,
        key=_key(step.task.instance_id),
        answers={
            "awaited_name": OPINION,
            "awaited_from": db.get_one(Rcp, expert).name if expert else None,
        },
        actor=step.actor,
        now=step.now,
    )


@effect("approve_rcp_sheet")
def opinion_given(db: Session, step: CompletedForm) -> None:
    """The sheet of that RCP is its answer; it is not chased any more."""
    registration = queries.registration_of(db, step.task.instance_id)
    if step.answers.get("correction_requested") is True or registration is None:
        return
    rcp = queries.session(db, registration.session_id).rcp
    for waiting in engine_queries.instances(db, step.case.id, running=True):
        if _answers(db, waiting, rcp, step.task.instance_id):
            runtime.send_message(
                db,
                name=RECEIVED,
                case_id=step.case.id,
                instance_id=waiting.id,
                payload={
                    "awaited_outcome": "received",
                    "awaited_result_date": today(step.now).isoformat(),
                    "awaited_result": f"Fiche validée, RCP «\u202f{rcp.name}\u202f».",
                },
                key=f"{KEY}_given:{waiting.id}",
                actor=step.actor,
                now=step.now,
            )


def _answers(db: Session, waiting: Instance, rcp: Rcp, own: int) -> bool:
    """The RCP that was named, or another expert one that was chosen in its place."""
    key = waiting.key or ""
    if waiting.definition != DIAGRAM or not key.startswith(f"{KEY}:") or key == _key(own):
        return False
    named = engine_queries.instance_data(db, waiting.id).get("awaited_from")
    return rcp.name == named or suits(rcp, "expert")


def _key(instance_id: int) -> str:
    return f"{KEY}:{instance_id}"
