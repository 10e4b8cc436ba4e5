"""Work after the commit: done once, tried again, given up in words, never in anybody's way."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import handlers, incidents, jobs
from engine.db import transaction
from engine.errors import Conflict, Invalid, NotFound
from engine.models import AuditEntry, Blame, Job, JobState
from tests.engine.playing import MORNING
from tests.torture.bounds import bounded

LAST_TRY = sum(jobs.RETRIES, timedelta()) + timedelta(minutes=1)


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Kinds of jobs known to this test only."""
    known: dict[str, Any] = {}
    monkeypatch.setattr(handlers, "_jobs", known)
    return known


@pytest.fixture
def slow_kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    known: dict[str, Any] = {}
    monkeypatch.setattr(handlers, "_slow_jobs", known)
    return known


def ask(database: sa.Engine, kind: str, key: str = "k", now: datetime = MORNING) -> None:
    with transaction(database) as db:
        jobs.later(db, kind=kind, payload={"n": 1}, now=now, key=key)


def the_job(database: sa.Engine, key: str = "k") -> Job:
    with transaction(database) as db:
        return db.scalars(sa.select(Job).filter_by(key=key)).one()


def run_through(database: sa.Engine) -> None:
    """Every try, at its moment."""
    now = MORNING
    for wait in (timedelta(), *jobs.RETRIES):
        now += wait
        jobs.run_due_jobs(database, now=now)


def fails(db: Session, payload: dict[str, Any], *, now: datetime) -> None:
    raise KeyError("Le Bihan, née le 2 mars")


def test_a_job_asked_for_twice_is_done_once(
    any_database: sa.Engine, kinds: dict[str, Any]
) -> None:
    done: list[int] = []
    kinds["letter"] = lambda db, payload, *, now: done.append(payload["n"])
    ask(any_database, "letter")
    ask(any_database, "letter")

    assert jobs.run_due_jobs(any_database, now=MORNING) == 1
    assert jobs.run_due_jobs(any_database, now=MORNING + timedelta(days=1)) == 0
    assert done == [1]


def test_what_is_slow_is_done_while_others_write(
    any_database: sa.Engine, kinds: dict[str, Any], slow_kinds: dict[str, Any]
) -> None:
    def lay_out() -> handlers.Write:
        ask(any_database, "other", key="meanwhile")  # would wait for ever for a held lock
        return lambda db: jobs.later(db, kind="other", payload={}, now=MORNING, key="written")

    slow_kinds["print"] = lambda db, payload, *, now: lay_out
    kinds["other"] = lambda db, payload, *, now: None
    ask(any_database, "print")

    assert jobs.run_due_jobs(any_database, now=MORNING) == 3
    assert the_job(any_database, "written").state == JobState.DONE


def test_a_job_whose_worker_died_is_taken_again_after_its_lease(
    any_database: sa.Engine, kinds: dict[str, Any]
) -> None:
    done: list[datetime] = []
    kinds["letter"] = lambda db, payload, *, now: done.append(now)
    ask(any_database, "letter")
    assert jobs.claim(any_database, MORNING) is not None  # and the power goes

    assert jobs.run_due_jobs(any_database, now=MORNING + timedelta(minutes=1)) == 0
    assert jobs.run_due_jobs(any_database, now=MORNING + jobs.LEASE) == 1
    assert len(done) == 1


def test_a_clock_that_jumps_back_frees_what_was_claimed_in_the_future(
    database: sa.Engine, kinds: dict[str, Any]
) -> None:
    kinds["letter"] = lambda db, payload, *, now: None
    ask(database, "letter", now=MORNING - timedelta(days=2))
    jobs.claim(database, MORNING)

    with bounded():
        assert jobs.run_due_jobs(database, now=MORNING - timedelta(days=1)) == 1


def test_a_job_that_kills_every_worker_becomes_an_incident(
    database: sa.Engine, kinds: dict[str, Any]
) -> None:
    kinds["bomb"] = kinds["letter"] = lambda db, payload, *, now: None
    ask(database, "bomb")
    now = MORNING
    for _ in range(len(jobs.RETRIES) + 1):
        assert jobs.claim(database, now) is not None  # each of them dies
        now += jobs.LEASE
    ask(database, "letter", key="behind it", now=now)

    assert jobs.run_due_jobs(database, now=now) == 1
    assert (the_job(database).state, the_job(database).blame) == ("incident", Blame.SYSTEM)
    assert "s’est arrêté" in the_job(database).error


def test_a_failing_job_waits_longer_each_time_and_holds_up_nobody(
    any_database: sa.Engine, kinds: dict[str, Any]
) -> None:
    kinds["poison"] = fails
    kinds["letter"] = lambda db, payload, *, now: None
    ask(any_database, "poison")
    ask(any_database, "letter", key="behind it")

    assert jobs.run_due_jobs(any_database, now=MORNING) == 1
    waited = []
    now = MORNING
    while (job := the_job(any_database)).state == JobState.WAITING:
        waited.append(job.due_at - now)
        now = job.due_at
        jobs.run_due_jobs(any_database, now=now)
    assert waited == list(jobs.RETRIES)


def test_the_cause_of_an_incident_holds_nothing_a_patient_said(
    database: sa.Engine, kinds: dict[str, Any]
) -> None:
    kinds["poison"] = fails
    ask(database, "poison")

    run_through(database)

    with transaction(database) as db:
        (incident,) = incidents.given_up(db)
        assert (incident.what, incident.blame, incident.attempts) == ("poison", Blame.SYSTEM, 5)
    assert "KeyError" in incident.cause
    assert "test_jobs.py" in incident.cause
    assert "Bihan" not in incident.cause


def test_a_refusal_is_the_diagrams_to_mend(
    database: sa.Engine, kinds: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[incidents.Incident] = []
    monkeypatch.setitem(handlers._hooks, "incident", [lambda db, one, now: told.append(one)])

    def refuses(db: Session, payload: dict[str, Any], *, now: datetime) -> None:
        raise Conflict("Aucun médecin traitant n’est connu.")

    kinds["letter"] = refuses
    ask(database, "letter")
    run_through(database)

    assert [(one.cause, one.blame) for one in told] == [
        ("Aucun médecin traitant n’est connu.", Blame.DIAGRAM)
    ]


def test_incidents_are_tried_again_one_by_one_or_all_at_once(
    any_database: sa.Engine, kinds: dict[str, Any]
) -> None:
    kinds["letter"] = fails
    for key in ("a", "b", "c"):
        ask(any_database, "letter", key=key)
    run_through(any_database)
    kinds["letter"] = lambda db, payload, *, now: None
    later = MORNING + LAST_TRY

    with transaction(any_database) as db:
        first = incidents.given_up(db)[0]
        incidents.retry(db, kind="job", incident_id=first.id, actor="user:1", now=later)
    assert jobs.run_due_jobs(any_database, now=later) == 1
    with transaction(any_database) as db:
        assert incidents.count(db, now=later) == 2
        assert incidents.retry_all(db, actor="user:1", now=later) == 2
    assert jobs.run_due_jobs(any_database, now=later) == 2

    with transaction(any_database) as db:
        assert incidents.given_up(db) == []
        assert db.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "job.retried")) == 3
        with pytest.raises(NotFound, match="n’existe plus"):
            incidents.retry(db, kind="job", incident_id=first.id, actor="user:1", now=later)


def test_an_incident_is_set_aside_with_a_reason(
    database: sa.Engine, kinds: dict[str, Any]
) -> None:
    kinds["letter"] = fails
    ask(database, "letter")
    run_through(database)
    job_id = the_job(database).id

    def set_aside(reason: str) -> None:
        with transaction(database) as db:
            incidents.set_aside(
                db, kind="job", incident_id=job_id, reason=reason, actor="user:1", now=MORNING
            )

    with pytest.raises(Invalid, match="Dites pourquoi"):
        set_aside("  ")
    set_aside("Envoyé par fax")

    assert (the_job(database).state, the_job(database).reason) == ("set_aside", "Envoyé par fax")
    assert jobs.run_due_jobs(database, now=MORNING + timedelta(days=9)) == 0


def test_two_workers_that_prepare_the_same_job_write_it_once(
    any_database: sa.Engine, kinds: dict[str, Any], slow_kinds: dict[str, Any]
) -> None:
    """The first was slower than its lease: the second has done it meanwhile."""
    written: list[str] = []

    def slow_one() -> handlers.Write:
        if not written:
            slow_kinds["print"] = lambda db, payload, *, now: (
                lambda: lambda db: written.append("b")
            )
            jobs.run_due_jobs(any_database, now=MORNING + jobs.LEASE)
        return lambda db: written.append("a")

    slow_kinds["print"] = lambda db, payload, *, now: slow_one
    ask(any_database, "print")

    assert jobs.run_due_jobs(any_database, now=MORNING) == 0
    assert written == ["b"]
