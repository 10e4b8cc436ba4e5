"""« Annuler »: a person's last step in a case comes back, when nothing it did engages anybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from engine import undo
from engine.models import Task
from workflows.access import require_case
from workflows.cases import steps
from workflows.staff.models import User

# Approved, handed over, registered, identified: a correction is a new act, never an undoing.
ENGAGING = frozenset({"record", "patient", "rcp_registration", "rcp_opinion", "rcp_session"})


@contextmanager
def undoable(db: Session, task: Task, *, user: User, now: datetime) -> Iterator[None]:
    """What happens inside may be taken back for some seconds, unless the form carries a rule."""
    if steps.is_guarded(task.form) or task.form.startswith(("approve_", "hand_over_")):
        yield
        return
    with undo.undoable(
        db,
        case_id=task.case_id,
        name=task.name,
        actor=user.actor,
        now=now,
        never=ENGAGING,
    ):
        yield


def last_step(db: Session, *, case_id: int, user: User, now: datetime) -> str | None:
    """The name of the step this person may still take back."""
    point = undo.can_take_back(db, case_id=case_id, actor=user.actor, now=now)
    return point.name if point else None


def take_back(db: Session, *, case_id: int, user: User, now: datetime) -> str:
    """The case is again what it was before this person's last step; the step's name."""
    require_case(db, user, case_id, now, action="case.change", written=False)
    return undo.take_back(db, case_id=case_id, actor=user.actor, now=now)
