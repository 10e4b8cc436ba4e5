"""What needs a person because it did not happen by itself: given-up jobs, stuck timers, lost messages.

Nothing here holds an answer or a name: kinds, elements of diagrams, causes, moments.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.db import Base
from engine.errors import Invalid, NotFound
from engine.models import (
    Instance,
    Job,
    JobState,
    Message,
    MessageState,
    Task,
    Timer,
)
from engine.timers import LATE

LONGEST_REASON = 200


@dataclass(frozen=True)
class Incident:
    """`what` is the kind of a job or timer, or the name of a message; `element` where it stands."""

    kind: str  # job, timer, message
    id: int
    what: str
    case_id: int | None
    since: datetime
    attempts: int = 0
    cause: str = ""
    blame: str = ""
    definition: str = ""
    element: str = ""
    taken_by: str | None = None  # the person who sees to it

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"


def of_job(job: Job) -> Incident:
    return Incident(
        "job",
        job.id,
        job.kind,
        job.case_id,
        job.created_at,
        job.attempts,
        job.error,
        job.blame,
        taken_by=job.taken_by,
    )


def of_timer(timer: Timer, definition: str = "") -> Incident:
    return Incident(
        "timer",
        timer.id,
        timer.kind,
        timer.case_id,
        timer.due_at,
        timer.attempts,
        timer.error,
        timer.blame,
        definition,
        timer.element,
        timer.taken_by,
    )


def of_message(message: Message) -> Incident:
    return Incident(
        "message",
        message.id,
        message.name,
        message.case_id,
        message.sent_at,
        taken_by=message.taken_by,
    )


def given_up(db: Session, *, limit: int = 200) -> list[Incident]:
    """Jobs given up after the last try, the oldest first."""
    jobs = sa.select(Job).filter_by(state=JobState.INCIDENT).order_by(Job.id).limit(limit)
    return [of_job(job) for job in db.scalars(jobs)]


def stuck(db: Session, *, now: datetime, limit: int = 200) -> list[Incident]:
    """Timers that failed or should have fired long ago, the oldest first."""
    found = db.execute(
        sa.select(Timer, sa.func.coalesce(Instance.definition, Task.definition, ""))
        .outerjoin(Instance, Instance.id == Timer.instance_id)
        .outerjoin(Task, Task.id == Timer.task_id)
        .where(_is_stuck(now))
        .order_by(Timer.due_at, Timer.id)
        .limit(limit)
    )
    return [of_timer(timer, definition) for timer, definition in found]


def unawaited(db: Session, *, limit: int = 200) -> list[Incident]:
    """Messages kept because nothing awaits them yet, also one sent to a closed case; oldest first."""
    kept = sa.select(Message).filter_by(state=MessageState.KEPT)
    return [
        of_message(one)
        for one in db.scalars(kept.order_by(Message.sent_at, Message.id).limit(limit))
    ]


def find(db: Session, *, kind: str, incident_id: int) -> Incident:
    """One of the three lists, as it stands and held until the caller's transaction ends."""
    return _TOLD[kind](_row(db, kind, incident_id))


def take(
    db: Session, *, kind: str, incident_id: int, owner: str | None, actor: str, now: datetime
) -> None:
    """That person sees to it; with None it is anybody's again."""
    row = _row(db, kind, incident_id)
    if row.taken_by == owner:
        return
    row.taken_by = owner
    action = f"{kind}.taken" if owner else f"{kind}.left"
    _audit(db, action, kind, incident_id, row.case_id, actor, now)


def count(db: Session, *, now: datetime) -> int:
    """Given-up jobs and stuck timers: a message may rightly wait."""
    jobs = sa.select(sa.func.count(Job.id)).where(Job.state == JobState.INCIDENT)
    timers = sa.select(sa.func.count(Timer.id)).where(_is_stuck(now))
    return (db.scalar(jobs) or 0) + (db.scalar(timers) or 0)


def retry(db: Session, *, kind: str, incident_id: int, actor: str, now: datetime) -> None:
    """Try once more from the first try: the next beat takes it."""
    row = _row(db, kind, incident_id)
    if isinstance(row, Message):
        raise Invalid("Un message ne se relance pas\u202f: il attend l’étape qui le recevra.")
    _retry(db, row, actor, now)


def retry_all(db: Session, *, actor: str, now: datetime, cause: str | None = None) -> int:
    """Every given-up job and every failed timer, or those of one cause; how many."""
    jobs = sa.select(Job).filter_by(state=JobState.INCIDENT)
    timers = sa.select(Timer).where(Timer.attempts > 0, Timer.suspended.is_(False))
    if cause is not None:
        jobs, timers = jobs.filter_by(error=cause), timers.filter_by(error=cause)
    rows: list[Job | Timer] = [
        *db.scalars(jobs.order_by(Job.id).with_for_update(skip_locked=True)),
        *db.scalars(timers.order_by(Timer.id).with_for_update(skip_locked=True)),
    ]
    for row in rows:
        _retry(db, row, actor, now)
    return len(rows)


def set_aside(
    db: Session, *, kind: str, incident_id: int, reason: str, actor: str, now: datetime
) -> None:
    """A person says why it need not happen any more. A timer cannot: its case would wait for ever."""
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid(
            "Dites pourquoi\u202f: la raison reste avec l’incident.", {"reason": "requis"}
        )
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"La raison compte au plus {LONGEST_REASON} caractères.")
    row = _row(db, kind, incident_id)
    if isinstance(row, Timer):
        raise Invalid("Une minuterie ne se classe pas\u202f: relancez-la, ou corrigez le modèle.")
    _close(row, reason)
    _audit(db, f"{kind}.set_aside", kind, incident_id, row.case_id, actor, now)


def _is_stuck(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Timer.suspended.is_(False), sa.or_(Timer.attempts > 0, Timer.due_at <= now - LATE)
    )


def _retry(db: Session, row: Job | Timer, actor: str, now: datetime) -> None:
    row.attempts = 0
    if isinstance(row, Job):
        kind, row.state, row.due_at = "job", JobState.WAITING, now
    else:
        kind, row.retry_at, row.claimed_until = "timer", None, None
    _audit(db, f"{kind}.retried", kind, row.id, row.case_id, actor, now)


def _close(row: Job | Message, reason: str) -> None:
    row.reason = reason
    row.state = JobState.SET_ASIDE if isinstance(row, Job) else MessageState.EXPIRED


_ROWS: dict[str, type[Base]] = {"job": Job, "timer": Timer, "message": Message}
_TOLD: dict[str, Callable[[Any], Incident]] = {
    "job": of_job,
    "timer": of_timer,
    "message": of_message,
}


def _row(db: Session, kind: str, incident_id: int) -> Job | Timer | Message:
    """Still an incident, and held so that two people do not act on it at once."""
    row: Any = db.get(_ROWS[kind], incident_id, with_for_update=True)
    over = (isinstance(row, Job) and row.state != JobState.INCIDENT) or (
        isinstance(row, Message) and row.state != MessageState.KEPT
    )
    if row is None or over:
        raise _gone()
    return cast("Job | Timer | Message", row)


def _gone() -> NotFound:
    return NotFound("Cet incident n’existe plus\u202f: rechargez la page.")


def _audit(
    db: Session,
    action: str,
    kind: str,
    incident_id: int,
    case_id: int | None,
    actor: str,
    now: datetime,
) -> None:
    audit.record(
        db, actor=actor, action=action, now=now, case_id=case_id, object=f"{kind}:{incident_id}"
    )
