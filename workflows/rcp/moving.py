"""A session changes its hour, or does not take place; what is due before it follows, in every case."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit, runtime
from engine.errors import Conflict, Invalid
from engine.models import Datum, Instance, InstanceState
from workflows.deadlines.operations import set_milestone
from workflows.notices.operations import notify
from workflows.rcp import convocations, holding, planning, postponing, queries
from workflows.rcp.doors import AgendaReport, Door, each
from workflows.rcp.models import RcpSession, Registration, SessionState

MILESTONE = "rcp_session"


def move_session(
    db: Session,
    *,
    session_id: int,
    starts_at: datetime,
    actor: str,
    now: datetime,
    place: str | None = None,
    video_link: str | None = None,
) -> list[int]:
    """Another day, hour or room for a meeting still to come; the cases it was moved for come back."""
    meeting = holding.session(db, session_id)
    _require_still_to_come(meeting)
    if starts_at <= now:
        raise Invalid("La nouvelle date de la séance est passée. Choisissez une date à venir.")
    planning.require_free(db, meeting.rcp_id, starts_at, but=meeting)
    meeting.place = meeting.place if place is None else place.strip()
    meeting.video_link = meeting.video_link if video_link is None else video_link.strip()
    before = meeting.starts_at
    followed = _move(db, meeting, starts_at, actor=actor, now=now)
    if meeting.starts_at != before:
        _tell(
            db,
            meeting,
            f"La séance du {queries.say_moment(before)} est déplacée\u202f: "
            f"{queries.session_label(db, meeting)}.",
            now,
        )
        convocations.ask_again(db, meeting, actor=actor, now=now)
    return followed


def hold_now(db: Session, *, session_id: int, actor: str, now: datetime) -> None:
    """People sit down before the day that was planned: sheets and deadlines say when it was held."""
    meeting = holding.session(db, session_id)
    _require_still_to_come(meeting)
    if now < meeting.starts_at:
        _move(db, meeting, now.replace(second=0, microsecond=0), actor=actor, now=now)


def _move(
    db: Session, meeting: RcpSession, starts_at: datetime, *, actor: str, now: datetime
) -> list[int]:
    """The cases whose dates have followed."""
    before, meeting.starts_at = meeting.starts_at, starts_at.astimezone(UTC)
    db.flush()
    going = _going_there(db, meeting.id) if meeting.starts_at != before else []
    for instance in going:
        _follow(db, instance, meeting, "Séance déplacée", actor=actor, now=now)
    audit.record(
        db,
        actor=actor,
        action="rcp.session_moved",
        now=now,
        object=f"rcp_session:{meeting.id}",
        detail={"from": before.isoformat(), "to": meeting.starts_at.isoformat()},
    )
    return sorted({instance.case_id for instance in going})


def cancel_session(
    door: Door, *, session_id: int, reason: str, actor: str, now: datetime
) -> AgendaReport:
    """A meeting that does not take place: its cases go to the next one, each by itself.

    The session is cancelled first, so that nobody registers for it meanwhile; asked again, the
    cases that could not follow are tried again.
    """

    def to_the_next(db: Session, registration: Registration) -> bool:
        if registration.state not in queries.WAITING:
            return False
        postponing.postpone(
            db, registration_id=registration.id, reason="session_cancelled", actor=actor, now=now
        )
        return True

    with door() as db:
        waiting = _cancel(db, session_id, reason, actor=actor, now=now)
    report = AgendaReport()
    report.moved = each(door, waiting, to_the_next, report)
    with door() as db:
        _bring_along(db, session_id, actor=actor, now=now)
    return report


def _cancel(db: Session, session_id: int, reason: str, *, actor: str, now: datetime) -> list[int]:
    meeting = holding.session(db, session_id)
    waiting = [row.id for row in queries.agenda(db, session_id) if row.state in queries.WAITING]
    if meeting.state == SessionState.CANCELLED and waiting:
        return waiting
    _require_still_to_come(meeting)
    reason = reason.strip()
    if not 3 <= len(reason) <= 200:
        raise Invalid(
            "Dites en quelques mots (200 caractères au plus) pourquoi la séance n’a pas lieu.",
            {"reason": "Motif attendu."},
        )
    following = queries.next_session(db, rcp_id=meeting.rcp_id, after=max(now, meeting.starts_at))
    if following is None and (waiting or _going_there(db, session_id)):
        raise Conflict(
            "Des dossiers attendent cette séance et aucune autre n’est planifiée après elle. "
            "Planifiez d’abord la suivante, ou déplacez celle-ci."
        )
    meeting.state = SessionState.CANCELLED
    meeting.cancelled_at, meeting.cancel_reason = now, reason
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.session_cancelled",
        now=now,
        object=f"rcp_session:{session_id}",
        detail={"reason": reason},
    )
    _tell(db, meeting, f"Séance annulée\u202f: {queries.session_label(db, meeting)}.", now)
    return waiting


def _bring_along(db: Session, session_id: int, *, actor: str, now: datetime) -> None:
    """Cases that had chosen the session and were not registered yet."""
    meeting = queries.session(db, session_id)
    following = queries.next_session(db, rcp_id=meeting.rcp_id, after=max(now, meeting.starts_at))
    if following is None:
        return
    for instance in _going_there(db, session_id):
        registration = queries.registration_of(db, instance.id)
        if registration is None or registration.state not in queries.WAITING:
            runtime.put_data(
                db,
                case_id=instance.case_id,
                instance_id=instance.id,
                values={"rcp_session_id": following.id},
                actor=actor,
                now=now,
            )
            _follow(db, instance, following, "Séance annulée", actor=actor, now=now)


def _follow(
    db: Session, instance: Instance, meeting: RcpSession, why: str, *, actor: str, now: datetime
) -> None:
    set_milestone(
        db,
        case_id=instance.case_id,
        instance_id=instance.id,
        name=MILESTONE,
        at=meeting.starts_at,
        actor=actor,
        now=now,
        reason=why,
    )


def _tell(db: Session, meeting: RcpSession, text: str, now: datetime) -> None:
    """Members, guests with an account and those who bring a case; no patient is named."""
    notify(
        db,
        user_ids=queries.expected_people(db, meeting),
        key=f"rcp_session_changed:{meeting.id}:{now.isoformat()}",
        kind="rcp_session",
        text=text,
        now=now,
    )


def _require_still_to_come(meeting: RcpSession) -> None:
    if meeting.state == SessionState.CANCELLED:
        raise Conflict("Cette séance est déjà annulée.")
    if meeting.state not in (SessionState.PLANNED, SessionState.CLOSED):
        raise Conflict("Cette séance a déjà été ouverte\u202f: sa date ne change plus.")


def _going_there(db: Session, session_id: int) -> list[Instance]:
    """Running RCPs that have chosen this session, registered or not yet."""
    rows = db.execute(
        sa.select(Instance, Datum.value)
        .join(Datum, Datum.instance_id == Instance.id)
        .where(Datum.name == "rcp_session_id", Instance.state == InstanceState.RUNNING)
        .order_by(Instance.case_id, Instance.id)
    )
    return [instance for instance, value in rows if str(value) == str(session_id)]
