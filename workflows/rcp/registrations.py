"""One case and one session come in; a registration goes through its states, one verb each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import audit, runtime
from engine.errors import Conflict, Invalid
from workflows.consent.queries import require_sharing
from workflows.deadlines.operations import set_milestone
from workflows.rcp import queries
from workflows.rcp.models import RcpSession, Registration, SessionState, WrittenOpinion
from workflows.rcp.models import RegistrationState as State
from workflows.rcp.specialties import SPECIALTIES

# The machine of domain §3.5: from a state, where one may go.
MOVES: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.CANCELLED}),
    State.SUBMITTED: frozenset({State.ACCEPTED, State.REFUSED, State.CANCELLED}),
    State.ACCEPTED: frozenset({State.ON_AGENDA, State.POSTPONED, State.CANCELLED}),
    State.ON_AGENDA: frozenset(
        {State.DISCUSSED, State.REGISTERED, State.NOT_DISCUSSED, State.CANCELLED}
    ),
    # A case shown to the meeting and then put off (examinations wanted, an opinion missing).
    State.DISCUSSED: frozenset({State.REGISTERED, State.POSTPONED, State.CANCELLED}),
    State.REGISTERED: frozenset({State.DISCUSSED}),
    State.NOT_DISCUSSED: frozenset({State.POSTPONED, State.CANCELLED}),
}

NON_DISCUSSION_REASONS: dict[str, str] = {
    "incomplete_file": "Dossier incomplet",
    "quorum_not_reached": "Quorum non atteint",
    "requester_absent": "Médecin demandeur absent",
    "not_enough_time": "Temps insuffisant",
    "patient_deceased": "Patient décédé",
    "opposition": "Opposition du patient",
}

STATE_LABELS: dict[str, str] = {
    State.DRAFT: "Brouillon",
    State.SUBMITTED: "Soumise",
    State.ACCEPTED: "Acceptée",
    State.REFUSED: "Refusée",
    State.ON_AGENDA: "À l’ordre du jour",
    State.DISCUSSED: "Discutée",
    State.REGISTERED: "Enregistrée",
    State.NOT_DISCUSSED: "Non discutée",
    State.POSTPONED: "Reportée",
    State.CANCELLED: "Annulée",
}


def move(
    db: Session, registration: Registration, to: State, *, actor: str, now: datetime, **detail: Any
) -> None:
    """One legal move, audited; the others are refused with both states named."""
    if to not in MOVES.get(registration.state, frozenset()):
        raise Conflict(
            f"Une inscription «\u202f{STATE_LABELS[registration.state].lower()}\u202f» ne peut "
            f"pas devenir «\u202f{STATE_LABELS[to].lower()}\u202f». Rechargez la page\u202f: un "
            "collègue l’a peut-être déjà traitée."
        )
    detail |= {"from": registration.state, "to": str(to)}
    registration.state = str(to)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.registration_moved",
        now=now,
        case_id=registration.case_id,
        object=f"rcp_registration:{registration.id}",
        detail=detail,
    )


def require_open_for_registration(
    meeting: RcpSession, now: datetime, *, urgent: bool = False
) -> None:
    """Up to the closing of the agenda; an urgent case up to the meeting, if the RCP accepts it."""
    if meeting.starts_at <= now:
        raise Invalid(
            f"La séance du {queries.say_moment(meeting.starts_at)} a déjà commencé. "
            "Choisissez une séance à venir."
        )
    if meeting.state != SessionState.PLANNED and not (
        urgent and meeting.state == SessionState.CLOSED
    ):
        raise Conflict(
            f"Les inscriptions à la séance du {queries.say_moment(meeting.starts_at)} sont "
            "closes. Choisissez la suivante, ou signalez l’urgence pour un ajout à l’ordre du jour."
        )


def register(
    db: Session,
    *,
    session_id: int,
    case_id: int,
    instance_id: int,
    actor: str,
    now: datetime,
    reasons: Sequence[str] = (),
    question: str = "",
    case_status: str = "discussed",
    urgent: bool = False,
) -> Registration:
    """Submit a case to a session (R02): the patient is informed, the session still to come."""
    require_sharing(db, case_id)
    meeting = queries.session(db, session_id)
    require_open_for_registration(meeting, now, urgent=urgent)
    current = queries.registration_of(db, instance_id)
    if current is not None and current.state in queries.WAITING:
        raise Conflict("Ce dossier est déjà inscrit à une séance de RCP.")
    registration = Registration(
        session_id=session_id,
        case_id=case_id,
        instance_id=instance_id,
        state=State.DRAFT,
        reasons=list(reasons),
        question=question,
        case_status=case_status,
        urgent=urgent,
        requested_by=actor,
        submitted_at=now,
    )
    db.add(registration)
    db.flush()
    move(db, registration, State.SUBMITTED, actor=actor, now=now, session=session_id)
    return registration


def accept(db: Session, *, registration_id: int, actor: str, now: datetime) -> None:
    """Accepted too late for a meeting that is over, a case goes to the next one."""
    registration = queries.registration(db, registration_id)
    move(db, registration, State.ACCEPTED, actor=actor, now=now)
    if queries.session(db, registration.session_id).state == SessionState.ENDED:
        postpone(
            db, registration_id=registration_id, reason="not_enough_time", actor=actor, now=now
        )


def refuse(
    db: Session, *, registration_id: int, reason: str | None, actor: str, now: datetime
) -> None:
    registration = queries.registration(db, registration_id)
    registration.reason = reason
    move(db, registration, State.REFUSED, actor=actor, now=now)


def conclude(
    db: Session, *, registration_id: int, state: State, actor: str, now: datetime
) -> None:
    """What the meeting did with the case: discussed, or registered as conforming."""
    registration = queries.registration(db, registration_id)
    if registration.state != state:  # a corrected task says the same again
        move(db, registration, state, actor=actor, now=now)


def postpone(
    db: Session,
    *,
    registration_id: int,
    reason: str,
    actor: str,
    now: datetime,
    session_id: int | None = None,
) -> Registration:
    """Move a case to a later session of the same RCP: the next one unless another is named."""
    registration = queries.registration(db, registration_id)
    meeting = queries.session(db, registration.session_id)
    after = max(now, meeting.starts_at)
    target = (
        queries.session(db, session_id)
        if session_id
        else queries.next_session(db, rcp_id=meeting.rcp_id, after=after)
    )
    if target is None:
        raise Invalid(
            "Aucune séance à venir n’est planifiée pour cette RCP. Planifiez-en une, puis "
            "reportez le dossier."
        )
    require_open_for_registration(target, now)
    _set_reason(registration, reason)
    move(
        db,
        registration,
        State.POSTPONED,
        actor=actor,
        now=now,
        reason=reason,
        to_session=target.id,
    )
    return _again(db, registration, target, actor=actor, now=now)


def cancel(db: Session, *, registration_id: int, reason: str, actor: str, now: datetime) -> None:
    registration = queries.registration(db, registration_id)
    _set_reason(registration, reason)
    move(db, registration, State.CANCELLED, actor=actor, now=now, reason=reason)


def set_aside(
    db: Session, *, registration_id: int, reason: str, actor: str, now: datetime
) -> None:
    """Not discussed today: its diagram goes on to « reporter ou annuler » (R15)."""
    registration = queries.registration(db, registration_id)
    _set_reason(registration, reason)
    move(db, registration, State.NOT_DISCUSSED, actor=actor, now=now, reason=reason)
    runtime.send_message(
        db,
        name="case_called",
        case_id=registration.case_id,
        instance_id=registration.instance_id,
        actor=actor,
        now=now,
        key=f"case_called:{registration.id}",
    )


def add_opinion(
    db: Session,
    *,
    registration_id: int,
    author: str,
    specialty: str,
    text: str,
    actor: str,
    now: datetime,
    user_id: int | None = None,
) -> WrittenOpinion:
    """A written opinion, dated and signed; it is kept apart from presences."""
    if specialty not in SPECIALTIES:
        raise Invalid(f"La spécialité «\u202f{specialty}\u202f» n’est pas dans la liste.")
    registration = queries.registration(db, registration_id)
    opinion = WrittenOpinion(
        registration_id=registration_id,
        user_id=user_id,
        author=author,
        specialty=specialty,
        given_at=now,
        text=text,
    )
    db.add(opinion)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.opinion_added",
        now=now,
        case_id=registration.case_id,
        object=f"rcp_opinion:{opinion.id}",
    )
    return opinion


def _set_reason(registration: Registration, reason: str) -> None:
    if reason not in NON_DISCUSSION_REASONS:
        raise Invalid("Choisissez le motif pour lequel le dossier n’est pas discuté.")
    registration.reason = reason


def _again(
    db: Session, before: Registration, target: RcpSession, *, actor: str, now: datetime
) -> Registration:
    registration = Registration(
        session_id=target.id,
        case_id=before.case_id,
        instance_id=before.instance_id,
        state=State.ACCEPTED,
        reasons=before.reasons,
        question=before.question,
        case_status=before.case_status,
        urgent=before.urgent,
        requested_by=before.requested_by,
        submitted_at=now,
        postponed_from_id=before.id,
    )
    db.add(registration)
    db.flush()
    runtime.put_data(
        db,
        case_id=before.case_id,
        instance_id=before.instance_id,
        values={"rcp_session_id": target.id},
        actor=actor,
        now=now,
    )
    set_milestone(
        db,
        case_id=before.case_id,
        instance_id=before.instance_id,
        name="rcp_session",
        at=target.starts_at,
        actor=actor,
        now=now,
        reason="Report de la RCP",
    )
    return registration
