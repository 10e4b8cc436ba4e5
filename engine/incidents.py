"""What needs a person because it did not happen by itself: given-up jobs, stuck timers, lost messages.

Nothing here holds an answer or a name: kinds, elements of diagrams, causes, moments.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
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

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"


def of_job(job: Job) -> Incident:
    return Incident(
        "job", job.id, job.kind, job.case_id, job.created_at, job.attempts, job.error, job.blame
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
    """Messages kept because nothing awaits them yet, also in a case closed since; oldest first."""
    kept = sa.select(Message).filter_by(state=MessageState.KEPT)
    found = db.scalars(kept.order_by(Message.sent_at, Message.id).limit(limit))
    return [Incident("message", one.id, one.name, one.case_id, one.sent_at) for one in found]


def count(db: Session, *, now: datetime) -> int:
    """Given-up jobs and stuck timers: a message may rightly wait."""
    jobs = sa.select(sa.func.count(Job.id)).where(Job.state == JobState.INCIDENT)
    timers = sa.select(sa.func.count(Timer.id)).where(_is_stuck(now))
    return (db.scalar(jobs) or 0) + (db.scalar(timers) or 0)


def retry(db: Session, *, kind: str, incident_id: int, actor: str, now: datetime) -> None:
    """Try once more from the first try: the next beat takes it."""
    if kind == "job":
        _retry_job(db, _job(db, incident_id), actor, now)
    else:
        timer = db.get(Timer, incident_id, with_for_update=True) if kind == "timer" else None
        if timer is None:
            raise _gone()
        _retry_timer(db, timer, actor, now)


def retry_all(db: Session, *, actor: str, now: datetime) -> int:
    """Every given-up job and every stuck timer; how many."""
    given = sa.select(Job).filter_by(state=JobState.INCIDENT).with_for_update(skip_locked=True)
    jobs = db.scalars(given.order_by(Job.id)).all()
    timers = db.scalars(
        sa.select(Timer)
        .where(Timer.attempts > 0, Timer.suspended.is_(False))
        .order_by(Timer.id)
        .with_for_update(skip_locked=True)
    ).all()
    for job in jobs:
        _retry_job(db, job, actor, now)
    for timer in timers:
        _retry_timer(db, timer, actor, now)
    return len(jobs) + len(timers)


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
    close = _CLOSERS.get(kind)
    if close is None:
        raise Invalid("Une minuterie ne se classe pas\u202f: relancez-la, ou corrigez le modèle.")
    case_id = close(db, incident_id, reason)
    _audit(db, f"{kind}.set_aside", kind, incident_id, case_id, actor, now)


def _is_stuck(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Timer.suspended.is_(False), sa.or_(Timer.attempts > 0, Timer.due_at <= now - LATE)
    )


def _retry_job(db: Session, job: Job, actor: str, now: datetime) -> None:
    job.state, job.attempts, job.due_at = JobState.WAITING, 0, now
    _audit(db, "job.retried", "job", job.id, job.case_id, actor, now)


def _retry_timer(db: Session, timer: Timer, actor: str, now: datetime) -> None:
    timer.attempts, timer.retry_at, timer.claimed_until = 0, None, None
    _audit(db, "timer.retried", "timer", timer.id, timer.case_id, actor, now)


def _set_job_aside(db: Session, job_id: int, reason: str) -> int | None:
    job = _job(db, job_id)
    job.state, job.reason = JobState.SET_ASIDE, reason
    return job.case_id


def _set_message_aside(db: Session, message_id: int, reason: str) -> int | None:
    message = db.get(Message, message_id, with_for_update=True)
    if message is None or message.state != MessageState.KEPT:
        raise _gone()
    message.state, message.reason = MessageState.EXPIRED, reason
    return message.case_id


_CLOSERS: dict[str, Callable[[Session, int, str], int | None]] = {
    "job": _set_job_aside,
    "message": _set_message_aside,
}


def _job(db: Session, job_id: int) -> Job:
    job = db.get(Job, job_id, with_for_update=True)
    if job is None or job.state != JobState.INCIDENT:
        raise _gone()
    return job


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
