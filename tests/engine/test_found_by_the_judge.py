"""What random models found wrong, each kept as a small diagram."""

import sqlalchemy as sa

from engine.artifacts import Artifact
from tests.engine.playing import Play
from tests.oracle.model import Flow, Node, Process, Scope, to_xml


def _process(*nodes: Node, flows: str) -> Artifact:
    process = Process(id="demo")
    process.nodes = {node.id: node for node in nodes}
    pairs = [pair.split(" -> ") for pair in flows.split(", ")]
    process.flows = [Flow(f"f{n}", source, target) for n, (source, target) in enumerate(pairs)]
    return Artifact("diagram", "demo", to_xml(process))


def test_a_message_beside_a_task_is_followed_each_time_it_comes(database: sa.Engine) -> None:
    diagram = _process(
        Node("start", "start"),
        Node("ask", "user"),
        Node("end", "end"),
        Node("beside", "boundary", host="ask", interrupting=False, message="news"),
        Node("count", "script", counts="seen"),
        Node("counted", "end"),
        flows="start -> ask, ask -> end, beside -> count, count -> counted",
    )
    play = Play.of(database, diagram)

    for _ in range(3):
        play.send("news")

    assert play.data("demo") == {"seen": 3}


def test_a_repetition_may_follow_an_interruption(database: sa.Engine) -> None:
    inner = Scope(
        {"in": Node("in", "start"), "each": Node("each", "user"), "out": Node("out", "end")}
    )
    inner.flows = [Flow("i1", "in", "each"), Flow("i2", "each", "out")]
    diagram = _process(
        Node("start", "start"),
        Node("ask", "user"),
        Node("stop", "boundary", host="ask", message="stop"),
        Node("all", "sub", inner=inner, repeat="parallel", times=2),
        Node("merge", "xor"),
        Node("end", "end"),
        flows="start -> ask, ask -> merge, stop -> all, all -> merge, merge -> end",
    )
    play = Play.of(database, diagram)

    assert play.send("stop") == ["each", "each"]


def test_an_ad_hoc_path_that_has_ended_is_not_opened_by_another(database: sa.Engine) -> None:
    """The condition held when `one` ended: that it no longer does matters to `two` only."""
    inner = Scope({"one": Node("one", "user"), "two": Node("two", "user")})
    diagram = _process(
        Node("start", "start"),
        Node("any", "adhoc", inner=inner, until=("v", 1), lasting=True),
        Node("end", "end"),
        flows="start -> any, any -> end",
    )
    play = Play.of(database, diagram)

    assert play.do("one", v=1) == ["two"]
    assert play.do("two", v=0) == ["two"]
    assert play.do("two", v=1) == []


def test_an_activity_that_the_answer_completes_takes_its_border_with_it(
    database: sa.Engine,
) -> None:
    """The last repetition ends the activity; what the same answer makes true comes too late."""
    diagram = _process(
        Node("start", "start"),
        Node("ask", "user", repeat="parallel", times=2),
        Node("end", "end"),
        Node("zero", "boundary", host="ask", holds=("v", 0)),
        Node("note", "user"),
        Node("noted", "end"),
        flows="start -> ask, ask -> end, zero -> note, note -> noted",
    )

    last = Play.of(database, diagram)
    last.do("ask", v=1)
    assert last.do("ask", v=0) == []

    first = Play.of(database, diagram)
    assert first.do("ask", v=0) == ["note"]


def test_a_called_diagram_ends_before_a_kept_message_is_heard_at_its_border(
    database: sa.Engine,
) -> None:
    """Also where the call is repeated, and so younger than the border it stands beside."""
    inner = Process(id="inner")
    inner.nodes = {
        "in": Node("in", "start"),
        "raise": Node("raise", "throw", escalation=True),
        "out": Node("out", "end"),
    }
    inner.flows = [Flow("i1", "in", "raise"), Flow("i2", "raise", "out")]
    diagram = _process(
        Node("start", "start"),
        Node("ask", "user"),
        Node("call", "call", called=inner, repeat="parallel", times=1),
        Node("end", "end"),
        Node("raised", "boundary", host="call", escalation=True),
        Node("raised_task", "user"),
        Node("raised_end", "end"),
        Node("heard", "boundary", host="call", message="news"),
        Node("heard_task", "user"),
        Node("heard_end", "end"),
        flows="start -> ask, ask -> call, call -> end, raised -> raised_task, "
        "raised_task -> raised_end, heard -> heard_task, heard_task -> heard_end",
    )
    play = Play.of(database, diagram, Artifact("diagram", "inner", to_xml(inner)))

    play.send("news")

    assert play.do("ask") == ["raised_task"]
