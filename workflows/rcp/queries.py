"""Questions about RCPs: who coordinates, what is on the agenda, who was there, is the quorum met."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound
from workflows.rcp import needs
from workflows.rcp.models import (
    Attendance,
    Convocation,
    Invitation,
    MemberFunction,
    Rcp,
    RcpMember,
    RcpSession,
    Registration,
    RegistrationState,
    SessionState,
    WrittenOpinion,
)
from workflows.rcp.quorum import UNKNOWN, Quorum, Voice

PARIS = ZoneInfo("Europe/Paris")
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_LEADERS = (MemberFunction.COORDINATOR, MemberFunction.DEPUTY)
# A registration in one of these states still waits for its meeting.
DECIDED = (RegistrationState.DISCUSSED, RegistrationState.REGISTERED)
WAITING = (
    RegistrationState.SUBMITTED,
    RegistrationState.ACCEPTED,
    RegistrationState.ON_AGENDA,
)


def rcp(db: Session, rcp_id: int) -> Rcp:
    found = db.get(Rcp, rcp_id)
    if found is None:
        raise NotFound("Cette RCP n’est pas dans l’annuaire.")
    return found


def session(db: Session, session_id: int) -> RcpSession:
    found = db.get(RcpSession, session_id)
    if found is None:
        raise NotFound("Cette séance de RCP n’existe pas.")
    return found


def registration(db: Session, registration_id: int) -> Registration:
    found = db.get(Registration, registration_id)
    if found is None:
        raise NotFound("Cette inscription à une RCP n’existe pas.")
    return found


def directory(db: Session) -> Sequence[Rcp]:
    return db.scalars(sa.select(Rcp).where(Rcp.active).order_by(Rcp.name)).all()


def registration_of(db: Session, instance_id: int) -> Registration | None:
    """The current passage of a running RCP diagram: the last one made for it."""
    return db.scalar(
        sa.select(Registration)
        .where(Registration.instance_id == instance_id)
        .order_by(Registration.id.desc())
        .limit(1)
    )


def registrations_of_case(db: Session, case_id: int) -> Sequence[Registration]:
    return db.scalars(
        sa.select(Registration).where(Registration.case_id == case_id).order_by(Registration.id)
    ).all()


def agenda(db: Session, session_id: int) -> Sequence[Registration]:
    """Everything registered for a session: urgent cases first until the agenda is fixed."""
    return db.scalars(
        sa.select(Registration)
        .where(
            Registration.session_id == session_id,
            Registration.state != RegistrationState.REFUSED,
        )
        .order_by(
            Registration.position.is_(None),
            Registration.position,
            Registration.urgent.desc(),
            Registration.submitted_at,
            Registration.id,
        )
    ).all()


def sessions(
    db: Session, *, rcp_ids: Sequence[int] | None = None, since: datetime, limit: int = 60
) -> Sequence[RcpSession]:
    query = sa.select(RcpSession).where(RcpSession.starts_at >= since)
    if rcp_ids is not None:
        query = query.where(RcpSession.rcp_id.in_(rcp_ids))
    return db.scalars(query.order_by(RcpSession.starts_at).limit(limit)).all()


def next_session(db: Session, *, rcp_id: int, after: datetime) -> RcpSession | None:
    """The next session that still takes registrations."""
    return db.scalar(
        sa.select(RcpSession)
        .where(
            RcpSession.rcp_id == rcp_id,
            RcpSession.starts_at > after,
            RcpSession.state == SessionState.PLANNED,
        )
        .order_by(RcpSession.starts_at)
        .limit(1)
    )


def open_sessions(db: Session, *, rcp_id: int, after: datetime) -> Sequence[RcpSession]:
    return db.scalars(
        sa.select(RcpSession)
        .where(
            RcpSession.rcp_id == rcp_id,
            RcpSession.starts_at > after,
            RcpSession.state == SessionState.PLANNED,
        )
        .order_by(RcpSession.starts_at)
    ).all()


def coordinators(db: Session, rcp_id: int) -> Sequence[RcpMember]:
    """Those who may approve: the coordinator, then the deputies; physicians only."""
    return db.scalars(
        sa.select(RcpMember)
        .where(
            RcpMember.rcp_id == rcp_id,
            RcpMember.function.in_(_LEADERS),
            RcpMember.specialty.is_not(None),
        )
        .order_by(RcpMember.function, RcpMember.id)
    ).all()


def may_approve(db: Session, *, rcp_id: int, user_id: int) -> bool:
    return any(member.user_id == user_id for member in coordinators(db, rcp_id))


def functions_of(db: Session, user_id: int) -> Sequence[RcpMember]:
    return db.scalars(sa.select(RcpMember).where(RcpMember.user_id == user_id)).all()


def attendances(db: Session, session_id: int) -> Sequence[Attendance]:
    return db.scalars(
        sa.select(Attendance)
        .where(Attendance.session_id == session_id)
        .order_by(Attendance.arrived_at, Attendance.id)
    ).all()


def invitations(db: Session, session_id: int) -> Sequence[Invitation]:
    return db.scalars(
        sa.select(Invitation).where(Invitation.session_id == session_id).order_by(Invitation.id)
    ).all()


def convocations(db: Session, session_id: int) -> Sequence[Convocation]:
    return db.scalars(
        sa.select(Convocation).where(Convocation.session_id == session_id).order_by(Convocation.id)
    ).all()


def expected_people(db: Session, meeting: RcpSession) -> set[int]:
    """The accounts of those a session concerns: members, guests, and who brings a waiting case."""
    requesters = {
        int(row.requested_by.removeprefix("user:"))
        for row in agenda(db, meeting.id)
        if row.requested_by.startswith("user:") and row.state in WAITING
    }
    members = {member.user_id for member in rcp(db, meeting.rcp_id).members}
    guests = {one.user_id for one in invitations(db, meeting.id) if one.user_id}
    return members | guests | requesters


def present(db: Session, session_id: int, at: datetime) -> list[Attendance]:
    return [
        stay
        for stay in attendances(db, session_id)
        if stay.arrived_at <= at and (stay.left_at is None or at < stay.left_at)
    ]


def quorum(db: Session, registration: Registration, at: datetime) -> Quorum:
    """The quorum of this case at this moment, from who really was there then."""
    meeting = session(db, registration.session_id)
    if not attendances(db, meeting.id):
        return UNKNOWN  # nobody signed in: "ne sait pas", which is not "non atteint"
    there = [
        Voice(_person(stay), stay.specialty)
        for stay in present(db, meeting.id, at)
        if stay.in_quorum and stay.specialty
    ]
    asked = needs.needs(db, rcp(db, meeting.rcp_id), [registration], at)
    return asked[registration.id].quorum(there)


def opinions(db: Session, registration_id: int) -> Sequence[WrittenOpinion]:
    """What was written of this question, at this passage or before it was put off."""
    of_the_question = sa.select(Registration.instance_id).where(Registration.id == registration_id)
    return db.scalars(
        sa.select(WrittenOpinion)
        .join(Registration, Registration.id == WrittenOpinion.registration_id)
        .where(Registration.instance_id == of_the_question.scalar_subquery())
        .order_by(WrittenOpinion.given_at, WrittenOpinion.id)
    ).all()


def session_label(db: Session, meeting: RcpSession) -> str:
    """« Sénologie, jeudi 4 décembre 2025 à 14 h 00 »"""
    return f"{rcp(db, meeting.rcp_id).name}, {say_moment(meeting.starts_at)}"


def say_moment(moment: datetime) -> str:
    local = moment.astimezone(PARIS)
    day = "1er" if local.day == 1 else str(local.day)
    return (
        f"{_DAYS[local.weekday()]} {day} {_MONTHS[local.month - 1]} {local.year} "
        f"à {local.hour} h {local.minute:02d}"
    )


def _person(stay: Attendance) -> str:
    return f"user:{stay.user_id}" if stay.user_id else f"guest:{stay.guest_name}"
