"""Due moments as rows: claimed one by one, fired each in its own transaction, never twice."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import advance, audit, handlers, rows
from engine.db import transaction
from engine.errors import Refusal
from engine.models import InstanceState, Task, TaskState, Timer
from engine.step import explained, stepping

RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
SYSTEM = "system"


def add_timer(
    db: Session,
    *,
    case_id: int,
    kind: str,
    due_at: datetime,
    task_id: int | None = None,
    payload: dict[str, Any] | None = None,
) -> None:
    """A moment at which the handler registered for `kind` is called."""
    timer = {"case_id": case_id, "kind": kind, "due_at": due_at, "task_id": task_id}
    rows.add(db, Timer, [{**timer, "payload": payload or {}}])


def fire_due_timers(database: sa.Engine, *, now: datetime, limit: int = 100) -> int:
    """Fire what is due, earliest first; one that fails is tried again later, the others go on."""
    with transaction(database) as db:
        due = db.scalars(_due(now).order_by(Timer.due_at, Timer.id).limit(limit)).all()
    return sum(_fire(database, timer_id, now) for timer_id in due)


def next_due(db: Session) -> datetime | None:
    """The earliest moment a timer waits for."""
    return db.scalar(sa.select(sa.func.min(Timer.due_at)).where(Timer.suspended.is_(False)))


def late(db: Session, *, now: datetime, than: timedelta) -> int:
    """How many timers should have fired longer ago than that: an alarm when not zero."""
    return db.scalar(sa.select(sa.func.count()).select_from(_due(now - than).subquery())) or 0


def stand_still(db: Session, *, case_id: int, awake: Collection[int]) -> None:
    """No timer of the case fires until it goes on, but those of these instances."""
    db.flush()
    tasks = sa.select(Task.id).where(Task.case_id == case_id, Task.instance_id.in_(awake))
    goes_on = sa.or_(
        sa.func.coalesce(Timer.instance_id, 0).in_(awake),
        sa.func.coalesce(Timer.task_id, 0).in_(tasks),
    )
    db.execute(
        sa.update(Timer).where(Timer.case_id == case_id, ~goes_on).values(suspended=True),
        execution_options={"synchronize_session": "fetch"},
    )


def shift(db: Session, *, case_id: int, by: timedelta, awake: Collection[int]) -> None:
    """A case that stood still: its timers and due dates move, and run again."""
    for timer in db.scalars(sa.select(Timer).filter_by(case_id=case_id, suspended=True)):
        timer.due_at += by
        timer.suspended = False
    for task in db.scalars(
        sa.select(Task).where(
            Task.case_id == case_id, Task.state == TaskState.OPEN, Task.instance_id.not_in(awake)
        )
    ):
        for name in ("due_at", "remind_at", "escalate_at"):
            if (moment := getattr(task, name)) is not None:
                setattr(task, name, moment + by)


def _due(now: datetime) -> sa.Select[int]:
    return sa.select(Timer.id).where(Timer.due_at <= now, Timer.suspended.is_(False))


def _fire(database: sa.Engine, timer_id: int, now: datetime) -> int:
    try:
        with transaction(database) as db:
            timer = db.scalar(
                sa.select(Timer)
                .where(Timer.id.in_(_due(now).where(Timer.id == timer_id)))
                .with_for_update(skip_locked=True)
            )
            if timer is None:
                return 0  # gone, moved, or in another worker's hands
            if timer.kind == "event":
                _fire_event(db, timer, now)
            else:
                _hand_over(db, timer, now)
            return 1
    except Refusal as refusal:
        return _postpone(database, timer_id, now, refusal.message)
    except Exception as error:
        return _postpone(database, timer_id, now, f"{type(error).__name__}: {error}")


def _fire_event(db: Session, timer: Timer, now: datetime) -> None:
    with stepping(db, timer.case_id, actor=SYSTEM, now=now) as step:
        instance = step.instance(timer.instance_id or 0)
        token, choice, element = timer.token or 0, timer.payload.get("choice", -1), timer.element
        db.delete(timer)
        db.flush()
        if instance.state != InstanceState.RUNNING:
            return
        audit.record(
            db,
            actor=SYSTEM,
            action="timer.fired",
            now=now,
            case_id=timer.case_id,
            detail={"element": element},
        )

        def wake() -> None:
            with explained(step.title(instance)):
                step.execution(instance).wake(token, choice)
            advance.go_on(step, instance)

        step.queue(wake)


def _hand_over(db: Session, timer: Timer, now: datetime) -> None:
    handler = handlers.timer_handler(timer.kind)
    if handler is not None:
        handler(db, timer, now=now)
    db.delete(timer)


def _postpone(database: sa.Engine, timer_id: int, now: datetime, error: str) -> int:
    with transaction(database) as db:
        timer = db.get(Timer, timer_id, with_for_update=True)
        if timer is not None:
            wait = RETRIES[min(timer.attempts, len(RETRIES) - 1)]
            timer.attempts += 1
            timer.due_at, timer.error = now + wait, error[:500]
    return 0
