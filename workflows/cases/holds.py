"""« Reporter » and « Bloquer »: an open task is left alone until a day, for a reason all can read.

The due date, its reminder and its escalation stay what the deadline's row made them. A task put off
leaves the working list until its day, never beyond its due date: a late task is always shown. A
blocked one stays where it is and says what it waits for.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from engine.errors import Invalid
from engine.models import Task
from engine.timers import add_timer
from workflows.access import require_task
from workflows.cases.hands import require_hand, require_open, write_down
from workflows.cases.models import Hold, TaskHold, TaskOffer
from workflows.french import PARIS, say_date
from workflows.staff.models import User

LONGEST = timedelta(days=90)
SHORTEST_REASON = 3
TIMER = "hold_over"  # workflows/notices/timers.py tells people that the day has come
HOUR = time(8, 0)


def postpone(
    db: Session, *, task_id: int, until: date, reason: str, user: User, now: datetime
) -> Task:
    """« Reporter »: it comes back on that day, at the latest on the day it is due."""
    task = _own(db, task_id, user, now)
    due = _due_ahead(task, now)
    if due is not None and until > due:
        raise Invalid(
            f"«\u202f{task.name}\u202f» est à faire avant le {say_date(due)}\u202f: reportez-la à ce jour "
            "au plus tard. Si elle ne peut pas être faite à temps, bloquez-la et dites pourquoi."
        )
    return _hold(db, task, Hold.POSTPONED, until=until, reason=reason, user=user, now=now)


def block(
    db: Session, *, task_id: int, until: date, reason: str, user: User, now: datetime
) -> Task:
    """« Bloquer »: it stays in every list, says what it waits for, and is asked about on that day."""
    task = _own(db, task_id, user, now)
    return _hold(db, task, Hold.BLOCKED, until=until, reason=reason, user=user, now=now)


def resume(db: Session, *, task_id: int, user: User, now: datetime) -> Task:
    """« Reprendre »: nothing holds it any more."""
    task = _own(db, task_id, user, now)
    found = db.get(TaskHold, task_id)
    if found is None:
        return task
    db.delete(found)
    _tell_offers(db, task_id, kind="", until=None)
    write_down(db, task, "task.resumed", user=user, now=now)
    return task


def end_day(db: Session, *, task_id: int, now: datetime) -> TaskHold | None:
    """The day has come: what was put off is to be done again. What held it, if something did."""
    found = db.get(TaskHold, task_id)
    if found is None or found.until_date > now.astimezone(PARIS).date():
        return None
    if found.kind == Hold.POSTPONED:
        db.delete(found)
        _tell_offers(db, task_id, kind="", until=None)
    return found


def last_day(task: Task, now: datetime) -> date:
    """As far as it may be put off."""
    longest = now.astimezone(PARIS).date() + LONGEST
    return min(_due_ahead(task, now) or longest, longest)


def holds_of(db: Session, task_ids: Sequence[int]) -> dict[int, TaskHold]:
    """What holds which of these tasks, with who said so."""
    rows = db.scalars(
        sa.select(TaskHold)
        .where(TaskHold.task_id.in_(task_ids))
        .options(joinedload(TaskHold.user))
    )
    return {row.task_id: row for row in rows}


def _due_ahead(task: Task, now: datetime) -> date | None:
    if task.due_at is None or task.due_at < now:
        return None  # already late: it stays in sight whatever is chosen
    return task.due_at.astimezone(PARIS).date()


def _own(db: Session, task_id: int, user: User, now: datetime) -> Task:
    task = require_open(require_task(db, user, task_id, now, written=False))
    require_hand(db, user, task)
    return task


def _hold(
    db: Session, task: Task, kind: Hold, *, until: date, reason: str, user: User, now: datetime
) -> Task:
    reason = " ".join(reason.split())[:200]
    if len(reason) < SHORTEST_REASON:
        raise Invalid(
            "Dites ce que cette étape attend."
            if kind is Hold.BLOCKED
            else "Dites pourquoi cette étape est reportée."
        )
    today = now.astimezone(PARIS).date()
    if not today < until <= today + LONGEST:
        raise Invalid(
            f"Choisissez un jour entre demain et le {say_date(today + LONGEST)}\u202f: "
            "la tâche vous sera rappelée ce jour-là."
        )
    found = db.get(TaskHold, task.id) or TaskHold(task_id=task.id)
    found.kind, found.reason, found.until_date = kind, reason, until
    found.user_id, found.since_at = user.id, now
    db.add(found)
    _tell_offers(db, task.id, kind=kind, until=starts(until))
    add_timer(
        db,
        case_id=task.case_id,
        kind=TIMER,
        due_at=datetime.combine(until, HOUR, PARIS),
        task_id=task.id,
    )
    write_down(
        db, task, f"task.{kind}", user=user, now=now, until=until.isoformat(), reason=reason
    )
    return task


def starts(day: date) -> datetime:
    """The first moment of a day, on the clock of Paris."""
    return datetime.combine(day, time(), PARIS)


def _tell_offers(db: Session, task_id: int, *, kind: str, until: datetime | None) -> None:
    """Lists filter and count by it, so each offer repeats it."""
    db.flush()
    db.execute(
        sa.update(TaskOffer)
        .where(TaskOffer.task_id == task_id)
        .values(hold=kind, held_until=until)
        .execution_options(synchronize_session=False)
    )
