"""A moment that was promised comes once: whatever the clock, the workers or the power do."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import handlers, incidents, runtime, timers
from engine.db import transaction
from engine.errors import Invalid
from engine.models import AuditEntry, Blame, Timer
from tests.engine.playing import MORNING, Play, publish_unchecked
from tests.engine.sketches import sketch
from tests.torture.bounds import bounded

PAUSE = sketch("start -> pause -> after -> end", pause={"type": "catch", "timer": "P7D"})


def the_timer(database: sa.Engine) -> Timer:
    with transaction(database) as db:
        return db.scalars(sa.select(Timer)).one()


def fired(database: sa.Engine) -> int:
    with transaction(database) as db:
        lines = sa.select(sa.func.count()).where(AuditEntry.action == "timer.fired")
        return db.scalar(lines) or 0


def test_workers_never_take_the_same_timers(any_database: sa.Engine) -> None:
    for _ in range(4):
        Play.of(any_database, PAUSE)
    due = MORNING + timedelta(days=7)

    first = timers._claim(any_database, due, 3)
    second = timers._claim(any_database, due, 3)

    assert (len(first), len(second)) == (3, 1)
    assert not set(first) & set(second)


def test_a_timer_whose_worker_died_fires_after_its_lease(any_database: sa.Engine) -> None:
    play = Play.of(any_database, PAUSE)
    due = MORNING + timedelta(days=7)
    timers._claim(any_database, due, 10)  # and the power goes

    assert timers.fire_due_timers(any_database, now=due) == 0
    assert timers.fire_due_timers(any_database, now=due + timers.LEASE) == 1
    assert play.open() == ["after"]


def test_a_worker_slower_than_its_lease_fires_nothing_twice(database: sa.Engine) -> None:
    play = Play.of(database, PAUSE)
    due = MORNING + timedelta(days=7)
    slow = timers._claim(database, due, 10)
    timers.fire_due_timers(database, now=due + timers.LEASE)

    assert [timers._fire(database, *claimed, due) for claimed in slow] == [0]
    assert (fired(database), play.open()) == (1, ["after"])


def test_a_clock_that_jumps_forth_and_back_fires_once(any_database: sa.Engine) -> None:
    play = Play.of(any_database, PAUSE)
    with bounded():
        assert play.later(days=400) == ["after"]
        play.now = MORNING
        assert play.later(days=-30) == ["after"]
        assert play.later(days=60) == ["after"]
    assert fired(any_database) == 1


def test_a_claim_made_before_the_clock_jumped_back_holds_nothing_up(
    any_database: sa.Engine,
) -> None:
    play = Play.of(any_database, PAUSE)
    timers._claim(any_database, MORNING + timedelta(days=9), 10)

    with bounded():
        assert timers.fire_due_timers(any_database, now=MORNING + timedelta(days=8)) == 1
    assert play.open() == ["after"]


def test_a_case_resumed_by_a_clock_that_jumped_back_loses_no_time(database: sa.Engine) -> None:
    play = Play.of(database, PAUSE)
    before = the_timer(database).due_at
    with transaction(database) as db:
        runtime.suspend_case(db, case_id=play.case_id, reason="x", actor="user:1", now=play.now)
    with bounded(), transaction(database) as db:
        runtime.resume_case(
            db, case_id=play.case_id, actor="user:1", now=play.now - timedelta(days=2)
        )
    assert (the_timer(database).due_at, the_timer(database).suspended) == (before, False)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (datetime(2026, 3, 23, 8, tzinfo=UTC), datetime(2026, 3, 30, 7, tzinfo=UTC)),
        (datetime(2026, 10, 19, 7, tzinfo=UTC), datetime(2026, 10, 26, 8, tzinfo=UTC)),
    ],
    ids=["to summer time", "to winter time"],
)
def test_a_week_is_a_week_on_the_clock_of_the_ward(
    database: sa.Engine, start: datetime, due: datetime
) -> None:
    play = Play(database, now=start)
    publish_unchecked(database, PAUSE)
    with transaction(database) as db:
        play.case_id = runtime.start_case(
            db, pathway="demo", subject="p", actor="user:1", now=start
        ).id

    assert the_timer(database).due_at == due
    assert play.open() == []
    play.now = due - timedelta(seconds=1)
    assert play.later() == []
    assert play.later(seconds=1) == ["after"]


def test_what_came_due_while_nobody_worked_all_fires(database: sa.Engine) -> None:
    plays = [Play.of(database, PAUSE) for _ in range(8)]
    last = plays[-1]

    last.later(days=90)

    assert [play.open() for play in plays] == [["after"]] * 8
    assert fired(database) == 8


def test_a_timer_that_fails_is_tried_again_shown_and_holds_up_nobody(
    any_database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[incidents.Incident] = []
    monkeypatch.setitem(handlers._hooks, "incident", [lambda db, one, now: told.append(one)])
    broken = Play.of(
        any_database,
        sketch(
            "start -> pause -> gate",
            "gate -> end if amount > 1",
            "gate -> more if amount > 2",
            "more -> end",
            pause={"type": "catch", "timer": "P7D"},
        ),
    )
    whole = Play.of(any_database, PAUSE)
    due = MORNING + timedelta(days=7)

    assert timers.fire_due_timers(any_database, now=due) == 1
    assert whole.open() == ["after"]
    assert timers.fire_due_timers(any_database, now=due) == 0, "it waits before the next try"
    now = due
    for wait in timers.RETRIES[:2]:
        now += wait
        timers.fire_due_timers(any_database, now=now)
    with transaction(any_database) as db:
        (stuck,) = incidents.stuck(db, now=now)
        assert timers.late(db, now=now + timers.LATE) == 1
    assert (stuck.attempts, stuck.blame, stuck.definition) == (3, Blame.DIAGRAM, "demo")
    assert "aucune condition" in stuck.cause
    assert [one.key for one in told] == [stuck.key]

    with transaction(any_database) as db, pytest.raises(Invalid, match="ne se classe pas"):
        incidents.set_aside(
            db, kind="timer", incident_id=stuck.id, reason="oui", actor="user:1", now=now
        )
    with transaction(any_database) as db:
        runtime.put_data(db, case_id=broken.case_id, values={"amount": 2}, actor="user:1", now=now)
        incidents.retry(db, kind="timer", incident_id=stuck.id, actor="user:1", now=now)
    assert timers.fire_due_timers(any_database, now=now) == 1
    assert broken.instances() == [("demo", "completed")]
    with transaction(any_database) as db:
        assert incidents.stuck(db, now=now) == []


def test_a_late_timer_is_an_alarm(database: sa.Engine) -> None:
    Play.of(database, PAUSE)
    due = MORNING + timedelta(days=7)
    with transaction(database) as db:
        assert timers.late(db, now=due + timers.LATE - timedelta(seconds=1)) == 0
        assert timers.late(db, now=due + timers.LATE) == 1
        assert [one.attempts for one in incidents.stuck(db, now=due + timers.LATE)] == [0]


def test_a_reminder_and_the_step_that_makes_it_pointless_do_not_wait_crosswise(
    postgres_database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker takes the case before the timer, as a step does: no deadlock, somebody is first."""
    reminded: list[int] = []

    def remind(db: Session, timer: Timer, *, now: datetime) -> None:
        reminded.append(timer.id)

    monkeypatch.setitem(handlers._timers, "bell", remind)
    play = Play.of(postgres_database, sketch("start -> ask -> end"))
    task = play.task("ask")
    with transaction(postgres_database) as db:
        timers.add_timer(db, case_id=play.case_id, kind="bell", due_at=play.now, task_id=task.id)
    claimed = timers._claim(postgres_database, play.now, 10)

    play.do("ask")  # deletes the timer that the worker holds a claim on

    assert [timers._fire(postgres_database, *one, play.now) for one in claimed] == [0]
    assert reminded == []
