"""A session whose agenda is fixed comes in (R09); who is asked to come, and what each answers, goes out.

Each person is told in the application and, where the site has a mail server, by a message that
names no patient. A specialty that will be absent is said at once to those who run the RCP: they
look for a substitute, or for a written opinion where the RCP counts them (domain §11, R09).
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, Forbidden, Invalid
from workflows.french import listed
from workflows.notices import mail
from workflows.notices.operations import notify
from workflows.rcp import agenda, expected, holding, queries
from workflows.rcp.models import (
    Convocation,
    Invitation,
    MemberFunction,
    RcpSession,
    Reply,
    SessionState,
)
from workflows.staff import queries as staff

STILL_TO_COME = (SessionState.PLANNED, SessionState.CLOSED)
RUNNING = (MemberFunction.COORDINATOR, MemberFunction.DEPUTY, MemberFunction.SECRETARY)


def convene(
    db: Session, *, session_id: int, actor: str, now: datetime, is_again: bool = False
) -> int:
    """Ask the members and the guests, tell those who bring a case; the number of people newly told.

    `is_again`: the agenda was reopened since, and those asked before are told that it has changed.
    """
    meeting = holding.session(db, session_id)
    if meeting.state == SessionState.CANCELLED:
        raise Conflict("Cette séance est annulée\u202f: il n’y a personne à convoquer.")
    if meeting.state == SessionState.ENDED:
        raise Conflict("Cette séance est terminée\u202f: il n’y a plus personne à convoquer.")
    before = [one for one in queries.convocations(db, session_id) if one.sent_at]
    if is_again:
        _rectify(db, meeting, before, now)
    asked = _ask(db, meeting, now)
    told = notify(
        db,
        user_ids=queries.expected_people(db, meeting),
        key=_key(meeting),
        kind="rcp_convened",
        text=f"Vous êtes attendu à la {queries.session_label(db, meeting)}.",
        now=now,
    )
    told += sum(convocation.user_id is None for convocation in asked)
    audit.record(
        db,
        actor=actor,
        action="rcp.convened",
        now=now,
        object=f"rcp_session:{session_id}",
        detail={"people": told},
    )
    warn(db, meeting, now)
    return told


def reply(
    db: Session,
    *,
    session_id: int,
    answer: str,
    actor: str,
    now: datetime,
    user_id: int | None = None,
    invitation_id: int | None = None,
    substitute: str = "",
    specialty: str | None = None,
    email: str = "",
) -> Convocation:
    """What one person answers, by themselves or through the secretary who has them on the phone.

    Who is replaced names somebody: that person is invited and convened in the same gesture.
    """
    meeting = holding.session(db, session_id)
    if meeting.state not in STILL_TO_COME:
        raise Conflict(
            "La séance a commencé, est terminée ou annulée\u202f: la présence se note sur la feuille "
            "d’émargement."
        )
    if answer not in list(Reply):
        raise Invalid("Répondez\u202f: sur place, en visioconférence, absent ou remplacé.")
    kept = _convocation(db, meeting, user_id, invitation_id)
    _forget_substitute(db, kept)
    if answer == Reply.REPLACED:
        kept.replacement_id = _substitute(
            db, meeting, kept, substitute, specialty, email, actor=actor, now=now
        ).id
    kept.reply, kept.replied_at, kept.replied_by = answer, now, actor
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.replied",
        now=now,
        object=f"rcp_session:{session_id}",
        detail={"convocation": kept.id, "reply": answer},
    )
    if kept.replacement_id and any(one.sent_at for one in queries.convocations(db, session_id)):
        convene(db, session_id=session_id, actor=actor, now=now)
    else:
        warn(db, meeting, now)
    return kept


def ask_again(db: Session, meeting: RcpSession, *, actor: str, now: datetime) -> None:
    """Another hour: what was answered for the former one says nothing of this one."""
    before = queries.convocations(db, meeting.id)
    was_sent = any(one.sent_at for one in before)
    for one in before:
        one.sent_at = one.reply = one.replied_at = None
        one.replied_by = ""
    db.flush()
    if was_sent:
        convene(db, session_id=meeting.id, actor=actor, now=now)


def warn(db: Session, meeting: RcpSession, now: datetime) -> None:
    """Told once for each thing that lacks, while there is time to do something about it."""
    foreseen = expected.expectation(db, meeting)
    if meeting.state not in STILL_TO_COME or not foreseen.is_threatened:
        return
    lacking = listed([one.lower() for one in foreseen.missing])
    may_be_written = meeting.rcp.written_opinions or foreseen.lacks_expertise
    written = " ou un avis écrit" if may_be_written else ""
    text = f"Quorum menacé\u202f: {queries.session_label(db, meeting)}. Il manque {lacking}."
    remedy = f" Cherchez un suppléant{written}."
    people = {one.user_id for one in meeting.rcp.members if one.function in RUNNING}
    key = f"rcp_quorum:{meeting.id}:{meeting.starts_at:%Y%m%d%H%M}:{lacking}"[:120]
    notify(
        db,
        user_ids=people,
        key=key,
        kind="rcp_quorum",
        text=text[: 300 - len(remedy)] + remedy,
        now=now,
    )


def require_reply_of(*, own: int, user_id: int | None, may_run: bool) -> None:
    """Everybody answers for themselves; those who run the session for anybody."""
    if may_run or user_id == own:
        return
    raise Forbidden(
        "Vous répondez pour vous-même\u202f; pour un confrère, prévenez le secrétariat de la RCP."
    )


def _ask(db: Session, meeting: RcpSession, now: datetime) -> list[Convocation]:
    """One convocation for each member and guest who has none yet; each sent once."""
    users = {member.user_id for member in meeting.rcp.members}
    active = {user_id for user_id in users if staff.user(db, user_id).active}
    guests = queries.invitations(db, meeting.id)
    asked = []
    for user_id in sorted(active):
        asked.append(_convocation(db, meeting, user_id, None))
    for guest in guests:
        if guest.user_id not in active:
            asked.append(_convocation(db, meeting, None, guest.id))
    new = [one for one in asked if one.sent_at is None]
    for one in new:
        one.sent_at = now
        _mail(db, meeting, one, now)
    db.flush()
    return new


def _rectify(
    db: Session, meeting: RcpSession, before: Sequence[Convocation], now: datetime
) -> None:
    """Day and place are the same and what was answered holds: only the cases have changed."""
    notify(
        db,
        user_ids={one.user_id for one in before if one.user_id},
        key=f"{_key(meeting)}:{now:%Y%m%d%H%M%S}",
        kind="rcp_convened",
        text=f"Ordre du jour modifié\u202f: {queries.session_label(db, meeting)}.",
        now=now,
    )
    for one in before:
        if one.reply not in expected.AWAY:
            _mail(db, meeting, one, now, is_again=True)


def _mail(
    db: Session,
    meeting: RcpSession,
    convocation: Convocation,
    now: datetime,
    *,
    is_again: bool = False,
) -> None:
    guest = db.get(Invitation, convocation.invitation_id) if convocation.invitation_id else None
    user_id = convocation.user_id or (guest.user_id if guest else None)
    person = staff.user(db, user_id) if user_id else None
    mail.post(
        db,
        to=person.email if person else (guest.email if guest else ""),
        subject=f"Convocation{' rectifiée' if is_again else ''}\u202f: "
        f"RCP {queries.session_label(db, meeting)}",
        text=_letter(db, meeting, has_account=person is not None, is_again=is_again),
        key=f"{_key(meeting)}:{convocation.id}" + (f":{now:%Y%m%d%H%M%S}" if is_again else ""),
        now=now,
    )


def _letter(db: Session, meeting: RcpSession, *, has_account: bool, is_again: bool) -> str:
    """When, where, how to answer: no patient, no number of cases, nothing of health."""
    changed = "L’ordre du jour a été modifié depuis votre convocation. Votre réponse reste notée."
    page = mail.page_address(f"/rcp/seances/{meeting.id}")
    answer = (
        f"Répondez dans Hent\u202f: {page}"
        if page
        else "Répondez dans Hent, «\u202fSéances de RCP\u202f»."
    )
    parts = [
        "Bonjour,",
        f"Vous êtes attendu à la RCP {queries.session_label(db, meeting)}.",
        changed if is_again else "",
        f"Lieu\u202f: {meeting.place}" if meeting.place else "",
        f"Visioconférence\u202f: {meeting.video_link}" if meeting.video_link else "",
        answer
        if has_account
        else "Dites au secrétariat de la RCP si vous venez, ou qui vous remplace.",
        "Ce message ne contient aucune donnée de santé\u202f: n’y répondez pas avec le nom d’un patient.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _convocation(
    db: Session, meeting: RcpSession, user_id: int | None, invitation_id: int | None
) -> Convocation:
    """The row of this person, made when there is none."""
    if invitation_id is not None:
        guest = db.get(Invitation, invitation_id)
        if guest is None or guest.session_id != meeting.id:
            raise Invalid("Cette personne n’est pas invitée à cette séance.")
        user_id = None
    elif user_id not in {member.user_id for member in meeting.rcp.members}:
        invited = [one for one in queries.invitations(db, meeting.id) if one.user_id == user_id]
        if user_id is None or not invited:
            raise Invalid("Cette personne n’est ni membre de cette RCP ni invitée à cette séance.")
        user_id, invitation_id = None, invited[0].id
    found = db.scalar(
        sa.select(Convocation).where(
            Convocation.session_id == meeting.id,
            Convocation.user_id == user_id
            if user_id is not None
            else Convocation.invitation_id == invitation_id,
        )
    )
    if found is None:
        found = Convocation(session_id=meeting.id, user_id=user_id, invitation_id=invitation_id)
        db.add(found)
        db.flush()
    return found


def _substitute(
    db: Session,
    meeting: RcpSession,
    replaced: Convocation,
    name: str,
    specialty: str | None,
    email: str,
    *,
    actor: str,
    now: datetime,
) -> Invitation:
    if not name.strip() and not email.strip():
        raise Invalid(
            "Nommez la personne qui vous remplace, ou répondez «\u202fabsent\u202f».",
            {"substitute": "Nom attendu."},
        )
    return agenda.invite(
        db,
        session_id=meeting.id,
        name=name,
        specialty=specialty or expected.specialty_of(db, meeting, replaced),
        email=email,
        actor=actor,
        now=now,
    )


def _forget_substitute(db: Session, kept: Convocation) -> None:
    """Who comes after all, or names somebody else, no longer sends the first one."""
    if kept.replacement_id is None:
        return
    former, kept.replacement_id = kept.replacement_id, None
    db.flush()
    db.execute(sa.delete(Convocation).where(Convocation.invitation_id == former))
    db.execute(sa.delete(Invitation).where(Invitation.id == former))


def _key(meeting: RcpSession) -> str:
    return f"rcp_convened:{meeting.id}:{meeting.starts_at:%Y%m%d%H%M}"
