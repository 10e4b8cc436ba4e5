"""A session's registrations come in; their order by hand, and the people told of it, go out."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, Invalid
from workflows.notices.operations import notify
from workflows.rcp import queries
from workflows.rcp.models import Invitation, Registration, RegistrationState, SessionState
from workflows.rcp.specialties import SPECIALTIES
from workflows.staff import queries as staff

# What waits for the meeting has a place; what was discussed or put off keeps the one it had.
MOVABLE = (
    RegistrationState.SUBMITTED,
    RegistrationState.ACCEPTED,
    RegistrationState.ON_AGENDA,
)


def move_on_agenda(
    db: Session, *, registration_id: int, places: int, actor: str, now: datetime
) -> None:
    """Up (negative) or down; at either end nothing moves."""
    registration = queries.registration(db, registration_id)
    meeting = queries.session(db, registration.session_id)
    if meeting.state == SessionState.ENDED or registration.state not in MOVABLE:
        raise Conflict("Ce dossier n’attend plus son passage\u202f: son rang ne change plus.")
    rows = [row for row in queries.agenda(db, meeting.id) if row.state in MOVABLE]
    before = rows.index(registration)
    after = min(max(before + places, 0), len(rows) - 1)
    if before == after:
        return
    rows.insert(after, rows.pop(before))
    _number(db, meeting.id, rows)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.agenda_reordered",
        now=now,
        object=f"rcp_session:{meeting.id}",
        detail={"registration": registration.id, "position": registration.position},
    )


def invite(
    db: Session,
    *,
    session_id: int,
    actor: str,
    now: datetime,
    user_id: int | None = None,
    name: str = "",
    specialty: str | None = None,
) -> Invitation:
    """Ask somebody who is no member to one session: a colleague with an account, or by name."""
    meeting = queries.session(db, session_id)
    if meeting.state == SessionState.ENDED:
        raise Conflict("Cette séance est terminée\u202f: on n’y invite plus personne.")
    name = staff.user(db, user_id).display_name if user_id else name.strip()
    if not 2 <= len(name) <= 120:
        raise Invalid("Donnez le nom de la personne invitée.", {"name": "Nom attendu."})
    if specialty and specialty not in SPECIALTIES:
        raise Invalid(f"La spécialité «\u202f{specialty}\u202f» n’est pas dans la liste.")
    invited = Invitation(
        session_id=session_id, user_id=user_id, name=name, specialty=specialty or None
    )
    db.add(invited)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.invited",
        now=now,
        object=f"rcp_session:{session_id}",
        detail={"invitation": invited.id},
    )
    return invited


def convene(db: Session, *, session_id: int, actor: str, now: datetime) -> int:
    """Tell the members and those who bring a case; the number of people newly told (R09)."""
    meeting = queries.session(db, session_id)
    if meeting.state == SessionState.CANCELLED:
        raise Conflict("Cette séance est annulée\u202f: il n’y a personne à convoquer.")
    if meeting.state == SessionState.ENDED:
        raise Conflict("Cette séance est terminée\u202f: il n’y a plus personne à convoquer.")
    told = notify(
        db,
        user_ids=queries.expected_people(db, meeting),
        key=f"rcp_convened:{session_id}:{meeting.starts_at:%Y%m%d%H%M}",
        kind="rcp_convened",
        text=f"Vous êtes attendu à la {queries.session_label(db, meeting)}.",
        now=now,
    )
    audit.record(
        db,
        actor=actor,
        action="rcp.convened",
        now=now,
        object=f"rcp_session:{session_id}",
        detail={"people": told},
    )
    return told


def _number(db: Session, session_id: int, rows: list[Registration]) -> None:
    """The places these rows share are handed out again, in their new order."""
    passed = [row for row in queries.agenda(db, session_id) if row.state not in MOVABLE]
    taken = {row.position for row in passed}
    free = (place for place in range(1, len(rows) + len(taken) + 1) if place not in taken)
    for row, place in zip(rows, free, strict=False):
        row.position = place
