"""One case and one session come in; a registration goes through its states, one verb each."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, Forbidden, Invalid
from workflows.consent.queries import require_sharing
from workflows.rcp import holding, queries
from workflows.rcp.models import RcpSession, Registration, SessionState, WrittenOpinion
from workflows.rcp.models import RegistrationState as State
from workflows.rcp.postponing import postpone, require_open_for_registration
from workflows.rcp.specialties import SPECIALTIES
from workflows.rcp.states import move


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
    requested_by: str = "",
) -> Registration:
    """Submit a case to a session (R02): the patient is informed, the session still to come.

    `requested_by`: the physician in whose name somebody else types it.
    """
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
        requested_by=requested_by or actor,
        submitted_at=now,
    )
    db.add(registration)
    db.flush()
    move(db, registration, State.SUBMITTED, actor=actor, now=now, session=session_id)
    return registration


def awaits_agreement(registration: Registration, meeting: RcpSession) -> bool:
    """Brought after the closing, and the coordinator has not said yes yet (R02, R07)."""
    closed_at = meeting.agenda_closed_at
    return (
        meeting.state in (SessionState.CLOSED, SessionState.OPEN)
        and registration.agreed_at is None
        and closed_at is not None
        and registration.submitted_at is not None
        and registration.submitted_at > closed_at
    )


def agree(
    db: Session, *, registration_id: int, reason: str, user_id: int, actor: str, now: datetime
) -> None:
    """The coordinator or a deputy lets an urgent case in after the closing, and says why."""
    registration = holding.passage(db, registration_id)
    meeting = queries.session(db, registration.session_id)
    if not queries.may_approve(db, rcp_id=meeting.rcp_id, user_id=user_id):
        raise Forbidden(
            "Après la clôture, seul le médecin coordonnateur de cette RCP, ou son suppléant, "
            "admet un dossier."
        )
    if not awaits_agreement(registration, meeting):
        raise Conflict("Ce dossier n’attend pas d’accord\u202f: rechargez la page.")
    reason = reason.strip()
    if not 3 <= len(reason) <= 300:
        raise Invalid(
            "Dites en quelques mots (300 caractères au plus) pourquoi ce dossier est admis "
            "après la clôture.",
            {"agreement": "Motif attendu."},
        )
    registration.agreed_by, registration.agreed_at = user_id, now
    registration.agreement = reason
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.late_case_agreed",
        now=now,
        case_id=registration.case_id,
        object=f"rcp_registration:{registration.id}",
        detail={"reason": reason},
    )


def accept(db: Session, *, registration_id: int, actor: str, now: datetime) -> None:
    """Accepted too late for a meeting that is over, a case goes to the next one."""
    registration = holding.passage(db, registration_id)
    meeting = queries.session(db, registration.session_id)
    if awaits_agreement(registration, meeting):
        raise Conflict(
            "L’ordre du jour est arrêté\u202f: ce dossier attend l’accord du coordonnateur, à "
            "donner depuis la page de la séance. Reportez-le sinon à la suivante."
        )
    move(db, registration, State.ACCEPTED, actor=actor, now=now)
    if meeting.state in (SessionState.ENDED, SessionState.CANCELLED):
        postpone(
            db, registration_id=registration_id, reason="not_enough_time", actor=actor, now=now
        )


def refuse(
    db: Session, *, registration_id: int, reason: str | None, actor: str, now: datetime
) -> None:
    registration = holding.passage(db, registration_id)
    registration.reason = reason
    move(db, registration, State.REFUSED, actor=actor, now=now)


def conclude(
    db: Session, *, registration_id: int, state: State, actor: str, now: datetime
) -> None:
    """What the meeting did with the case: discussed, or registered as conforming.

    Invariant 4, whatever the diagram asks first: only of a case that was called, with its quorum.
    """
    registration = holding.passage(db, registration_id)
    if registration.state != state:  # a corrected task says the same again
        _require_heard(registration)
        move(db, registration, state, actor=actor, now=now)


def _require_heard(registration: Registration) -> None:
    if registration.called_at is None:
        raise Conflict(
            "Ce dossier n’a pas été appelé en séance\u202f: ouvrez la séance et appelez-le."
        )
    if (registration.quorum or {}).get("status") == "not_reached":
        raise Conflict(
            "Le quorum de ce dossier n’était pas atteint\u202f: reportez-le à une autre séance."
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
    author, text = author.strip(), text.strip()
    if not 2 <= len(author) <= 120 or not text:
        raise Invalid(
            "Un avis écrit porte le nom de son auteur (120 caractères au plus) et son texte."
        )
    registration = holding.passage(db, registration_id)
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
