"""Work to do after the commit: asked for in a step's transaction, run and retried by workers.

A worker claims a job, does what is slow without holding any lock, then writes what came of it
together with « done ». The claim is a lease: when the worker dies, another takes the job.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import handlers, rows
from engine.claims import is_free
from engine.db import reading, transaction
from engine.failures import INTERRUPTED, Failure, failure_of
from engine.models import Job, JobState

LEASE = timedelta(minutes=5)
RETRIES = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
)


def later(
    db: Session,
    *,
    kind: str,
    payload: dict[str, Any],
    now: datetime,
    key: str,
    case_id: int | None = None,
) -> None:
    """Ask for a job once: the same key asked again does nothing."""
    job = {"kind": kind, "key": key, "payload": payload, "case_id": case_id}
    rows.add_once(db, Job, {**job, "due_at": now, "created_at": now}, unique="key")


def run_due_jobs(
    database: sa.Engine, *, now: datetime, limit: int = 100, skipped: Collection[str] = ()
) -> int:
    """Run what is due, one after the other; a failing one never stops the others.

    `skipped`: kinds left waiting, when stories are played for what happens, not for paper.
    """
    done = 0
    for _ in range(limit):
        claimed = claim(database, now, skipped)
        if claimed is None:
            break
        done += run(database, claimed, now)
    return done


def next_due(db: Session, *, skipped: Collection[str] = ()) -> datetime | None:
    """The earliest moment a job waits for: most of the time none, and no worker need look."""
    waiting = (Job.state == JobState.WAITING, Job.kind.not_in(skipped))
    return cast("datetime | None", db.scalar(sa.select(sa.func.min(Job.due_at)).where(*waiting)))


@dataclass(frozen=True)
class Claimed:
    """A job in this worker's hands until its lease ends."""

    id: int
    kind: str
    payload: dict[str, Any]


def claim(database: sa.Engine, now: datetime, skipped: Collection[str] = ()) -> Claimed | None:
    """Take the job that is due for longest; one whose every try was cut short is given up."""
    due = (
        sa.select(Job)
        .where(
            Job.state == JobState.WAITING,
            Job.due_at <= now,
            is_free(Job, now=now, lease=LEASE),
            Job.kind.not_in(skipped),
        )
        .order_by(Job.due_at, Job.id)
        .limit(1)
    )
    while _exists(database, due):  # most of the time not: no writer waits for nothing
        with transaction(database) as db:
            job = db.scalar(due.with_for_update(skip_locked=True))
            if job is None:
                return None
            if job.attempts > len(RETRIES):  # every try began, none came to an end
                _fail(db, job, INTERRUPTED, now)
                continue
            job.claimed_until = now + LEASE
            job.attempts += 1
            return Claimed(job.id, job.kind, job.payload)
    return None


def _exists(database: sa.Engine, wanted: sa.Select[Job]) -> bool:
    with reading(database) as db:
        return db.scalar(wanted) is not None


def run(database: sa.Engine, claimed: Claimed, now: datetime) -> int:
    """Do a claimed job and write what came of it; 1 when it is done."""
    try:
        work = _prepared(database, claimed, now)
        with transaction(database) as db:
            job = _still_waiting(db, claimed.id)
            if job is None:
                return 0  # somebody else was quicker, or set it aside
            work(db)
            job.state, job.done_at, job.claimed_until = JobState.DONE, now, None
            job.error = job.blame = ""
            return 1
    except Exception as error:
        give_back(database, claimed.id, failure_of(error), now)
        return 0


def give_back(database: sa.Engine, job_id: int, failure: Failure, now: datetime) -> None:
    """This try has failed: another one later, or an incident after the last."""
    with transaction(database) as db:
        if (job := _still_waiting(db, job_id)) is not None:
            _fail(db, job, failure, now)


def _prepared(database: sa.Engine, claimed: Claimed, now: datetime) -> handlers.Write:
    """What is slow, done without any transaction; what is left to write."""
    slow = handlers.slow_job_handler(claimed.kind)
    if slow is None:
        return _quick(claimed, now)
    with reading(database) as db:
        work = slow(db, claimed.payload, now=now)
    write = work() if work is not None else None
    return write or _nothing


def _quick(claimed: Claimed, now: datetime) -> handlers.Write:
    handler = handlers.job_handler(claimed.kind)
    if handler is None:
        raise LookupError(f"no handler for jobs of kind {claimed.kind!r}")
    return lambda db: handler(db, claimed.payload, now=now)


def _nothing(_db: Session) -> None:
    """It had been done already."""


def _still_waiting(db: Session, job_id: int) -> Job | None:
    job = db.get(Job, job_id, with_for_update=True)
    return job if job is not None and job.state == JobState.WAITING else None


def _fail(db: Session, job: Job, failure: Failure, now: datetime) -> None:
    job.error, job.blame, job.claimed_until = failure.cause[:1000], failure.blame, None
    if job.attempts > len(RETRIES):
        from engine.incidents import of_job

        job.state = JobState.INCIDENT
        handlers.tell("incident", db, of_job(job), now)
    else:
        job.due_at = now + RETRIES[job.attempts - 1]
