"""States in many shapes: how each came about, and how a case stored in it must go on to its end."""

from dataclasses import dataclass
from itertools import pairwise

from engine.artifacts import Artifact
from tests.engine.coverage.drawing import END, START, between, file, flow, task
from tests.engine.coverage.rows import (
    ANY_ORDER,
    BOTH,
    CALL,
    CHILD,
    CONDITION,
    ERROR,
    ESCALATION,
    FIRST_OF,
    GATE,
    INSIDE,
    MESSAGE,
    RAISING,
    SIGNAL,
    X,
    bordered,
    choosing,
    event,
    many,
    sub,
    timer,
    with_inside,
)

Moves = tuple[tuple[str, list[str]], ...]


@dataclass(frozen=True)
class Shape:
    """`before` leads to the stored state, in which `open` waits; `after` leads to the end."""

    name: str
    body: str
    before: tuple[str, ...]
    open: list[str]
    after: Moves
    beside: tuple[Artifact, ...] = ()

    @property
    def artifacts(self) -> list[Artifact]:
        return [file(self.body, name=self.name), *self.beside]


def nested(*levels: str) -> tuple[Artifact, ...]:
    """A diagram that calls the next, down to one where a person works."""
    calls = [
        file(between(CALL.replace("child", below)), name=name) for name, below in pairwise(levels)
    ]
    last = CHILD.content.decode().replace('"child"', f'"{levels[-1]}"').encode()
    return (*calls, Artifact("diagram", levels[-1], last))


TWO_STEPS = (
    task("first") + task("second") + '<bpmn:endEvent id="out"/>'
    + flow("in", "first") + flow("first", "second") + flow("second", "out")
)  # fmt: skip
REPEATED = sub(TWO_STEPS + many(sequential=False))
LOOP = (
    START + '<bpmn:exclusiveGateway id="merge"/>' + BOTH.removeprefix(START)
    .replace(flow("start", "x"), flow("start", "merge") + flow("merge", "x"))
    .replace(flow("y", "end"), flow("y", "ask"))
    + task("ask") + '<bpmn:exclusiveGateway id="again" default="again_end"/>'
    + flow("ask", "again") + flow("again", "merge", "amount == 1") + flow("again", "end")
)  # fmt: skip
BORDERED = (
    bordered(timer("Duration", "P4D"))
    + event("boundaryEvent", MESSAGE.replace('"def"', '"def2"'), key="beside", attachedToRef="x",
            cancelActivity="false")
    + '<bpmn:scriptTask id="note" name="note"><bpmn:script>seen = default(seen, 0) + 1'
    '</bpmn:script></bpmn:scriptTask><bpmn:endEvent id="noted"/>'
    + flow("beside", "note") + flow("note", "noted")
)  # fmt: skip
AND = GATE.format("parallelGateway", "")
ASIDE = (
    START + AND + task("ask") + END + '<bpmn:endEvent id="end2"/>' + task("left")
    + event("intermediateCatchEvent", "{}", key="c1") + flow("start", "x") + flow("x", "ask")
    + flow("ask", "end") + flow("x", "c1") + flow("c1", "left") + flow("left", "end2")
)  # fmt: skip
FAILING = (
    task("inner") + '<bpmn:exclusiveGateway id="good" default="good_out"/>'
    + '<bpmn:endEvent id="out"/>' + event("endEvent", ERROR, key="bad") + flow("in", "inner")
    + flow("inner", "good") + flow("good", "bad", "amount == 0") + flow("good", "out")
)  # fmt: skip
DEEPER = (
    '<bpmn:subProcess id="deep" name="deep"><bpmn:startEvent id="deep_in"/>' + task("lowest")
    + '<bpmn:endEvent id="deep_out"/>' + flow("deep_in", "lowest") + flow("lowest", "deep_out")
    + '</bpmn:subProcess><bpmn:endEvent id="out"/>' + flow("in", "deep") + flow("deep", "out")
)  # fmt: skip
UP = ESCALATION.replace('"def"', '"def2"')
ROUSED = sub(
    event("intermediateThrowEvent", ESCALATION, key="up1") + INSIDE.replace(flow("in", "inner"), "")
    + flow("in", "up1") + flow("up1", "inner")
)  # fmt: skip
THREE_TIMERS = (
    bordered(timer("Duration", "P4D"))
    + event("boundaryEvent", timer("Duration", "P2D").replace('"def"', '"def2"'), key="soon",
            attachedToRef="x", cancelActivity="false")
    + event("boundaryEvent", timer("Duration", "P3D").replace('"def"', '"def3"'), key="early",
            attachedToRef="x", cancelActivity="false")
    + "".join(
        f'<bpmn:scriptTask id="{key}_note" name="note"><bpmn:script>seen = default(seen, 0) + 1'
        f'</bpmn:script></bpmn:scriptTask><bpmn:endEvent id="{key}_end"/>'
        + flow(key, f"{key}_note") + flow(f"{key}_note", f"{key}_end")
        for key in ("soon", "early")
    )
)  # fmt: skip
EACH_TWICE = sub(
    task("both").replace("</bpmn:userTask>", many(sequential=False) + "</bpmn:userTask>")
    + '<bpmn:endEvent id="out"/>' + flow("in", "both") + flow("both", "out")
    + many(sequential=True)
)  # fmt: skip
CALLED_AGAIN = (
    START + '<bpmn:exclusiveGateway id="merge"/>' + CALL + task("ask")
    + '<bpmn:exclusiveGateway id="again" default="again_end"/>' + END + flow("start", "merge")
    + flow("merge", "x") + flow("x", "ask") + flow("ask", "again")
    + flow("again", "merge", "amount == 1") + flow("again", "end")
)  # fmt: skip
HEARD = event("intermediateCatchEvent", MESSAGE, key="heard")

SHAPES = (  # the first is the only one that lets time pass: all live in one database
    Shape("suspended", bordered(timer("Duration", "P4D")), ("wait 3", "suspend", "wait 9"), ["x"],
          (("resume", ["x"]), ("wait 1", ["instead"]), ("do instead", []))),
    Shape("fresh", between(X), (), ["x"], (("do x", ["after"]), ("do after", []))),
    Shape("called", between(CALL.replace("child", "middle")), (), ["inner"],
          (("do inner", ["after"]), ("do after", ["after"]), ("do after", [])),
          nested("middle", "deepest")),
    Shape("parallel_repetition", between(with_inside(X, many(sequential=False))), ("do x",), ["x"],
          (("do x", ["after"]), ("do after", []))),
    Shape("sequential_repetition", between(with_inside(X, many(sequential=True))), ("do x",), ["x"],
          (("do x", ["after"]), ("do after", []))),
    Shape("repeated_sub_process", between(REPEATED), ("do first",), ["first", "second"],
          (("do second", ["first"]), ("do first", ["second"]), ("do second", ["after"]),
           ("do after", []))),
    Shape("repeated_call", between(CALL.replace("/>", ">" + many(sequential=True) + "</bpmn:callActivity>")),
          ("do inner",), ["inner"], (("do inner", ["after"]), ("do after", [])), (CHILD,)),
    Shape("standard_loop",
          between(with_inside(X, '<bpmn:standardLoopCharacteristics loopMaximum="3"/>')), ("do x",),
          ["x"], (("do x", ["x"]), ("do x", ["after"]), ("do after", []))),
    Shape("third_turn", LOOP,
          ("do right", "do left", "do ask amount=1", "do left", "do right", "do ask amount=1", "do right"),
          ["left"], (("do left", ["ask"]), ("do ask amount=1", ["left", "right"]), ("do left", ["right"]),
                     ("do right", ["ask"]), ("do ask amount=2", []))),
    Shape("boundary_events", BORDERED, ("send news",), ["x"],
          (("send news", ["x"]), ("wait 4", ["instead"]), ("do instead", []))),
    Shape("boundary_events_left_behind", BORDERED, ("send news",), ["x"],
          (("do x", ["after"]), ("wait 4", ["after"]), ("do after", []))),
    Shape("event_gateway_told", FIRST_OF, (), [], (("send news", ["left"]), ("wait 3", ["left"]), ("do left", []))),
    Shape("event_gateway_late", FIRST_OF, (), [], (("wait 3", ["right"]), ("do right", []))),
    Shape("inclusive_join", choosing("inclusiveGateway").replace(
        flow("x", "right"), flow("x", "right", "amount &gt; 1")).replace(' default="x_right"', ' default="x_end"')
        + flow("x", "end"), ("do ask amount=5", "do left"), ["right"], (("do right", []),)),
    Shape("failing_sub_process", bordered(ERROR.replace('"def"', '"def2"'), host=sub(FAILING)), (), ["inner"],
          (("do inner amount=0", ["instead"]), ("do instead", []))),
    Shape("nested_sub_process", between(sub(DEEPER)), (), ["lowest"],
          (("do lowest", ["after"]), ("do after", []))),
    Shape("condition", ASIDE.format(CONDITION), ("put amount=2",), ["ask"],
          (("put amount=5", ["ask", "left"]), ("do ask", ["left"]), ("do left", []))),
    Shape("signal", ASIDE.format(SIGNAL).replace(flow("ask", "end"), flow("ask", "ring") + flow("ring", "end")
          + event("intermediateThrowEvent", SIGNAL.replace('"def"', '"def2"'), key="ring")), (), ["ask"],
          (("do ask", ["left"]), ("do left", []))),
    Shape("early_message", between(X, "").replace(flow("x", "after"), flow("x", "c1") + flow("c1", "after"))
          + event("intermediateCatchEvent", MESSAGE, key="c1"), ("send news",), ["x"],
          (("do x", ["after"]), ("do after", []))),
    # Kept later than those above, in a folder of their own: format_1_more.
    Shape("any_order", between(ANY_ORDER), ("do one",), ["three", "two"],
          (("do three", ["three", "two"]), ("do two", ["one", "three"]),
           ("do three amount=1", ["after"]), ("do after", []))),
    Shape("escalation_ends_it", bordered(UP, host=sub(RAISING)), (), ["inner"],
          (("do inner", ["instead"]), ("do instead", []))),
    Shape("escalation_beside", bordered(UP, interrupting=False, host=ROUSED), (), ["inner"],
          (("do inner", ["after"]), ("do after", []))),
    Shape("condition_on_a_border", bordered(CONDITION), ("put amount=1",), ["x"],
          (("put amount=5", ["instead"]), ("do instead", []))),
    Shape("condition_that_was_true", bordered(CONDITION, interrupting=False), ("put amount=5",), ["x"],
          (("put amount=6", ["x"]), ("do x", ["after"]), ("do after", []))),
    Shape("event_gateway_with_a_condition",
          FIRST_OF.replace(HEARD, HEARD.replace(MESSAGE, CONDITION)), ("put amount=1",), [],
          (("put amount=5", ["left"]), ("wait 3", ["left"]), ("do left", []))),
    Shape("border_timers", THREE_TIMERS, (), ["x"],
          (("wait 2", ["x"]), ("wait 1", ["x"]), ("wait 1", ["instead"]), ("do instead", []))),
    Shape("border_timers_left_behind", THREE_TIMERS, (), ["x"],
          (("wait 2", ["x"]), ("do x", ["after"]), ("wait 9", ["after"]), ("do after", []))),
    Shape("repetition_in_a_repetition", between(EACH_TWICE), ("do both",), ["both"],
          (("do both", ["both", "both"]), ("do both", ["both"]), ("do both", ["after"]), ("do after", []))),
    Shape("repeated_call_at_once", between(CALL.replace("/>", ">" + many(sequential=False) + "</bpmn:callActivity>")),
          ("do inner",), ["inner"], (("do inner", ["after"]), ("do after", [])), (CHILD,)),
    Shape("call_in_a_loop", CALLED_AGAIN, ("do inner", "do ask amount=1"), ["inner"],
          (("do inner", ["ask"]), ("do ask amount=1", ["inner"]), ("do inner", ["ask"]),
           ("do ask amount=2", [])), (CHILD,)),
)  # fmt: skip
