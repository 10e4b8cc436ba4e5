"""A session's registrations and guests come in; their order by hand, and who is asked, go out."""

import re
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, Invalid, NotFound
from workflows.rcp import holding, queries
from workflows.rcp.models import (
    Convocation,
    Invitation,
    Registration,
    RegistrationState,
    Reply,
    SessionState,
)
from workflows.rcp.specialties import SPECIALTIES
from workflows.staff import queries as staff

EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]+\.[^\s@]{2,}")
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
    meeting = holding.session(db, registration.session_id)
    db.refresh(registration)
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
    email: str = "",
) -> Invitation:
    """Ask somebody who is no member to one session: a colleague with an account, or by name.

    Who has the address of an account is that person: the application then tells them too.
    """
    meeting = holding.session(db, session_id)
    if meeting.state == SessionState.ENDED:
        raise Conflict("Cette séance est terminée\u202f: on n’y invite plus personne.")
    email = email.strip()
    if email and not EMAIL.fullmatch(email):
        raise Invalid(
            f"«\u202f{email}\u202f» n’est pas une adresse électronique. Corrigez-la, ou laissez vide.",
            {"email": "Adresse illisible."},
        )
    known = staff.user_by_email(db, email) if email and not user_id else None
    user_id = known.id if known and known.active else user_id
    name = staff.user(db, user_id).display_name if user_id else name.strip()
    if not 2 <= len(name) <= 120:
        raise Invalid("Donnez le nom de la personne invitée.", {"name": "Nom attendu."})
    if specialty and specialty not in SPECIALTIES:
        raise Invalid(f"La spécialité «\u202f{specialty}\u202f» n’est pas dans la liste.")
    invited = Invitation(
        session_id=session_id,
        user_id=user_id,
        name=name,
        specialty=specialty or None,
        email=email,
    )
    if any(_same(one, invited) for one in queries.invitations(db, session_id)):
        raise Conflict(f"{name} est déjà sur la liste des invités de cette séance.")
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


def disinvite(
    db: Session, *, session_id: int, invitation_id: int, actor: str, now: datetime
) -> str:
    """Somebody asked by mistake, or who no longer comes: the session is not theirs to read any more."""
    meeting = holding.session(db, session_id)
    if meeting.state not in (SessionState.PLANNED, SessionState.CLOSED):
        raise Conflict(
            "La séance a commencé\u202f: qui est venu reste sur la feuille d’émargement."
        )
    invited = db.get(Invitation, invitation_id)
    if invited is None or invited.session_id != session_id:
        raise NotFound("Cette personne n’est plus sur la liste des invités.")
    name = invited.name
    db.execute(
        sa.update(Convocation)
        .where(Convocation.replacement_id == invitation_id)
        .values(replacement_id=None, reply=Reply.ABSENT)
    )
    db.execute(sa.delete(Convocation).where(Convocation.invitation_id == invitation_id))
    db.delete(invited)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.disinvited",
        now=now,
        object=f"rcp_session:{session_id}",
        detail={"invitation": invitation_id},
    )
    return name


def _same(one: Invitation, other: Invitation) -> bool:
    return (one.user_id, one.name) == (other.user_id, other.name)


def _number(db: Session, session_id: int, rows: list[Registration]) -> None:
    """The places these rows share are handed out again, in their new order."""
    passed = [row for row in queries.agenda(db, session_id) if row.state not in MOVABLE]
    taken = {row.position for row in passed}
    free = (place for place in range(1, len(rows) + len(taken) + 1) if place not in taken)
    for row, place in zip(rows, free, strict=False):
        row.position = place
