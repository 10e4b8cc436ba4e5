"""A case that is not heard comes in: put off to a later session, set aside, or cancelled, with why."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Conflict, Invalid
from workflows.deadlines.operations import set_milestone
from workflows.notices.operations import notify
from workflows.rcp import holding, queries
from workflows.rcp.models import RcpSession, Registration, SessionState
from workflows.rcp.models import RegistrationState as State
from workflows.rcp.states import REASONS, move

OFTEN = 2  # put off that many times, the coordinator is told (R15)


def require_open_for_registration(
    meeting: RcpSession, now: datetime, *, urgent: bool = False, field: str = "rcp_session_id"
) -> None:
    """Up to the closing of the agenda; an urgent case up to the meeting, if the RCP accepts it."""
    if meeting.state == SessionState.CANCELLED:
        raise Conflict(
            f"La séance du {queries.say_moment(meeting.starts_at)} est annulée. "
            "Choisissez une autre séance."
        )
    if meeting.starts_at <= now:
        raise Invalid(
            f"La séance du {queries.say_moment(meeting.starts_at)} a déjà commencé. "
            "Choisissez une séance à venir.",
            {field: "Séance à venir attendue."},
        )
    if meeting.state != SessionState.PLANNED and not (
        urgent and meeting.state == SessionState.CLOSED
    ):
        raise Conflict(
            f"Les inscriptions à la séance du {queries.say_moment(meeting.starts_at)} sont "
            "closes. Choisissez la suivante, ou signalez l’urgence pour un ajout à l’ordre du jour."
        )


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
    registration = holding.passage(db, registration_id)
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
    require_open_for_registration(target, now, field="next_session_id")
    kept = State.SUBMITTED if registration.state == State.SUBMITTED else State.ACCEPTED
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
    again = _again(db, registration, target, kept, actor=actor, now=now)
    _tell_if_often(db, again, target, now)
    return again


def cancel(db: Session, *, registration_id: int, reason: str, actor: str, now: datetime) -> None:
    registration = holding.passage(db, registration_id)
    _set_reason(registration, reason)
    move(db, registration, State.CANCELLED, actor=actor, now=now, reason=reason)


def set_aside(
    db: Session, *, registration_id: int, reason: str, actor: str, now: datetime
) -> None:
    """Not discussed today: its diagram goes on to « reporter ou annuler » (R15)."""
    registration = holding.passage(db, registration_id)
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


def _set_reason(registration: Registration, reason: str) -> None:
    if reason not in REASONS:
        raise Invalid("Choisissez le motif pour lequel le dossier n’est pas discuté.")
    registration.reason = reason


def _tell_if_often(
    db: Session, registration: Registration, target: RcpSession, now: datetime
) -> None:
    """Put off twice, a case waits too long: the coordinator and the deputies are told (R15)."""
    times, before = 0, registration.postponed_from_id
    while before is not None:
        times, before = times + 1, queries.registration(db, before).postponed_from_id
    if times >= OFTEN:
        notify(
            db,
            user_ids={one.user_id for one in queries.coordinators(db, target.rcp_id)},
            key=f"rcp_put_off:{registration.id}",
            kind="rcp_put_off",
            text=f"Dossier reporté {times} fois, inscrit à la "
            f"{queries.session_label(db, target)}\u202f: voyez s’il faut une séance plus proche.",
            case_id=registration.case_id,
            now=now,
        )


def _again(
    db: Session,
    before: Registration,
    target: RcpSession,
    state: State,
    *,
    actor: str,
    now: datetime,
) -> Registration:
    registration = Registration(
        session_id=target.id,
        case_id=before.case_id,
        instance_id=before.instance_id,
        state=state,
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
