"""A meeting that is over comes in; the cases it left go to the next one, each by itself (R15)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid
from workflows.access.tasks import may_complete
from workflows.cases import operations as cases
from workflows.rcp import decision, queries
from workflows.rcp.board import AgendaLine
from workflows.rcp.doors import AgendaReport, Door, each
from workflows.rcp.models import RcpSession, Registration, SessionState
from workflows.rcp.models import RegistrationState as State
from workflows.staff.models import User

FORM = "postpone"
# The case still waits for its meeting; of a patient who died or opposes, nobody says « la prochaine ».
POSTPONABLE = ("incomplete_file", "quorum_not_reached", "requester_absent", "not_enough_time")


def left_over(db: Session, session_id: int) -> Sequence[Registration]:
    """Not discussed, and nothing decided of them since."""
    return [row for row in queries.agenda(db, session_id) if _is_left(db, row)]


def may_put_off(db: Session, user: User, lines: Sequence[AgendaLine]) -> bool:
    """The secretariat's step: who may do it for one case of the session may for all."""
    task = next((line.tasks[FORM] for line in lines if FORM in line.tasks), None)
    return task is not None and may_complete(db, user, task)


def following(db: Session, meeting: RcpSession, now: datetime) -> RcpSession | None:
    """Where a case of this meeting goes when it is put off."""
    return queries.next_session(db, rcp_id=meeting.rcp_id, after=max(now, meeting.starts_at))


def put_off_all(
    door: Door, *, session_id: int, reason: str | None, user: User, now: datetime
) -> AgendaReport:
    """« Tout reporter »: one reason for all, or the one that was noted for each.

    Each case goes through its own step, with its rights and its rules: put off twice, it is told to
    the coordinator as when it is put off alone.
    """

    def to_the_next(db: Session, registration: Registration) -> bool:
        task = decision.open_step(db, registration, FORM) if _is_left(db, registration) else None
        if task is None:
            return False  # a colleague was faster
        answers = {
            "non_discussion_reason": reason or registration.reason,
            "postponement": "postponed",
        }
        cases.complete_task(db, task_id=task.id, answers=answers, user=user, now=now)
        return True

    if reason and reason not in POSTPONABLE:
        raise Invalid("Choisissez le motif du report dans la liste.")
    with door() as db:
        meeting = queries.session(db, session_id)
        if meeting.state != SessionState.ENDED:
            raise Conflict("La séance n’est pas terminée\u202f: terminez-la, puis reportez.")
        waiting = [row.id for row in left_over(db, session_id)]
        if not waiting:
            raise Conflict(
                "Plus aucun dossier de cette séance n’attend un report\u202f: rechargez la page."
            )
        if following(db, meeting, now) is None:
            raise Conflict(
                "Aucune séance à venir n’est planifiée pour cette RCP. Planifiez-en une, puis "
                "reportez les dossiers."
            )
    report = AgendaReport()
    report.moved = each(door, waiting, to_the_next, report)
    return report


def _is_left(db: Session, row: Registration) -> bool:
    return (
        row.state == State.NOT_DISCUSSED
        and row.reason in POSTPONABLE
        and decision.open_step(db, row, FORM) is not None
        and queries.registration_of(db, row.instance_id) == row
    )
