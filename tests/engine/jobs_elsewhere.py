"""What the process of a test's jobs knows: one that is done, some that never are."""

import os
import signal
import threading
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import audit, handlers


def note(db: Session, payload: dict[str, Any], *, now: datetime) -> None:
    audit.record(db, actor="system", action="noted", now=now, detail={"process": os.getpid()})


def soon() -> None:
    """The end that is set for this job is brought forward: no test waits for minutes."""
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    if not left:
        raise AssertionError("nobody would ever end this job")
    signal.setitimer(signal.ITIMER_REAL, 0.01)


def hang_holding_a_lock(db: Session, payload: dict[str, Any], *, now: datetime) -> None:
    note(db, payload, now=now)
    db.flush()
    soon()
    threading.Event().wait()


def hang_between(db: Session, payload: dict[str, Any], *, now: datetime) -> handlers.Work:
    def hang() -> None:
        soon()
        threading.Event().wait()

    return hang


def spin(db: Session, payload: dict[str, Any], *, now: datetime) -> None:
    soon()
    while True:
        pass


def crash(db: Session, payload: dict[str, Any], *, now: datetime) -> None:
    os.abort()


def register() -> None:
    handlers.job("note")(note)
    handlers.job("hang holding a lock")(hang_holding_a_lock)
    handlers.slow_job("hang between")(hang_between)
    handlers.job("spin")(spin)
    handlers.job("crash")(crash)
