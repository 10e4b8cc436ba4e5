"""The RCP of a case: a session chosen, an inscription followed, a quorum checked, a decision kept."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Conflict, Forbidden, Invalid
from engine.handlers import ServiceStep, handles
from engine.models import Instance, Task
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.deadlines.operations import set_milestone
from workflows.pathways import emergency
from workflows.pathways.rcp_choice import chosen
from workflows.pathways.reading import is_no, known, number, rows
from workflows.rcp import completeness, operations, queries, states
from workflows.rcp.correction import corrected
from workflows.rcp.models import RcpSession, Registration, RegistrationState
from workflows.records import operations as records
from workflows.records.models import RecordKind
from workflows.records.queries import of_instance
from workflows.staff import queries as staff

EXPERT_MOTIVE = "ORG-115"  # « Recours », national list of reasons
# No treatment is proposed: what is asked for is listed on the form, and an RCP follows.
LEADS_TO_RCP = frozenset({"examinations", "expert_rcp"})


@effect("choose_rcp")
def choose(db: Session, step: CompletedForm) -> None:
    _go_to(db, step, chosen(db, step.answers))
    if reason := known(db, step).get("rcp_reason"):  # its own now: the caller's may change
        step.answers["rcp_reason"] = reason


@effect("register_for_rcp")
def register(db: Session, step: CompletedForm) -> None:
    values = known(db, step)
    meeting = chosen(db, values)
    _go_to(db, step, meeting)
    operations.register(
        db,
        session_id=meeting.id,
        case_id=step.case.id,
        instance_id=step.task.instance_id,
        reasons=values.get("rcp_motives") or (),
        question=values.get("question") or "",
        case_status=values.get("case_status") or "discussed",
        urgent=values.get("is_urgent") is True,
        requested_by=_requester(db, step),
        actor=step.actor,
        now=step.now,
    )


def _requester(db: Session, step: CompletedForm) -> str:
    """R02 « par délégation »: whoever types it, the request is that of the physician who chose."""
    chosen_by = db.scalar(
        sa.select(Task.completed_by)
        .where(Task.instance_id == step.task.instance_id, Task.form == "choose_rcp")
        .order_by(Task.id.desc())
    )
    if chosen_by is None or staff.is_physician(db, step.user.id):
        return step.actor
    return chosen_by


@handles("check_completeness")
def check_completeness(step: ServiceStep) -> None:
    """What the sheet still lacks is said to whoever sorts it; nothing is refused for that."""
    facts = {name: step.get(name) for name in completeness.READ}
    step.set("missing_items", completeness.unanswered(facts))


@effect("accept_registration")
def sort_registration(db: Session, step: CompletedForm) -> None:
    registration = _registration(db, step)
    if is_no(step.answers.get("registration_accepted")):
        operations.refuse(
            db,
            registration_id=registration.id,
            reason=str(step.answers.get("registration_refusal_reason") or "")[:40] or None,
            actor=step.actor,
            now=step.now,
        )
    else:
        operations.accept(db, registration_id=registration.id, actor=step.actor, now=step.now)


@handles("check_quorum")
def check_quorum(step: ServiceStep) -> None:
    """Invariant 4: from who was there when the case was called, never from who was expected."""
    registration = queries.registration_of(step.db, step.instance.id)
    if registration is None:
        step.set("quorum_status", "unknown")
        return
    if registration.state == RegistrationState.NOT_DISCUSSED:
        step.set("quorum_status", "set_aside")
        return
    if emergency.awaits_rcp(step.db, step.case.id):  # treated since it was inscribed (X10)
        registration.case_status = "discussed"
        step.set("case_status", "discussed")
    found = queries.quorum(step.db, registration, registration.called_at or step.now)
    registration.quorum = found.as_json()
    step.set("quorum_status", found.status)
    if found.status == "not_reached":
        registration.reason = "quorum_not_reached"
        states.move(
            step.db,
            registration,
            RegistrationState.NOT_DISCUSSED,
            actor=step.actor,
            now=step.now,
            reason=registration.reason,
        )


@effect("postpone")
def put_off(db: Session, step: CompletedForm) -> None:
    """To a later session, whose date the deadlines follow; or not at all."""
    registration = _registration(db, step)
    reason = step.answers.get("non_discussion_reason") or registration.reason or "incomplete_file"
    if step.answers.get("postponement") == "cancelled":
        operations.cancel(
            db, registration_id=registration.id, reason=reason, actor=step.actor, now=step.now
        )
        return
    again = operations.postpone(
        db,
        registration_id=registration.id,
        reason=reason,
        session_id=_later_session(step, registration),
        actor=step.actor,
        now=step.now,
    )
    _go_to(db, step, queries.session(db, again.session_id))


@effect("discuss_case")
def conclude_discussed(db: Session, step: CompletedForm) -> None:
    _conclude(db, step, RegistrationState.DISCUSSED)


@guard("register_conforming_case")
def require_guideline(db: Session, step: CompletedForm) -> None:
    """Invariant 2: a registered case names its guideline, with version and date."""
    missing = {
        name: "Obligatoire pour un cas enregistré."
        for name in ("guideline_name", "guideline_version", "guideline_date")
        if not step.answers.get(name)
    }
    if missing:
        raise Invalid(
            "Un cas enregistré cite son référentiel\u202f: nom, version et date.", missing
        )


@effect("register_conforming_case")
def conclude_registered(db: Session, step: CompletedForm) -> None:
    _conclude(db, step, RegistrationState.REGISTERED)


@guard("record_rcp_decision")
@guard("correct_rcp_sheet")
def require_proposals(db: Session, step: CompletedForm) -> None:
    """Free text alone does not tell what is proposed: each proposal has its kind."""
    proposals = rows(step.answers, "proposals")
    if not proposals and step.answers.get("rcp_proposal") in LEADS_TO_RCP:
        return
    if not proposals or not all(row.get("kind") for row in proposals):
        raise Invalid(
            "Saisissez au moins une proposition, avec son type de traitement.",
            {"proposals": "Au moins une proposition, chacune avec son type."},
        )


@effect("record_rcp_decision")
def produce_sheet(db: Session, step: CompletedForm) -> None:
    _produce(db, step, step.task.instance_id, step.answers)


@effect("record_rcp_decision")
def open_next_rcp(db: Session, step: CompletedForm) -> None:
    """Examinations or an expert's opinion lead to another RCP: the pathway that called this one
    opens it by itself, one held beside has nobody to do so.
    """
    wanted = known(db, step)
    expert = "expert_rcp" in (wanted.get("rcp_proposal"), wanted.get("opinion_given"))
    again = wanted.get("rcp_proposal") in LEADS_TO_RCP
    called = db.get_one(Instance, step.task.instance_id).parent_id is not None
    if (again and not called) or (expert and not again):
        runtime.send_message(
            db,
            name="rcp_requested",
            case_id=step.case.id,
            payload={"rcp_motives": [EXPERT_MOTIVE]} if expert else {},
            key=f"next_rcp:{step.task.instance_id}",
            actor=step.actor,
            now=step.now,
        )


@effect("correct_rcp_sheet")
def produce_correction(db: Session, step: CompletedForm) -> None:
    """R18: what was wrong is said anew of that same RCP; its approved sheet stays until replaced."""
    said = {
        name: value for name, value in step.answers.items() if not name.startswith("correction_")
    }
    _produce(db, step, _rcp_of(db, step), said, step.answers.get("correction_motive"))


def _produce(
    db: Session,
    step: CompletedForm,
    meeting_of: int,
    said: dict[str, Any],
    reason: str | None = None,
) -> None:
    """The sheet says what has just been answered, so that is written first."""
    runtime.put_data(
        db,
        case_id=step.case.id,
        instance_id=meeting_of,
        values=said,
        actor=step.actor,
        now=step.now,
    )
    records.produce_from_case(
        db,
        case_id=step.case.id,
        instance_id=meeting_of,
        kind=RecordKind.RCP_SHEET,
        update_reason=reason,
        actor=step.actor,
        now=step.now,
    )


@guard("approve_rcp_sheet")
def require_coordinator(db: Session, step: CompletedForm) -> None:
    """Invariant 3: the physician coordinator of that RCP, or a deputy; nobody else, no batch."""
    meeting = queries.session(db, _registration(db, step).session_id)
    if not queries.may_approve(db, rcp_id=meeting.rcp_id, user_id=step.user.id):
        raise Forbidden(
            "Seul le médecin coordonnateur de cette RCP, ou son suppléant, valide la fiche."
        )


@effect("approve_rcp_sheet")
def approve_sheet(db: Session, step: CompletedForm) -> None:
    if step.answers.get("correction_requested") is True:
        return  # back to the decision, which makes the next draft
    step.answers["correction_requested"] = False  # what was asked of a draft before is past
    meeting_of = _rcp_of(db, step)
    sheet = of_instance(db, instance_id=meeting_of, kind=RecordKind.RCP_SHEET)
    if sheet is None:
        raise Conflict("La fiche de RCP n’est pas encore établie\u202f: saisissez la décision.")
    records.approve(db, record_id=sheet.id, actor=step.actor, now=step.now)
    if meeting_of != step.task.instance_id:
        return  # a correction: what is due since the first approval does not wait for it
    set_milestone(
        db,
        case_id=step.case.id,
        instance_id=step.task.instance_id,
        name="rcp_approved",
        at=step.now,
        task_id=step.task.id,
        actor=step.actor,
        now=step.now,
        reason=step.task.name,
    )


def _later_session(step: CompletedForm, registration: Registration) -> int | None:
    """The one named on the form, unless it is the session being left."""
    named = number(step.answers.get("next_session_id"))
    return named if named != registration.session_id else None


def _go_to(db: Session, step: CompletedForm, meeting: RcpSession) -> None:
    """The diagram knows its RCP and session, and what is due before it is dated by it."""
    step.answers["rcp_id"], step.answers["rcp_session_id"] = meeting.rcp_id, meeting.id
    set_milestone(
        db,
        case_id=step.case.id,
        instance_id=step.task.instance_id,
        name="rcp_session",
        at=meeting.starts_at,
        task_id=step.task.id,
        actor=step.actor,
        now=step.now,
        reason=step.task.name,
    )


def _rcp_of(db: Session, step: CompletedForm) -> int:
    """The RCP that is spoken of: this diagram's own, or the one whose sheet it corrects."""
    return corrected(db, step.task.instance_id)


def _registration(db: Session, step: CompletedForm) -> Registration:
    found = queries.registration_of(db, _rcp_of(db, step))
    if found is None:
        raise Conflict("Ce dossier n’est inscrit à aucune séance de RCP.")
    return found


def _conclude(db: Session, step: CompletedForm, state: RegistrationState) -> None:
    operations.conclude(
        db,
        registration_id=_registration(db, step).id,
        state=state,
        actor=step.actor,
        now=step.now,
    )
