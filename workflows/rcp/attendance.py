"""Somebody in an open session comes in; their stays, from an arrival to a departure, go out (R10)."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, Invalid, NotFound
from workflows.french import listed
from workflows.rcp import holding, hours, queries
from workflows.rcp.meeting import sitting
from workflows.rcp.models import Attendance, Mode, RcpSession
from workflows.rcp.specialties import SPECIALTIES
from workflows.staff import queries as staff

LONGEST_NAME = 120


def record_arrival(
    db: Session,
    *,
    session_id: int,
    actor: str,
    now: datetime,
    user_id: int | None = None,
    guest_name: str | None = None,
    specialty: str | None = None,
    mode: str = Mode.ONSITE,
    in_quorum: bool = True,
    arrived_at: datetime | None = None,
) -> Attendance:
    """Somebody comes in, in the room or by video; with an hour, they were there meanwhile."""
    if arrived_at:
        holding.agenda(db, session_id)
    meeting = sitting(db, session_id)
    name = (guest_name or "").strip() or None
    _check(db, user_id, name, specialty)
    at = arrived_at or now
    stay = Attendance(
        session_id=session_id,
        user_id=user_id,
        guest_name=name,
        specialty=specialty,
        mode=str(mode),
        in_quorum=in_quorum,
        arrived_at=at,
    )
    for other in queries.attendances(db, session_id):
        if (other.user_id, other.guest_name) != (user_id, name):
            continue
        if other.left_at is None:
            raise Conflict("Cette personne est déjà notée présente.")
        if at < other.left_at:
            raise Invalid(
                "Cette personne est notée partie après cette heure\u202f: donnez l’heure de son retour."
            )
    db.add(stay)
    db.flush()
    _audit(db, meeting, "rcp.arrival", stay, actor=actor, now=now)
    if arrived_at:
        hours.recount(db, meeting, None, (at, None), actor=actor, now=now)
    return stay


def record_departure(
    db: Session,
    *,
    attendance_id: int,
    actor: str,
    now: datetime,
    left_at: datetime | None = None,
) -> list[hours.Recount]:
    """Somebody leaves; leaving before arriving is refused. With an hour that is past, the cases
    called since no longer count them.
    """
    stay, meeting = _stay(db, attendance_id, hold=holding.agenda if left_at else holding.session)
    if stay.left_at is not None:
        raise Conflict("Le départ de cette personne est déjà noté.")
    at = left_at or now
    if at < stay.arrived_at:
        raise Invalid("Le départ ne peut pas précéder l’arrivée\u202f: corrigez l’heure.")
    stay.left_at = at
    _audit(db, meeting, "rcp.departure", stay, actor=actor, now=now)
    if left_at is None:
        return []
    was_there = (stay.arrived_at, None)
    return hours.recount(db, meeting, was_there, (stay.arrived_at, at), actor=actor, now=now)


def withdraw_arrival(db: Session, *, attendance_id: int, actor: str, now: datetime) -> None:
    """A wrong click: the person never came. Not once a case has counted them in its quorum."""
    stay, meeting = _stay(db, attendance_id)
    sitting(db, meeting.id)
    if called := _called_meanwhile(db, stay):
        cases = "au dossier" if len(called) == 1 else "aux dossiers"
        raise Conflict(
            f"Cette présence a compté {cases} n° {listed(called)}, déjà étudiés avec elle. "
            "Notez un départ\u202f; si la personne n’est pas venue, ces avis sont à revoir par le "
            "coordonnateur avant validation."
        )
    _audit(db, meeting, "rcp.arrival_withdrawn", stay, actor=actor, now=now)
    db.delete(stay)
    db.flush()


def _check(db: Session, user_id: int | None, name: str | None, specialty: str | None) -> None:
    if specialty and specialty not in SPECIALTIES:
        raise Invalid(f"La spécialité «\u202f{specialty}\u202f» n’est pas dans la liste.")
    if bool(user_id) == bool(name):
        raise Invalid("Indiquez un membre de l’annuaire ou le nom d’un invité.")
    if name and not 2 <= len(name) <= LONGEST_NAME:
        raise Invalid(f"Le nom d’une personne présente a de 2 à {LONGEST_NAME} caractères.")
    if user_id:
        staff.user(db, user_id)  # refused in a sentence when nobody has that number


def _stay(
    db: Session,
    attendance_id: int,
    *,
    hold: Callable[[Session, int], RcpSession] = holding.session,
) -> tuple[Attendance, RcpSession]:
    """Held, so that it is not ended twice."""
    stay = db.get(Attendance, attendance_id)
    if stay is None:
        raise NotFound("Cette présence n’est pas sur la feuille d’émargement.")
    meeting = hold(db, stay.session_id)
    db.refresh(stay)
    return stay, meeting


def _called_meanwhile(db: Session, stay: Attendance) -> list[str]:
    """The numbers of the cases that were called while they were noted present."""
    return [
        str(row.position or row.id)
        for row in queries.agenda(db, stay.session_id)
        if row.called_at is not None
        and stay.in_quorum
        and hours.was_there(row.called_at, (stay.arrived_at, stay.left_at))
    ]


def _audit(
    db: Session, meeting: RcpSession, action: str, stay: Attendance, *, actor: str, now: datetime
) -> None:
    audit.record(
        db,
        actor=actor,
        action=action,
        now=now,
        object=f"rcp_session:{meeting.id}",
        detail={
            "attendance": stay.id,
            "user": stay.user_id,
            "guest": stay.guest_name,
            "arrived_at": stay.arrived_at.isoformat(),
        }
        if action == "rcp.arrival_withdrawn"
        else {"attendance": stay.id},
    )
