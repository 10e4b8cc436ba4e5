"""A command is carried out once, costs few questions, and leaves nothing half-done."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine import queries, runtime, timers, undo
from engine.db import let_go, transaction
from engine.errors import AlreadyCompleted, Conflict
from engine.models import Case, Message, Revision, Subscription, Timer
from tests.engine.playing import MORNING, Play, publish_unchecked
from tests.engine.sketches import sketch

LINE = sketch("start -> ask -> tell -> end")
CALLER = sketch("start -> sub -> after -> end", sub={"type": "call", "calls": "child"})
CHILD = sketch("start -> inner -> end", name="child")


@contextmanager
def counted(database: sa.Engine) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    sa.event.listen(database, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(database, "before_cursor_execute", note)


def complete(play: Play, element: str) -> None:
    task_id = play.task(element).id
    with transaction(play.database) as db:
        runtime.complete_task(db, task_id=task_id, answers={"note": 1}, actor="u", now=play.now)


def test_a_step_asks_few_questions(any_database: sa.Engine) -> None:
    """The case, task, instance, where its tokens stand, audit: read once and written once."""
    play = Play.of(any_database, LINE)
    task_id = play.task("ask").id
    with counted(any_database) as asked, transaction(any_database) as db:
        runtime.complete_task(db, task_id=task_id, answers={"note": 1}, actor="u", now=play.now)

    assert len([one for one in asked if not one.startswith("BEGIN")]) <= 17, asked


def test_a_step_that_ends_a_call_asks_few_questions_too(any_database: sa.Engine) -> None:
    play = Play.of(any_database, CALLER, CHILD)
    task_id = play.task("inner").id
    with counted(any_database) as asked, transaction(any_database) as db:
        runtime.complete_task(db, task_id=task_id, answers={"note": 1}, actor="u", now=play.now)

    assert len([one for one in asked if not one.startswith("BEGIN")]) <= 21, asked


def test_a_timer_that_is_due_asks_few_questions(any_database: sa.Engine) -> None:
    """With what it takes to find it and to keep others away from it."""
    play = Play.of(
        any_database,
        sketch("start -> pause -> ask -> end", pause={"type": "catch", "timer": "P7D"}),
    )
    with counted(any_database) as asked:
        timers.fire_due_timers(any_database, now=play.now + timedelta(days=7))

    assert play.open() == ["ask"]
    assert len([one for one in asked if not one.startswith("BEGIN")]) <= 20, asked


def test_a_row_asked_for_again_is_kept_until_a_lock_was_waited_for(
    any_database: sa.Engine,
) -> None:
    """Nobody holds it but the session; what a lock makes doubtful is asked for anew."""
    revision_id = publish_unchecked(any_database, LINE)
    with transaction(any_database) as db:

        def ask() -> int:
            gc.collect()
            with counted(any_database) as asked:
                db.get(Revision, revision_id)
            return len(asked)

        ask()
        assert ask() == 0
        let_go(db)
        alone = any_database.dialect.name == "sqlite"  # from the beginning of the transaction
        assert ask() == (0 if alone else 1)


def test_a_step_costs_the_same_after_fifty_others(database: sa.Engine) -> None:
    play = Play.of(
        database,
        sketch("start -> merge -> ask -> gate", "gate -> end if 1 > 2", "gate -> merge default"),
    )
    costs = []
    for _ in range(50):
        task_id = play.task("ask").id
        with counted(database) as asked, transaction(database) as db:
            runtime.complete_task(db, task_id=task_id, answers={}, actor="u", now=play.now)
        costs.append(len(asked))
    assert costs[-1] == costs[5]
    assert len(play.states()["demo"]) < 600


def test_the_same_key_opens_one_case_even_at_the_same_moment(any_database: sa.Engine) -> None:
    publish_unchecked(any_database, LINE)
    together, opened = threading.Barrier(4, timeout=60), []

    def open_it() -> None:
        together.wait()
        with transaction(any_database) as db:
            case = runtime.start_case(
                db, pathway="demo", subject="p", actor="u", now=MORNING, key="referral:7"
            )
            opened.append(case.id)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(opened), len(set(opened))) == (4, 1)
    with transaction(any_database) as db:
        assert db.scalar(sa.select(sa.func.count(Case.id))) == 1
        assert len(queries.open_tasks(db, opened[0])) == 1


def test_one_of_those_who_finish_a_step_together_does_it(any_database: sa.Engine) -> None:
    play = Play.of(any_database, LINE)
    task_id = play.task("ask").id
    together, said = threading.Barrier(4, timeout=60), []

    def finish() -> None:
        together.wait()
        try:
            with transaction(any_database) as db:
                runtime.complete_task(db, task_id=task_id, answers={}, actor="u", now=play.now)
            said.append("done")
        except AlreadyCompleted as refusal:
            said.append(refusal.message)

    threads = [threading.Thread(target=finish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == [*["Cette étape a déjà été validée par un collègue."] * 3, "done"]
    assert play.open() == ["tell"]


def test_starting_and_sending_twice_with_a_key_does_it_once(any_database: sa.Engine) -> None:
    play = Play.of(any_database, LINE, CHILD)
    given: dict[str, Any] = {"case_id": play.case_id, "actor": "u", "now": play.now, "key": "k"}
    for _ in range(2):
        with transaction(any_database) as db:
            runtime.start_instance(db, definition="child", **given)
            runtime.send_message(db, name="letter", **given)

    assert play.open() == ["ask", "inner"]
    with transaction(any_database) as db:
        assert db.scalar(sa.select(sa.func.count(Message.id))) == 1


def test_what_changes_a_case_as_a_whole_is_refused_the_second_time(database: sa.Engine) -> None:
    play = Play.of(database, LINE)
    given: dict[str, Any] = {"case_id": play.case_id, "actor": "u", "now": play.now}
    with transaction(database) as db:
        instance_id = queries.instances(db, play.case_id)[0].id
    twice = [
        lambda db: runtime.suspend_case(db, reason="x", **given),
        lambda db: runtime.resume_case(db, **given),
        lambda db: runtime.cancel_instance(
            db, instance_id=instance_id, reason="x", actor="u", now=play.now
        ),
        lambda db: runtime.close_case(db, reason="x", **given),
        lambda db: runtime.reopen_case(db, **given),
    ]
    for command in twice:
        with transaction(database) as db:
            command(db)
        before = play.fingerprint()
        with pytest.raises(Conflict), transaction(database) as db:
            command(db)
        assert play.fingerprint() == before


def test_a_diagram_that_is_stopped_leaves_nothing_behind(any_database: sa.Engine) -> None:
    """Its calls, timers and subscriptions go with it; undoing brings all of them back."""
    inner = sketch(
        "start -> split -> inner -> join -> end",
        "split -> pause -> join",
        "split -> wait -> join",
        name="child",
        pause={"type": "catch", "timer": "P7D"},
        wait={"type": "catch", "message": "letter"},
    )
    play = Play.of(any_database, CALLER, inner)
    before = _waiting(play)
    with (
        transaction(any_database) as db,
        undo.undoable(db, case_id=play.case_id, name="x", actor="u", now=play.now),
    ):
        runtime.cancel_instance(
            db,
            instance_id=queries.instances(db, play.case_id)[0].id,
            reason="x",
            actor="u",
            now=play.now,
        )
    assert _waiting(play) == ([], [], [])
    assert play.later(days=30) == []

    with transaction(any_database) as db:
        undo.take_back(db, case_id=play.case_id, actor="u", now=MORNING)
    assert _waiting(play) == before
    assert play.send("letter") == ["inner"]


def _waiting(play: Play) -> tuple[list[str], list[Any], list[Any]]:
    tasks = play.open()
    with transaction(play.database) as db:
        timers = [(one.element, one.due_at) for one in db.scalars(sa.select(Timer))]
        return tasks, timers, [one.element for one in db.scalars(sa.select(Subscription))]


def test_a_closed_case_that_stood_still_leaves_what_is_spared_moving(
    database: sa.Engine,
) -> None:
    pause = sketch(
        "start -> pause -> after -> end", name="child", pause={"type": "catch", "timer": "P7D"}
    )
    play = Play.of(database, LINE, pause)
    given: dict[str, Any] = {"case_id": play.case_id, "actor": "u"}
    with transaction(database) as db:
        spared = runtime.start_instance(db, definition="child", now=play.now, **given).id
        runtime.suspend_case(db, reason="x", now=play.now, **given)
    play.later(days=3)
    with transaction(database) as db:
        runtime.close_case(db, reason="x", except_=[spared], now=play.now, **given)

    assert play.later(days=6) == []
    assert play.later(days=1) == ["after"], "a week, the three days it stood still left out"
