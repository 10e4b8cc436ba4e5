"""An agenda fixed by mistake comes in; registrations open again, and what the closing did stays (ADR 0018)."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, Invalid
from workflows.rcp import holding, queries
from workflows.rcp.models import RcpSession, SessionState

LONGEST = 200


def reopen_agenda(db: Session, *, session_id: int, reason: str, actor: str, now: datetime) -> None:
    """Registrations are welcome again, until somebody closes them or the morning of the meeting.

    Cases on the agenda keep their place, and those sent to another session stay there: their
    deadlines and their requesters have followed.
    """
    meeting = holding.session(db, session_id)
    _require_closed(meeting, now)
    reason = reason.strip()
    if not 3 <= len(reason) <= LONGEST:
        raise Invalid(
            f"Dites en quelques mots ({LONGEST} caractères au plus) pourquoi les inscriptions sont "
            "rouvertes.",
            {"reason": "Motif attendu."},
        )
    meeting.state = SessionState.PLANNED
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.agenda_reopened",
        now=now,
        object=f"rcp_session:{session_id}",
        detail={
            "reason": reason,
            "closed_at": meeting.agenda_closed_at.isoformat()
            if meeting.agenda_closed_at
            else None,
        },
    )


def was_reopened(meeting: RcpSession) -> bool:
    """Planned, and closed once: somebody took the closing back."""
    return meeting.state == SessionState.PLANNED and meeting.agenda_closed_at is not None


def _require_closed(meeting: RcpSession, now: datetime) -> None:
    if meeting.state == SessionState.PLANNED:
        raise Conflict("Les inscriptions à cette séance sont déjà ouvertes.")
    if meeting.state == SessionState.CANCELLED:
        raise Conflict("Cette séance est annulée\u202f: ses dossiers sont passés à une autre.")
    if meeting.state != SessionState.CLOSED:
        raise Conflict(
            "Cette séance a déjà été ouverte\u202f: un dossier urgent s’y ajoute encore, avec "
            "l’accord du coordonnateur."
        )
    if meeting.starts_at <= now:
        raise Conflict(
            f"La séance du {queries.say_moment(meeting.starts_at)} devait déjà commencer. "
            "Déplacez-la, puis rouvrez les inscriptions."
        )
