"""Work to do after the commit: asked for in a step's transaction, run and retried by workers."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit, handlers
from engine.db import transaction
from engine.errors import NotFound
from engine.models import Job, JobState

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
    if db.scalar(sa.select(Job.id).where(Job.key == key)) is None:
        job = Job(kind=kind, key=key, payload=payload, case_id=case_id, due_at=now, created_at=now)
        db.add(job)
        db.flush()


def run_due_jobs(
    database: sa.Engine, *, now: datetime, limit: int = 100, skipped: Collection[str] = ()
) -> int:
    """Run what is due, each in its own transaction; a failing one never stops the others.

    `skipped`: kinds left waiting, when stories are played for what happens, not for paper.
    """
    with transaction(database) as db:
        wanted = _due(now).where(Job.kind.not_in(skipped)).order_by(Job.due_at, Job.id)
        due = db.scalars(wanted.limit(limit)).all()
    return sum(_run(database, job_id, now) for job_id in due)


def incidents(db: Session) -> list[Job]:
    """Jobs given up after the last try, the oldest first."""
    return list(db.scalars(sa.select(Job).filter_by(state=JobState.INCIDENT).order_by(Job.id)))


def retry(db: Session, *, job_id: int, actor: str, now: datetime) -> None:
    """Try a given-up job again, from the first try."""
    job = db.get(Job, job_id, with_for_update=True)
    if job is None or job.state != JobState.INCIDENT:
        raise NotFound("Cet incident n’existe plus.")
    job.state, job.attempts, job.due_at = JobState.WAITING, 0, now
    audit.record(
        db, actor=actor, action="job.retried", now=now, case_id=job.case_id, object=f"job:{job.id}"
    )


def _due(now: datetime) -> sa.Select[int]:
    return sa.select(Job.id).where(Job.state == JobState.WAITING, Job.due_at <= now)


def _run(database: sa.Engine, job_id: int, now: datetime) -> int:
    try:
        with transaction(database) as db:
            job = db.scalar(
                sa.select(Job)
                .where(Job.id.in_(_due(now).where(Job.id == job_id)))
                .with_for_update(skip_locked=True)
            )
            if job is None:
                return 0
            handler = handlers.job_handler(job.kind)
            if handler is None:
                raise LookupError(f"no handler for jobs of kind {job.kind!r}")
            handler(db, job.payload, now=now)
            job.state, job.done_at, job.error = JobState.DONE, now, ""
            job.attempts += 1
            return 1
    except Exception as error:
        return _failed(database, job_id, now, f"{type(error).__name__}: {error}")


def _failed(database: sa.Engine, job_id: int, now: datetime, error: str) -> int:
    with transaction(database) as db:
        job = db.get(Job, job_id, with_for_update=True)
        if job is None or job.state != JobState.WAITING:
            return 0
        job.error = error[:1000]
        if job.attempts >= len(RETRIES):
            job.state = JobState.INCIDENT
        else:
            job.due_at = now + RETRIES[job.attempts]
            job.attempts += 1
    return 0
