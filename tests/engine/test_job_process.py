"""A job that hangs or dies costs one try of its own; the others are done, the worker lives."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from engine import incidents, jobs, scheduler
from engine.db import transaction
from engine.job_process import JobProcess
from engine.models import AuditEntry, Blame, Job, JobState
from tests.engine import jobs_elsewhere
from tests.engine.playing import MORNING


@pytest.fixture
def worker(any_database: sa.Engine) -> Iterator[JobProcess]:
    worker = JobProcess(any_database, jobs_elsewhere.register)
    yield worker
    worker.stop()


def ask(database: sa.Engine, *kinds: str) -> None:
    with transaction(database) as db:
        for number, kind in enumerate(kinds):
            jobs.later(db, kind=kind, payload={}, now=MORNING, key=f"{number} {kind}")


def found(database: sa.Engine, kind: str) -> list[Job]:
    with transaction(database) as db:
        return list(db.scalars(sa.select(Job).filter_by(kind=kind).order_by(Job.id)))


def processes(database: sa.Engine) -> list[int]:
    with transaction(database) as db:
        noted = db.scalars(
            sa.select(AuditEntry).filter_by(action="noted").order_by(AuditEntry.position)
        )
        return [entry.detail["process"] for entry in noted if entry.detail]


POISONS = ("hang holding a lock", "hang between", "spin", "crash")


def test_jobs_that_hang_or_crash_are_ended_and_the_others_are_done(
    any_database: sa.Engine, worker: JobProcess
) -> None:
    mixed = [kind for poison in POISONS for kind in (poison, "note", "note")]
    ask(any_database, *mixed)

    assert worker.run_due_jobs(now=MORNING) == 2 * len(POISONS)

    assert {job.state for job in found(any_database, "note")} == {JobState.DONE}
    for poison in POISONS:
        (job,) = found(any_database, poison)
        assert (job.state, job.attempts) == (JobState.WAITING, 1)
        assert job.due_at == MORNING + jobs.RETRIES[0]
        assert ("s’est arrêté" if poison == "crash" else "n’en finissait pas") in job.error
    # What a hanging job had begun to write went with it; those that are well share a process.
    noted = processes(any_database)
    assert len(noted) == 2 * len(POISONS)
    assert len(set(noted)) == len(POISONS)


def test_after_its_last_try_it_is_an_incident_and_can_be_tried_again(
    any_database: sa.Engine, worker: JobProcess
) -> None:
    ask(any_database, "hang holding a lock")
    with transaction(any_database) as db:
        db.execute(sa.update(Job).values(attempts=len(jobs.RETRIES)))
    assert worker.run_due_jobs(now=MORNING) == 0

    with transaction(any_database) as db:
        (incident,) = incidents.given_up(db)
        assert (incident.attempts, incident.blame) == (len(jobs.RETRIES) + 1, Blame.SYSTEM)
        assert "arrêté pour ne pas retenir les autres" in incident.cause
        incidents.retry(db, kind="job", incident_id=incident.id, actor="user:1", now=MORNING)
        db.execute(sa.update(Job).values(kind="note"))  # the cause is gone
    assert worker.run_due_jobs(now=MORNING) == 1


def test_a_process_killed_between_two_jobs_is_replaced(
    any_database: sa.Engine, worker: JobProcess
) -> None:
    ask(any_database, "note")
    worker.run_due_jobs(now=MORNING)
    worker._process.kill()
    worker._process.join()
    with transaction(any_database) as db:
        jobs.later(db, kind="note", payload={}, now=MORNING, key="after")

    assert worker.run_due_jobs(now=MORNING) == 1


def test_the_heartbeat_does_jobs_elsewhere(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server stops its jobs' process when it stops."""
    ended: list[bool] = []
    monkeypatch.setattr(JobProcess, "stop", lambda self: ended.append(True))

    heart = scheduler.start(database, prepare=jobs_elsewhere.register)
    runs = [job.args[0] for job in heart.get_jobs()]
    heart.shutdown(wait=True)

    assert any(isinstance(getattr(run, "__self__", None), JobProcess) for run in runs)
    assert ended == [True]
