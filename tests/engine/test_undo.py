"""The last step is taken back whole, or not at all."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine import handlers, rows, runtime, undo
from engine.db import Base, transaction
from engine.errors import Conflict
from engine.journal import GROWING, LEFT_ALONE
from engine.models import Job, Task, Timer
from tests.engine.playing import Play
from tests.engine.sketches import sketch

DIAGRAM = sketch(
    "start -> first -> split -> second -> join -> end",
    "split -> wait -> join",
    "beside -> call -> end2",
    wait={"type": "catch", "timer": "P2D"},
    beside={"type": "boundary", "host": "first", "interrupting": False, "message": "news"},
    call={"type": "script", "script": "amount = 1"},
)


def _do(play: Play, element: str, **answers: object) -> None:
    task = play.task(element)
    with (
        transaction(play.database) as db,
        undo.undoable(db, case_id=play.case_id, name=task.name, actor=play.actor, now=play.now),
    ):
        runtime.complete_task(db, task_id=task.id, answers=answers, actor=play.actor, now=play.now)
        from engine.jobs import later

        later(db, kind="letter", payload={}, now=play.now, key=element, case_id=play.case_id)


def _take_back(play: Play, *, actor: str = "user:1", after: float = 3) -> str:
    with transaction(play.database) as db:
        return undo.take_back(
            db, case_id=play.case_id, actor=actor, now=play.now + timedelta(seconds=after)
        )


def _reminder(play: Play, task_id: int) -> Timer:
    later = play.now + timedelta(days=1)
    return Timer(case_id=play.case_id, task_id=task_id, kind="reminder", due_at=later)


def _kept(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if (table.name, column.name) not in GROWING]


def _rows(play: Play) -> dict[str, list[str]]:
    """Everything but what only grows."""
    with transaction(play.database) as db:
        return {
            table.name: sorted(repr(tuple(row)) for row in db.execute(sa.select(*_kept(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in LEFT_ALONE
        }


def test_every_row_is_what_it_was(any_database: sa.Engine) -> None:
    play = Play.of(any_database, DIAGRAM)
    play.send("news")
    before = _rows(play)

    _do(play, "first", amount=7, note="dictée")
    assert (play.open(), play.data()["amount"]) == (["second"], 7)
    assert _take_back(play) == "First"

    assert _rows(play) == before
    assert (play.open(), play.data()["amount"]) == (["first"], 1)


def test_a_number_that_is_given_again_comes_back_to_what_had_it(any_database: sa.Engine) -> None:
    """SQLite numbers a new reminder as the one just taken out: both cannot stand at once."""
    play = Play.of(any_database, DIAGRAM)
    first = play.task("first").id
    with transaction(play.database) as db:
        db.add_all([_reminder(play, first), _reminder(play, first)])
    before = _rows(play)

    with (
        transaction(play.database) as db,
        undo.undoable(db, case_id=play.case_id, name="First", actor=play.actor, now=play.now),
    ):
        rows.delete(db, Timer, kind="reminder")
        runtime.complete_task(db, task_id=first, answers={}, actor=play.actor, now=play.now)
        second = db.scalars(sa.select(Task.id).where(Task.element == "second")).one()
        db.add(_reminder(play, second))
    _take_back(play)

    assert _rows(play) == before


def test_a_case_that_the_step_closed_is_open_again(database: sa.Engine) -> None:
    """« Bénin » clicked by mistake closes the case: the click is taken back whole."""
    play = Play.of(database, DIAGRAM)
    with (
        transaction(database) as db,
        undo.undoable(db, case_id=play.case_id, name="First", actor=play.actor, now=play.now),
    ):
        runtime.close_case(
            db, case_id=play.case_id, reason="Bénin", actor=play.actor, now=play.now
        )
    _take_back(play)

    assert play.do("first") == ["second"]


def test_a_step_taken_back_can_be_done_again(database: sa.Engine) -> None:
    play = Play.of(database, DIAGRAM)
    _do(play, "first")
    _take_back(play)

    assert play.do("first", amount=2) == ["second"]
    play.do("second")
    play.later(days=3)

    assert play.instances() == [("demo", "completed")]


def test_what_follows_waits_until_it_cannot_be_taken_back(database: sa.Engine) -> None:
    sent = []
    handlers._jobs["letter"] = lambda db, payload, *, now: sent.append(now)
    play = Play.of(database, DIAGRAM)

    _do(play, "first")
    play.later(seconds=5)
    assert sent == []
    play.later(seconds=10)
    assert len(sent) == 1


@pytest.mark.parametrize(
    "given", [{"after": 60}, {"actor": "user:2"}], ids=["too late", "somebody else"]
)
def test_it_is_refused_in_words(database: sa.Engine, given: dict[str, object]) -> None:
    play = Play.of(database, DIAGRAM)
    _do(play, "first")

    with pytest.raises(Conflict, match="ne peut plus être annulée"):
        _take_back(play, **given)  # type: ignore[arg-type]

    assert play.open() == ["second"]


def test_it_is_refused_once_anything_later_acted(database: sa.Engine) -> None:
    play = Play.of(database, DIAGRAM)
    _do(play, "first")
    play.do("second")

    with pytest.raises(Conflict, match="a avancé depuis"):
        _take_back(play)


def test_a_step_that_touches_what_engages_is_never_taken_back(database: sa.Engine) -> None:
    play = Play.of(database, DIAGRAM)
    task = play.task("first")

    with (
        transaction(database) as db,
        undo.undoable(
            db, case_id=play.case_id, name="x", actor="user:1", now=play.now, never={"task"}
        ),
    ):
        runtime.complete_task(db, task_id=task.id, answers={}, actor="user:1", now=play.now)

    with pytest.raises(Conflict):
        _take_back(play)
    with transaction(database) as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Job)) == 0
        assert db.get_one(Task, task.id).state == "done"
