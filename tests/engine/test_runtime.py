"""A case is played: what people do, and what the diagrams then ask for."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import handlers, queries, runtime
from engine.db import transaction
from engine.errors import AlreadyCompleted, Conflict, StaleForm
from engine.models import AuditEntry, Message, Passage, Subscription, Task, Timer
from tests.engine.playing import Play
from tests.engine.sketches import DEADLINES, sketch


def call(to: str, **properties: str) -> dict[str, Any]:
    return {"type": "call", "calls": to, "properties": properties}


def catch(**trigger: str) -> dict[str, Any]:
    return {"type": "catch", **trigger}


def boundary(host: str, interrupting: bool = True, **trigger: str) -> dict[str, Any]:
    return {"type": "boundary", "host": host, "interrupting": interrupting, **trigger}


CHILD = sketch("start -> inner -> end", name="child")


def test_a_case_goes_from_task_to_task(any_database: sa.Engine) -> None:
    play = Play.of(any_database, sketch("start -> first -> second -> end"))
    assert play.open() == ["first"]
    assert play.do("first", answer=1) == ["second"]
    assert play.do("second", answer=2) == []
    assert play.instances() == [("demo", "completed")]


def test_answers_choose_the_way(database: sa.Engine) -> None:
    diagram = sketch(
        "start -> ask -> gate",
        "gate -> small if amount < 10",
        "gate -> large default",
        "small -> end",
        "large -> end",
    )
    assert Play.of(database, diagram).do("ask", amount=3) == ["small"]
    assert Play.of(database, diagram).do("ask", amount=30) == ["large"]
    assert Play.of(database, diagram).do("ask") == ["large"], "an absent answer holds no condition"


def test_a_parallel_join_in_a_loop_waits_for_all_branches_on_every_pass(
    database: sa.Engine,
) -> None:
    play = Play.of(
        database,
        sketch(
            "start -> merge -> split -> left -> join",
            "split -> right -> join",
            "join -> ask -> gate",
            "gate -> merge if again == true",
            "gate -> end default",
        ),
    )
    for turn, order in enumerate((("left", "right"), ("right", "left"), ("left", "right"))):
        assert sorted(play.open()) == ["left", "right"], f"pass {turn}"
        assert play.do(order[0]) == [order[1]]
        assert play.do(order[1]) == ["ask"]
        play.do("ask", again=turn < 2)
    assert play.instances() == [("demo", "completed")]


def test_a_called_diagram_returns_what_it_was_asked_for(any_database: sa.Engine) -> None:
    play = Play.of(
        any_database,
        sketch(
            "start -> sub -> after -> end",
            sub=call("child", returns="answer", **{"with": "told = 5"}),
        ),
        CHILD,
    )
    assert play.open() == ["inner"]
    assert play.data("child")["told"] == 5
    assert play.do("inner", answer="yes", secret=1) == ["after"]
    seen = play.data("demo")
    assert seen["answer"] == "yes"
    assert "secret" not in seen


def test_an_interrupted_call_leaves_nothing_behind(any_database: sa.Engine) -> None:
    play = Play.of(
        any_database,
        sketch(
            "start -> sub -> end",
            "stop -> after -> end",
            sub=call("middle"),
            stop=boundary("sub", message="stop"),
        ),
        sketch("start -> sub -> end", name="middle", sub=call("child")),
        sketch(
            "start -> split -> inner -> join -> end",
            "split -> pause -> join",
            name="child",
            pause=catch(timer="P7D"),
        ),
    )
    assert play.open() == ["inner"]
    assert play.send("stop") == ["after"]
    assert play.instances() == [
        ("demo", "running"),
        ("middle", "cancelled"),
        ("child", "cancelled"),
    ]
    with transaction(any_database) as db:
        assert db.scalars(sa.select(Timer)).all() == []
        assert db.scalars(sa.select(Subscription)).all() == []
    assert play.later(days=8) == ["after"]


def test_a_call_can_be_repeated_and_interrupted_each_time(database: sa.Engine) -> None:
    play = Play.of(
        database,
        sketch(
            "start -> merge -> sub -> end",
            "stop -> merge",
            sub=call("child"),
            stop=boundary("sub", message="stop"),
        ),
        CHILD,
    )
    for _ in range(3):
        assert play.send("stop") == ["inner"]
    assert play.do("inner") == []
    assert [state for _, state in play.instances()] == [
        "completed",
        *["cancelled"] * 3,
        "completed",
    ]


def test_a_timer_waits_for_its_moment(any_database: sa.Engine) -> None:
    play = Play.of(
        any_database, sketch("start -> pause -> after -> end", pause=catch(timer="P7D"))
    )
    assert play.open() == []
    assert play.later(days=6) == []
    assert play.later(days=1) == ["after"]
    assert play.later(days=30) == ["after"], "fired once"


def test_a_timer_that_reads_a_date_fires_that_morning(database: sa.Engine) -> None:
    play = Play.of(
        database,
        sketch("start -> ask -> pause -> after -> end", pause=catch(timer="answer")),
    )
    play.do("ask", answer="2026-03-09")
    assert play.later(days=6, hours=22) == []
    assert play.later(hours=3) == ["after"]


def test_a_non_interrupting_reminder_leaves_the_task_and_holds_up_nothing(
    database: sa.Engine,
) -> None:
    play = Play.of(
        database,
        sketch(
            "start -> ask -> after -> end",
            "bell -> remind -> end2",
            bell=boundary("ask", interrupting=False, timer="P1D"),
            end2={"type": "end"},
        ),
    )
    assert play.later(days=2) == ["ask", "remind"]
    assert play.do("ask") == ["remind", "after"]
    assert play.do("after") == ["remind"]
    assert play.do("remind") == []
    assert play.instances() == [("demo", "completed")]


def test_a_message_sent_before_its_catch_is_kept_and_delivered_once(
    any_database: sa.Engine,
) -> None:
    play = Play.of(
        any_database, sketch("start -> ask -> wait -> after -> end", wait=catch(message="letter"))
    )
    assert play.send("letter", key="a") == ["ask"]
    assert play.send("letter", key="a") == ["ask"]
    with transaction(any_database) as db:
        assert [m.state for m in queries.kept_messages(db, play.case_id)] == ["kept"]
    assert play.do("ask") == ["after"]
    with transaction(any_database) as db:
        assert [m.state for m in db.scalars(sa.select(Message))] == ["delivered"]


def test_one_message_wakes_the_one_that_has_waited_longest(database: sa.Engine) -> None:
    diagram = sketch(
        "start -> split -> one -> first -> join",
        "split -> two -> second -> join",
        "join -> end",
        one=catch(message="letter"),
        two=catch(message="letter"),
    )
    play = Play.of(database, diagram)
    assert len(play.send("letter")) == 1
    assert sorted(play.send("letter")) == ["first", "second"]


def test_a_message_starts_its_diagram_beside(database: sa.Engine) -> None:
    play = Play.of(
        database,
        sketch(
            "start -> ask -> throw -> after -> end", throw={"type": "throw", "message": "event"}
        ),
        sketch(
            "start -> beside -> end", name="handler", start={"type": "start", "message": "event"}
        ),
    )
    assert play.do("ask") == ["after", "beside"] or play.open() == ["beside", "after"]
    assert play.do("beside") == ["after"]


def test_an_interruption_nobody_awaits_is_refused_and_nothing_is_written(
    database: sa.Engine,
) -> None:
    play = Play.of(
        database,
        sketch(
            "start -> ask -> after -> end",
            "stop -> end",
            stop=boundary("ask", message="halt"),
            messages={"halt": {"keep": "false"}},
        ),
    )
    play.do("ask")
    before = play.fingerprint()
    with pytest.raises(Conflict, match="Rien n’attend"):
        play.send("halt")
    assert play.fingerprint() == before


def test_the_last_of_a_group_answers_the_one_who_asked(database: sa.Engine) -> None:
    play = Play.of(
        database, sketch("start -> ask -> wait -> after -> end", wait=catch(message="done")), CHILD
    )
    play.do("ask")
    with transaction(database) as db:
        caller = queries.instances(db, play.case_id)[0]
        for _ in range(2):
            runtime.start_instance(
                db,
                case_id=play.case_id,
                definition="child",
                actor="user:1",
                now=play.now,
                group="parts",
                reply_to=(caller.id, "done"),
            )
    assert play.do("inner") == ["inner"]
    assert play.do("inner") == ["after"]


def test_a_task_is_completed_once(database: sa.Engine) -> None:
    play = Play.of(database, sketch("start -> ask -> after -> end"))
    task = play.task("ask")
    play.do("ask")
    before = play.fingerprint()
    with pytest.raises(AlreadyCompleted), transaction(database) as db:
        runtime.complete_task(db, task_id=task.id, answers={}, actor="user:2", now=play.now)
    assert play.fingerprint() == before


def test_a_form_that_changed_since_is_refused(database: sa.Engine) -> None:
    play = Play.of(database, sketch("start -> ask -> end"))
    task = play.task("ask")
    with pytest.raises(StaleForm), transaction(database) as db:
        runtime.complete_task(
            db,
            task_id=task.id,
            answers={},
            actor="user:2",
            now=play.now,
            seen_version=task.version + 1,
        )
    assert play.open() == ["ask"]


def test_a_diagram_without_a_way_out_says_so_and_changes_nothing(database: sa.Engine) -> None:
    play = Play.of(
        database,
        sketch(
            "start -> ask -> gate",
            "gate -> end if amount > 1",
            "gate -> more if amount > 2",
            "more -> end",
        ),
    )
    before = play.fingerprint()
    with pytest.raises(Conflict, match="gate"):
        play.do("ask", amount=0)
    assert play.fingerprint() == before


def test_an_endless_diagram_becomes_a_sentence(database: sa.Engine) -> None:
    play = Play.of(
        database,
        sketch(
            "start -> ask -> merge -> count -> gate",
            "gate -> merge if 1 == 1",
            "gate -> end default",
            count={"type": "script", "script": "told = 1"},
        ),
    )
    before = play.fingerprint()
    with pytest.raises(Conflict, match="sans fin"):
        play.do("ask")
    assert play.fingerprint() == before


def test_diagrams_that_call_themselves_become_a_sentence(database: sa.Engine) -> None:
    play = Play.of(
        database,
        sketch("start -> ask -> sub -> end", sub=call("loop")),
        sketch("start -> sub -> end", name="loop", sub=call("loop")),
    )
    with pytest.raises(Conflict, match="sans fin"):
        play.do("ask")
    assert play.open() == ["ask"]


def test_scripts_count_from_pass_to_pass(database: sa.Engine) -> None:
    play = Play.of(
        database,
        sketch(
            "start -> merge -> ask -> count -> gate",
            "gate -> merge if told < 3",
            "gate -> end default",
            count={"type": "script", "script": "told = default(told, 0) + 1"},
        ),
    )
    assert [play.do("ask") for _ in range(3)] == [["ask"], ["ask"], []]


def test_a_repeated_task_opens_once_per_row(database: sa.Engine) -> None:
    diagram = sketch(
        "start -> ask -> after -> end", ask={"multiple": {"collection": "rows", "item": "row"}}
    )
    play = Play.of(database, diagram, rows=[{"n": 1}, {"n": 2}, {"n": 3}])
    assert play.open() == ["ask", "ask", "ask"]
    play.do("ask")
    assert play.do("ask") == ["ask"]
    assert play.do("ask") == ["after"]


def test_a_service_task_runs_its_handler_in_the_same_transaction(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(step: handlers.ServiceStep) -> None:
        step.set("told", (step.get("amount") or 0) + 1)
        if step.get("amount") == 9:
            raise Conflict("non")

    monkeypatch.setitem(handlers._handlers, "work", work)
    diagram = sketch(
        "start -> ask -> serve -> after -> end",
        serve={"type": "service", "properties": {"handler": "work"}},
    )
    play = Play.of(database, diagram)
    with pytest.raises(Conflict):
        play.do("ask", amount=9)
    assert play.open() == ["ask"]
    assert play.do("ask", amount=1) == ["after"]
    assert play.data("demo")["told"] == 2


def test_a_suspended_case_stands_still_and_its_timers_move(database: sa.Engine) -> None:
    play = Play.of(database, sketch("start -> pause -> after -> end", pause=catch(timer="P7D")))
    play.later(days=2)
    with transaction(database) as db:
        runtime.suspend_case(db, case_id=play.case_id, reason="", actor="user:1", now=play.now)
    assert play.later(days=30) == []
    with transaction(database) as db:
        runtime.resume_case(db, case_id=play.case_id, actor="user:1", now=play.now)
    assert play.later(days=4) == []
    assert play.later(days=1) == ["after"]


def test_a_diagram_that_goes_on_is_worked_in_while_its_case_is_suspended(
    database: sa.Engine,
) -> None:
    search = sketch(
        "start -> search -> pause -> decide -> end",
        name="search",
        start={"message": "lost"},
        pause=catch(timer="P3D"),
        properties={"while_suspended": "true"},
    )
    play = Play.of(database, sketch("start -> ask -> end"), search)
    play.send("lost")
    with transaction(database) as db:
        runtime.suspend_case(db, case_id=play.case_id, reason="x", actor="u", now=play.now)
    with pytest.raises(Conflict, match="suspendu"):
        play.do("ask")
    play.do("search")
    assert play.later(days=3) == ["ask", "decide"]
    assert "search" not in play.do("decide")


def test_what_comes_while_a_case_is_suspended_is_delivered_when_it_goes_on(
    database: sa.Engine,
) -> None:
    play = Play.of(database, sketch("start -> wait -> after -> end", wait=catch(message="report")))
    with transaction(database) as db:
        runtime.suspend_case(db, case_id=play.case_id, reason="x", actor="u", now=play.now)
    play.send("report")
    assert play.open() == []
    with transaction(database) as db:
        runtime.resume_case(db, case_id=play.case_id, actor="u", now=play.now)
    assert play.open() == ["after"]


def test_a_single_diagram_does_not_start_again_while_it_runs(database: sa.Engine) -> None:
    search = sketch(
        "start -> search -> end",
        name="search",
        start={"message": "lost"},
        properties={"single": "true"},
    )
    play = Play.of(database, sketch("start -> ask -> end"), search)
    play.send("lost")
    play.send("lost")
    assert play.open() == ["ask", "search"]
    play.do("search")
    play.send("lost")
    assert play.open() == ["ask", "search"]


def test_closing_a_case_stops_everything_but_what_is_spared(database: sa.Engine) -> None:
    play = Play.of(
        database,
        sketch("start -> sub -> end", sub=call("child")),
        CHILD,
        sketch("start -> last -> end", name="other"),
    )
    with transaction(database) as db:
        kept = runtime.start_instance(
            db, case_id=play.case_id, definition="other", actor="u", now=play.now
        )
    with transaction(database) as db:
        runtime.close_case(
            db, case_id=play.case_id, reason="Décès", actor="u", now=play.now, except_=[kept.id]
        )
    assert play.open() == ["last"]
    assert play.do("last") == []
    assert play.case().state == "closed"


def test_what_nobody_awaited_before_the_case_was_closed_is_told(any_database: sa.Engine) -> None:
    play = Play.of(
        any_database, sketch("start -> ask -> wait -> end", wait=catch(message="letter"))
    )
    play.send("letter")
    with transaction(any_database) as db:
        runtime.close_case(db, case_id=play.case_id, reason="Décès", actor="u", now=play.now)
    with transaction(any_database) as db:
        (line,) = db.scalars(sa.select(AuditEntry).filter_by(action="message.unawaited"))
        assert (line.actor, line.detail) == ("u", {"message": "letter"})
        assert queries.kept_messages(db, play.case_id) == []


def test_every_deed_is_in_the_audit_of_the_case(database: sa.Engine) -> None:
    play = Play.of(database, sketch("start -> ask -> end"))
    play.do("ask")
    with transaction(database) as db:
        lines = db.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [line.action for line in lines] == ["case.opened", "instance.started", "task.completed"]


def test_the_state_stays_small_and_the_step_asks_few_questions(database: sa.Engine) -> None:
    play = Play.of(
        database,
        sketch(
            "start -> merge -> ask -> gate",
            "gate -> merge if again == true",
            "gate -> end default",
        ),
    )
    counts = []
    for _ in range(60):
        seen: list[str] = []

        def count(_c: Any, _cu: Any, statement: str, *_: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        sa.event.listen(database, "before_cursor_execute", count)
        play.do("ask", again=True)
        sa.event.remove(database, "before_cursor_execute", count)
        counts.append(len(seen))
    assert len(play.states()["demo"]) < 400
    assert counts[-1] == counts[5], "the same number of statements whatever the length of the case"


def test_due_dates_come_from_the_table(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(db: Session, case: Any, task: Task, row: Any, now: Any) -> handlers.Due:
        from datetime import timedelta

        due = now + timedelta(days=row.values["amount"])
        return handlers.Due(due, due - timedelta(days=1), None, row.values["anchor"], "parce que")

    monkeypatch.setitem(handlers._hooks, "resolve_due", [resolve])
    play = Play.of(database, sketch("start -> ask -> end"), DEADLINES)
    task = play.task("ask")
    assert task.due_at is not None
    assert (task.due_at - play.now).days == 2
    assert task.due_explanation == "parce que"
    with transaction(database) as db:
        assert [t.kind for t in db.scalars(sa.select(Timer))] == ["reminder"]
    play.do("ask")
    with transaction(database) as db:
        assert db.scalars(sa.select(Timer)).all() == [], "a finished task reminds nobody"
        assert db.scalar(sa.select(sa.func.count()).select_from(Passage)) == 3
