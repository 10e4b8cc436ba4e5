"""Diagrams stopped by mistake come back whole, paused ones take up where they stood; both databases."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import pausing, reversal, runtime
from engine.db import Base, transaction
from engine.errors import Conflict
from engine.journal import GROWING, LEFT_ALONE
from engine.models import Instance, Timer
from tests.engine.playing import Play
from tests.engine.sketches import sketch

LINE = sketch(
    "start -> split -> work -> join -> end",
    "split -> wait -> join",
    name="line",
    wait={"type": "catch", "timer": "P2D"},
)
CALLER = sketch("start -> line -> end", name="caller", line={"type": "call", "calls": "line"})
OTHER = sketch("begin -> other -> end", name="other", begin={"type": "start", "message": "extra"})


@pytest.fixture
def play(any_database: sa.Engine) -> Play:
    play = Play.of(any_database, CALLER, LINE, OTHER)
    play.send("extra")
    return play


def _stop(play: Play) -> None:
    with transaction(play.database) as db:
        _stop_in(db, play)


def _stop_in(db: Session, play: Play) -> None:
    reversal.stop(
        db,
        case_id=play.case_id,
        instance_ids=[_caller_of(db)],
        name="mistake",
        reason="Erreur.",
        actor=play.actor,
        now=play.now,
    )


def _caller_of(db: Session) -> int:
    return db.scalars(sa.select(Instance.id).filter_by(definition="caller")).one()


def _bring_back(play: Play) -> int:
    with transaction(play.database) as db:
        return reversal.bring_back(
            db, case_id=play.case_id, name="mistake", actor=play.actor, now=play.now
        )


def _kept(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if (table.name, column.name) not in GROWING]


def _rows(play: Play) -> dict[str, list[str]]:
    with transaction(play.database) as db:
        return {
            table.name: sorted(repr(tuple(row)) for row in db.execute(sa.select(*_kept(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in LEFT_ALONE
        }


def test_what_was_stopped_is_as_it_was(play: Play) -> None:
    before = _rows(play)
    _stop(play)
    assert play.open() == ["other"]

    assert _bring_back(play) == 1

    assert _rows(play) == before
    assert sorted(play.open()) == ["other", "work"]
    play.do("work")


def test_what_happened_since_stays(play: Play) -> None:
    _stop(play)
    play.do("other")

    _bring_back(play)

    assert play.open() == ["work"]


def test_what_stopped_in_the_same_step_it_moved_comes_back_where_it_had_come(play: Play) -> None:
    """The state in memory is written before the rows are kept."""
    with transaction(play.database) as db:
        task = play.task("work")
        runtime.complete_task(db, task_id=task.id, answers={}, actor=play.actor, now=play.now)
        _stop_in(db, play)

    _bring_back(play)

    assert play.open() == ["other"]
    with transaction(play.database) as db:
        assert db.scalar(sa.select(sa.func.count(Timer.id)).filter_by(element="wait")) == 1


def test_what_is_paused_waits_for_as_long(play: Play) -> None:
    with transaction(play.database) as db:
        due = db.scalars(sa.select(Timer.due_at).filter_by(element="wait")).one()
        pausing.pause(
            db,
            case_id=play.case_id,
            instance_ids=[_caller_of(db)],
            actor=play.actor,
            now=play.now,
        )
    with pytest.raises(Conflict, match="en pause"):
        play.do("work")
    assert play.do("other") == ["work"]

    with transaction(play.database) as db:
        pausing.go_on(
            db,
            case_id=play.case_id,
            by=timedelta(days=3),
            actor=play.actor,
            now=play.now + timedelta(days=3),
        )

    with transaction(play.database) as db:
        timer = db.scalars(sa.select(Timer).filter_by(element="wait")).one()
        assert (timer.due_at, timer.suspended) == (due + timedelta(days=3), False)
    play.do("work")


def test_a_case_that_was_suspended_meanwhile_leaves_the_pause(play: Play) -> None:
    given = {"actor": play.actor, "now": play.now}
    with transaction(play.database) as db:
        pausing.pause(db, case_id=play.case_id, instance_ids=[_caller_of(db)], **given)
    with transaction(play.database) as db:
        runtime.suspend_case(db, case_id=play.case_id, reason="Absence.", **given)
    with transaction(play.database) as db:
        runtime.resume_case(db, case_id=play.case_id, **given)

    with pytest.raises(Conflict, match="en pause"):
        play.do("work")
    with transaction(play.database) as db:
        assert db.scalar(sa.select(Timer.suspended).filter_by(element="wait")) is True
