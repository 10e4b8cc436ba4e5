"""Due moments as rows: claimed by one worker, fired each in its own transaction, never twice.

A claim is a lease that only spares workers each other's way; what makes a timer fire once is that
its row goes in the transaction of what it sets off, under the lock of its case.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import advance, audit, handlers, rows
from engine.claims import is_free, past
from engine.db import reading, transaction
from engine.failures import Failure, failure_of
from engine.models import Case, InstanceState, Task, TaskState, Timer
from engine.step import explained, stepping

RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
STUCK = 3  # tries, after which people are told
LEASE = timedelta(minutes=2)
LATE = timedelta(minutes=10)  # a timer that should have fired longer ago is an alarm
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
    return sum(_fire(database, *claimed, now) for claimed in _claim(database, now, limit))


def next_due(db: Session) -> datetime | None:
    """The earliest moment a timer waits for: its own, or that of its next try."""
    moment = sa.case((Timer.retry_at > Timer.due_at, Timer.retry_at), else_=Timer.due_at)
    wanted = sa.select(sa.func.min(moment)).where(Timer.suspended.is_(False))
    return cast("datetime | None", db.scalar(wanted))


def late(db: Session, *, now: datetime, than: timedelta = LATE) -> int:
    """How many timers should have fired longer ago than that: an alarm when not zero."""
    missed = sa.select(sa.func.count(Timer.id)).where(
        Timer.due_at <= now - than, Timer.suspended.is_(False)
    )
    return db.scalar(missed) or 0


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


def shift(
    db: Session,
    *,
    case_id: int,
    by: timedelta,
    awake: Collection[int],
    only: Collection[int] | None = None,
) -> None:
    """What stood still moves, its timers and due dates, and runs again: all of it, or `only` these."""
    stood = sa.select(Task).where(
        Task.case_id == case_id, Task.state == TaskState.OPEN, Task.instance_id.not_in(awake)
    )
    timers = sa.select(Timer).filter_by(case_id=case_id, suspended=True)
    if only is not None:
        stood = stood.where(Task.instance_id.in_(only))
        of_tasks = sa.select(Task.id).where(Task.instance_id.in_(only))
        timers = timers.where(sa.or_(Timer.instance_id.in_(only), Timer.task_id.in_(of_tasks)))
    for timer in db.scalars(timers):
        timer.due_at += by
        timer.suspended, timer.retry_at = False, None
    for task in db.scalars(stood):
        for name in ("due_at", "remind_at", "escalate_at"):
            if (moment := getattr(task, name)) is not None:
                setattr(task, name, moment + by)


def _is_due(now: Any, horizon: Any) -> sa.ColumnElement[bool]:
    """Its moment, or that of its next try, has come, and its case does not stand still."""
    return sa.and_(
        Timer.due_at <= now,
        Timer.suspended.is_(False),
        past(Timer.retry_at, now=now, horizon=horizon),
    )


# Built once: after a night without a server thousands are asked for, one by one.
_LOCK = sa.select(Case.id).where(Case.id == sa.bindparam("case_id")).with_for_update()
_STILL_DUE = sa.select(Timer).where(
    Timer.id == sa.bindparam("timer_id"), _is_due(sa.bindparam("now"), sa.bindparam("horizon"))
)


def _claim(database: sa.Engine, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Timers and their cases, for this worker alone; the others take the ones after them."""
    due = (
        sa.select(Timer.id)
        .where(_is_due(now, now + RETRIES[-1]), is_free(Timer, now=now, lease=LEASE))
        .order_by(Timer.due_at, Timer.id)
    )
    with reading(database) as db:
        if db.scalar(due.limit(1)) is None:  # most of the time: no writer waits for nothing
            return []
    with transaction(database) as db:
        wanted = due.add_columns(Timer.case_id).limit(limit)
        found = [
            (timer_id, case_id)
            for timer_id, case_id in db.execute(wanted.with_for_update(skip_locked=True))
        ]
        db.execute(
            sa.update(Timer)
            .where(Timer.id.in_([timer_id for timer_id, _ in found]))
            .values(claimed_until=now + LEASE),
            execution_options={"synchronize_session": False},
        )
        return found


def _fire(database: sa.Engine, timer_id: int, case_id: int, now: datetime) -> int:
    try:
        with transaction(database) as db:
            # The case before the timer, as every step does: two that wait crosswise wait for ever.
            db.scalar(_LOCK, {"case_id": case_id})
            wanted = {"timer_id": timer_id, "now": now, "horizon": now + RETRIES[-1]}
            timer = db.scalar(_STILL_DUE, wanted)
            if timer is None:
                return 0  # gone or moved meanwhile, or fired by another worker
            if timer.kind == "event":
                _fire_event(db, timer, now)
            else:
                _hand_over(db, timer, now)
            return 1
    except Exception as error:
        return _postpone(database, timer_id, now, failure_of(error))


def _fire_event(db: Session, timer: Timer, now: datetime) -> None:
    with stepping(db, timer.case_id, actor=SYSTEM, now=now) as step:
        instance = step.instance(timer.instance_id or 0)
        token, choice, element = timer.token or 0, timer.payload.get("choice", -1), timer.element
        rows.delete(db, Timer, id=timer.id)
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
    rows.delete(db, Timer, id=timer.id)


def _postpone(database: sa.Engine, timer_id: int, now: datetime, failure: Failure) -> int:
    """Tried again and again: a timer given up would hold its case up for ever, unseen."""
    with transaction(database) as db:
        timer = db.get(Timer, timer_id, with_for_update=True)
        if timer is not None:
            timer.retry_at = now + RETRIES[min(timer.attempts, len(RETRIES) - 1)]
            timer.attempts, timer.claimed_until = timer.attempts + 1, None
            timer.error, timer.blame = failure.cause[:500], failure.blame
            if timer.attempts == STUCK:
                from engine.incidents import of_timer

                handlers.tell("incident", db, of_timer(timer), now)
    return 0
