"""One pathway of a case is paused with all it calls; the others go on; then it goes on, later by as much."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import pausing, runtime
from engine.db import transaction
from engine.errors import Conflict
from engine.models import Case, Instance, Task, Timer
from engine.suspension import stands_still
from tests.engine.playing import Play
from tests.engine.sketches import sketch

WAIT = {"type": "catch", "timer": "P7D"}
PATHWAY = sketch("start -> visit -> after -> end", visit={"type": "call", "calls": "visit"})
VISIT = sketch("start -> deeper -> end", name="visit", deeper={"type": "call", "calls": "deeper"})
DEEPER = sketch(
    "start -> split -> ask -> join -> end",
    "split -> pause -> news -> tell -> join",
    name="deeper",
    pause=WAIT,
    news={"type": "catch", "message": "news"},
)
BESIDE = sketch(
    "start -> pause -> beside -> end", name="beside", start={"message": "begin"}, pause=WAIT
)


@pytest.fixture
def play(any_database: sa.Engine) -> Play:
    """Two pathways in one case; the first works two calls deep, and is paused on the second day."""
    play = Play.of(any_database, PATHWAY, VISIT, DEEPER, BESIDE)
    play.send("begin")
    play.later(days=2)
    return play


def pause(play: Play) -> None:
    with transaction(play.database) as db:
        top = db.scalars(sa.select(Instance.id).filter_by(definition="demo")).one()
        pausing.pause(db, case_id=play.case_id, instance_ids=[top], actor="u", now=play.now)


def go_on(play: Play, days: int) -> None:
    with transaction(play.database) as db:
        by = timedelta(days=days)
        pausing.go_on(db, case_id=play.case_id, by=by, actor="u", now=play.now)


def test_what_is_called_from_a_paused_pathway_stands_still_too(play: Play) -> None:
    pause(play)

    with transaction(play.database) as db:
        still = {
            one.definition: stands_still(
                db, case=db.get_one(Case, play.case_id), instance_id=one.id
            )
            for one in db.scalars(sa.select(Instance))
        }
    assert still == {"demo": True, "visit": True, "deeper": True, "beside": False}
    with pytest.raises(Conflict, match="en pause"):
        play.do("ask")
    assert play.later(days=30) == ["ask", "beside"]  # its own timer rang, the deep one did not
    play.send("news")  # kept for later
    assert play.do("beside") == ["ask"]


def test_its_timers_go_on_later_by_as_much_and_ring_once(play: Play) -> None:
    due = play.now + timedelta(days=5)
    pause(play)
    play.later(days=30)
    play.send("news")
    go_on(play, days=30)

    with transaction(play.database) as db:
        (timer,) = db.scalars(sa.select(Timer).filter_by(kind="event", element="pause"))
        assert (timer.due_at, timer.suspended) == (due + timedelta(days=30), False)
    assert play.later(days=4) == ["ask", "beside"]
    assert play.later(days=1) == ["ask", "beside", "tell"]  # the message that was kept was there
    play.do("ask")
    assert play.do("tell") == ["beside", "after"]
    assert play.later(days=90) == ["beside", "after"]


def test_due_dates_of_its_tasks_move_with_it_and_those_beside_stay(play: Play) -> None:
    play.later(days=5)
    with transaction(play.database) as db:
        db.execute(sa.update(Task).values(due_at=play.now, remind_at=play.now))
    before = play.now
    pause(play)
    play.later(days=3)
    go_on(play, days=3)

    assert play.task("ask").due_at == play.task("ask").remind_at == before + timedelta(days=3)
    assert play.task("beside").due_at == before


def test_a_pause_outlives_the_suspension_of_its_case(play: Play) -> None:
    pause(play)
    play.move("suspend")
    play.later(days=10)
    play.move("resume")

    with pytest.raises(Conflict, match="en pause"):
        play.do("ask")
    assert play.later(days=20) == ["ask", "beside"]
    go_on(play, days=30)
    assert play.later(days=40) == ["ask", "beside"]  # it rang, and awaits its message
    assert play.send("news") == ["ask", "beside", "tell"]


def test_a_pathway_cancelled_while_it_is_paused_leaves_nothing_behind(play: Play) -> None:
    pause(play)
    with transaction(play.database) as db:
        top = db.scalars(sa.select(Instance.id).filter_by(definition="demo")).one()
        runtime.cancel_instance(db, instance_id=top, reason="Arrêt.", actor="u", now=play.now)

    assert play.later(days=30) == ["beside"]
    with transaction(play.database) as db:
        assert db.scalars(sa.select(Timer)).all() == []
