"""A session comes in; it is closed, opened and ended, and messages to each case's diagram go out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from engine import audit, runtime
from engine import queries as engine_queries
from engine.errors import Conflict, Invalid
from workflows.french import PARIS
from workflows.patients.trust import require_sharing
from workflows.rcp import convocations, holding, moving, postponing, queries, states
from workflows.rcp.doors import AgendaReport, Door, each
from workflows.rcp.models import RcpSession, Registration, SessionState
from workflows.rcp.models import RegistrationState as State
from workflows.rcp.quorum import Quorum
from workflows.rcp.reopening import was_reopened


def close_agenda(door: Door, *, session_id: int, actor: str, now: datetime) -> AgendaReport:
    """Fix the agenda and ask people to come (R07–R09); run again after an urgent case was added, it
    takes that one.

    Beyond the greatest number of the RCP (R08), the last in order go to the next session.
    """
    report = _fix_agenda(door, session_id=session_id, actor=actor, now=now)
    with door() as db:
        if queries.session(db, session_id).state == SessionState.CLOSED:  # else they sit already
            convocations.convene(
                db, session_id=session_id, actor=actor, now=now, is_again=report.is_again
            )
    return report


def _fix_agenda(door: Door, *, session_id: int, actor: str, now: datetime) -> AgendaReport:

    def put_on_agenda(db: Session, registration: Registration) -> bool:
        return _put_on_agenda(db, registration, actor=actor, now=now)

    def to_the_next(db: Session, registration: Registration) -> bool:
        return _to_the_next(db, registration, "session_full", actor=actor, now=now)

    with door() as db:
        meeting = queries.session(db, session_id)
        _require_alive(meeting)
        rows = queries.agenda(db, session_id)
        accepted = [row.id for row in rows if row.state == State.ACCEPTED]
        places = _places_left(meeting, rows)
        report = AgendaReport(unaccepted=[row for row in rows if row.state == State.SUBMITTED])
    report.moved = each(door, accepted[:places], put_on_agenda, report)
    report.put_off = each(door, accepted[places:], to_the_next, report)
    with door() as db:
        meeting = holding.session(db, session_id)
        if meeting.state == SessionState.PLANNED:
            report.is_again = was_reopened(meeting)
            meeting.state = SessionState.CLOSED
            meeting.agenda_closed_at = now
        _audit(db, meeting, "rcp.agenda_closed", actor=actor, now=now, cases=len(report.moved))
    return report


def open_session(
    door: Door, *, session_id: int, actor: str, now: datetime, early: bool = False
) -> AgendaReport:
    """People sit down (R10); an agenda nobody closed is closed now.

    `early`: somebody has confirmed that it is held before its day, and it is moved to this moment.
    """
    with door() as db:
        meeting = queries.session(db, session_id)
        _require_alive(meeting)
        _require_not_open(meeting)
        if not (early or opens_on(meeting, now)):
            raise Conflict(
                f"La séance du {queries.say_moment(meeting.starts_at)} s’ouvre le jour même. "
                "Si elle se tient dès maintenant, confirmez-le depuis sa page."
            )
        if not queries.coordinators(db, meeting.rcp_id):
            raise Invalid(
                "Cette RCP n’a pas de coordonnateur : nommez-en un avant d’ouvrir la séance."
            )
        if not opens_on(meeting, now):
            moving.hold_now(db, session_id=session_id, actor=actor, now=now)
    report = _fix_agenda(door, session_id=session_id, actor=actor, now=now)
    with door() as db:
        meeting = holding.session(db, session_id)
        _require_not_open(meeting)
        meeting.state = SessionState.OPEN
        meeting.opened_at = now
        _audit(db, meeting, "rcp.session_opened", actor=actor, now=now)
    return report


def end_session(door: Door, *, session_id: int, actor: str, now: datetime) -> AgendaReport:
    """Everybody leaves; a case that was never called is set aside for lack of time.

    One that was accepted and never put on the agenda goes to the next session by itself. The
    session ends last: cut short, it is still open and is ended again.
    """

    def out_of_time(db: Session, registration: Registration) -> bool:
        return _out_of_time(db, registration, actor=actor, now=now)

    with door() as db:
        sitting(db, session_id)
        rows = queries.agenda(db, session_id)
        left = [row.id for row in rows if row.state in (State.ON_AGENDA, State.ACCEPTED)]
        report = AgendaReport(unaccepted=[row for row in rows if row.state == State.SUBMITTED])
    report.moved = each(door, left, out_of_time, report)
    with door() as db:
        meeting = sitting(db, session_id)
        for stay in queries.attendances(db, session_id):
            if stay.left_at is None:
                stay.left_at = max(now, stay.arrived_at)
        meeting.state = SessionState.ENDED
        meeting.ended_at = now
        _audit(db, meeting, "rcp.session_ended", actor=actor, now=now, set_aside=len(report.moved))
    return report


def call_case(db: Session, *, registration_id: int, actor: str, now: datetime) -> Quorum:
    """A case comes up: the quorum is that of the persons present now, and its diagram goes on."""
    registration = holding.passage(db, registration_id)
    sitting(db, registration.session_id)
    if registration.state != State.ON_AGENDA or registration.called_at is not None:
        raise Conflict("Ce dossier n’attend pas d’être appelé dans cette séance.")
    require_sharing(db, registration.case_id)
    registration.called_at = now
    found = queries.quorum(db, registration, now)
    registration.quorum = found.as_json()  # only an hour corrected changes it (hours.py)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.case_called",
        now=now,
        case_id=registration.case_id,
        object=f"rcp_registration:{registration.id}",
        detail=found.as_json(),
    )
    runtime.send_message(
        db,
        name="case_called",
        case_id=registration.case_id,
        instance_id=registration.instance_id,
        actor=actor,
        now=now,
        key=f"case_called:{registration.id}",
    )
    return found


def _put_on_agenda(db: Session, registration: Registration, *, actor: str, now: datetime) -> bool:
    if registration.state != State.ACCEPTED:
        return False  # a colleague was faster
    if registration.position is None:  # else somebody has chosen its place by hand
        taken = [row.position or 0 for row in queries.agenda(db, registration.session_id)]
        registration.position = max(taken, default=0) + 1
    states.move(db, registration, State.ON_AGENDA, actor=actor, now=now)
    if not engine_queries.is_awaited(
        db, "case_called", instance_id=registration.instance_id
    ):  # else its first session was cancelled
        runtime.send_message(
            db,
            name="agenda_closed",
            case_id=registration.case_id,
            instance_id=registration.instance_id,
            actor=actor,
            now=now,
            key=f"agenda_closed:{registration.id}",
        )
    return True


def _out_of_time(db: Session, registration: Registration, *, actor: str, now: datetime) -> bool:
    if registration.state == State.ACCEPTED:
        return _to_the_next(db, registration, "not_enough_time", actor=actor, now=now)
    if registration.state != State.ON_AGENDA or registration.called_at is not None:
        return False
    postponing.set_aside(
        db, registration_id=registration.id, reason="not_enough_time", actor=actor, now=now
    )
    return True


def _to_the_next(
    db: Session, registration: Registration, reason: str, *, actor: str, now: datetime
) -> bool:
    if registration.state != State.ACCEPTED:
        return False
    postponing.postpone(db, registration_id=registration.id, reason=reason, actor=actor, now=now)
    return True


def _places_left(meeting: RcpSession, rows: Sequence[Registration]) -> int:
    taken = sum(row.state in (State.ON_AGENDA, *states.HEARD) for row in rows)
    limit = meeting.rcp.max_cases
    return len(rows) if limit is None else max(limit - taken, 0)


def _require_alive(meeting: RcpSession) -> None:
    if meeting.state == SessionState.ENDED:
        raise Conflict("Cette séance est terminée\u202f: son ordre du jour ne change plus.")
    if meeting.state == SessionState.CANCELLED:
        raise Conflict("Cette séance est annulée\u202f: ses dossiers sont passés à une autre.")


def opens_on(meeting: RcpSession, now: datetime) -> bool:
    """From the morning of its day, in France; later too, when it was held and not written down.

    Opened a week early by a wrong click, it would set aside every case when it is ended.
    """
    return meeting.starts_at.astimezone(PARIS).date() <= now.astimezone(PARIS).date()


def _require_not_open(meeting: RcpSession) -> None:
    if meeting.state == SessionState.OPEN:
        raise Conflict("Cette séance a déjà été ouverte.")


def sitting(db: Session, session_id: int) -> RcpSession:
    meeting = holding.session(db, session_id)
    if meeting.state != SessionState.OPEN:
        raise Conflict(
            "La séance n’est pas ouverte. Ouvrez-la pour émarger et appeler un dossier."
        )
    return meeting


def _audit(
    db: Session, meeting: RcpSession, action: str, *, actor: str, now: datetime, **detail: int
) -> None:
    db.flush()
    audit.record(
        db, actor=actor, action=action, now=now, object=f"rcp_session:{meeting.id}", detail=detail
    )
