"""A step of an RCP is « sans objet »: its inscription is withdrawn, and whoever asked goes on.

« again »: another RCP is asked for. « without »: the pathway goes on without an opinion, and the
first PPS is refused until an RCP has given one (domain §13, invariants 1, 4 and 8).
"""

from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Invalid
from workflows.cases.steps import CompletedForm, effect, skipped
from workflows.library import library_of
from workflows.notices.operations import notify
from workflows.pathways import emergency
from workflows.pathways.reading import is_no, known
from workflows.pathways.treatment import instance_of
from workflows.rcp import operations, queries
from workflows.rcp.models import RegistrationState as State
from workflows.rcp.states import MOVES

AGAIN, KEPT, WITHOUT = "again", "kept", "without"
DUPLICATE = "duplicate"  # refused because the case goes to that RCP already
PASSED_OVER = "passed_over"  # why the inscription was cancelled


@skipped("choose_rcp")
@skipped("register_for_rcp")
@skipped("accept_registration")
@skipped("discuss_case")
@skipped("register_conforming_case")
@skipped("postpone")
@skipped("record_rcp_decision")
def leave_rcp(db: Session, step: CompletedForm) -> None:
    registration = queries.registration_of(db, step.task.instance_id)
    if step.way == KEPT:
        if registration is not None:
            operations.accept(db, registration_id=registration.id, actor=step.actor, now=step.now)
        return
    _require_rcp_after_emergency(db, step)
    if registration is not None and State.CANCELLED in MOVES[registration.state]:
        operations.cancel(
            db,
            registration_id=registration.id,
            reason=PASSED_OVER,
            actor=step.actor,
            now=step.now,
        )
    if step.way == AGAIN and instance_of(db, step).parent_id is None:
        _ask_again(db, step)


@effect("accept_registration")
def bring_elsewhere(db: Session, step: CompletedForm) -> None:
    """R06: refused, the case is not lost: its physician is told why, and chooses another RCP.

    Whoever called the RCP asks for the next one; a case that is inscribed already needs none.
    """
    if not is_no(step.answers.get("registration_accepted")):
        return
    _tell_the_requester(db, step)
    reason = step.answers.get("registration_refusal_reason")
    if reason != DUPLICATE and instance_of(db, step).parent_id is None:
        _ask_again(db, step)


def _tell_the_requester(db: Session, step: CompletedForm) -> None:
    registration = queries.registration_of(db, step.task.instance_id)
    if registration is None or not registration.requested_by.startswith("user:"):
        return
    reasons = library_of(db, step.case.revision_id).value_sets["registration_refusal_reason"]
    reason = step.answers.get("registration_refusal_reason")
    detail = step.answers.get("registration_refusal_detail")
    said = (reasons.label(reason) if reason else "motif non précisé", detail)
    told = ". ".join(filter(None, said)).rstrip(".")
    session = queries.session(db, registration.session_id)
    notify(
        db,
        user_ids=[int(registration.requested_by.removeprefix("user:"))],
        key=f"rcp_refused:{registration.id}",
        kind="rcp_refused",
        text=f"Inscription refusée, {queries.session_label(db, session)}\u202f: {told}."[:300],
        case_id=step.case.id,
        now=step.now,
    )


def _require_rcp_after_emergency(db: Session, step: CompletedForm) -> None:
    """X10: treated first, the case is discussed after; a reason does not replace that."""
    if step.way == WITHOUT and emergency.awaits_rcp(db, step.case.id):
        raise Invalid(
            "Le patient a été traité en urgence\u202f: la RCP qui suit reste due. Choisissez "
            "qu’une nouvelle RCP soit demandée.",
            {"way": "La RCP reste due."},
        )


def _ask_again(db: Session, step: CompletedForm) -> None:
    """Nobody called this one, so nobody asks for the next."""
    runtime.send_message(
        db,
        name="rcp_requested",
        case_id=step.case.id,
        payload={"rcp_reason": known(db, step).get("rcp_reason")},
        key=f"again:{step.task.id}",
        actor=step.actor,
        now=step.now,
    )
