"""Random models: blocks within blocks, so that what is drawn is what the publishing gate lets run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.oracle.model import Flow, Node, Process, Scope

VALUES = (0, 1, 2)
MOST_NODES = 45
Draw = Callable[[st.SearchStrategy[int]], int]
Ends = tuple[str, str]  # the first and the last node of a block


@dataclass
class Builder:
    """Draws one model; the numbers that make names unique run through all its processes."""

    draw: Draw
    numbers: dict[str, int] = field(default_factory=dict)
    hours: int = 0
    awaited: list[str] = field(default_factory=list)  # messages something waits for
    signals: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # every answer of the model, of any process
    catching: int = 0  # borders around that catch errors

    def name(self, kind: str) -> str:
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return f"{kind}{self.numbers[kind]}"

    def pick(self, top: int) -> int:
        return self.draw(st.integers(0, top))

    @property
    def is_large(self) -> bool:
        return sum(self.numbers.values()) > MOST_NODES

    def process(self, depth: int) -> Process:
        process = Process(id=self.name("process"))
        answers = self.body(process, depth)
        process.gives = answers[-1] if answers else ""
        return process

    def body(self, scope: Scope, depth: int) -> list[str]:
        """start → block → end; the names that tasks of this scope answer."""
        answers: list[str] = []
        start, end = self.node(scope, "start"), self.node(scope, "end")
        first, last = self.block(scope, depth, answers)
        self.flow(scope, start, first)
        self.flow(scope, last, end)
        return answers

    def node(self, scope: Scope, kind: str, **given: object) -> str:
        node = Node(self.name(kind), kind, **given)  # type: ignore[arg-type]
        scope.nodes[node.id] = node
        return node.id

    def flow(self, scope: Scope, source: str, target: str, **given: object) -> None:
        scope.flows.append(Flow(self.name("f"), source, target, **given))  # type: ignore[arg-type]

    def span(self) -> int:
        """No two timers of a model have the same span: which is first is never a matter of taste."""
        self.hours += 1
        return 10 * (1 + self.pick(5)) + 7 * self.hours

    def block(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        if depth == 0 or self.is_large:
            return self.task(scope, answers)
        makers = (
            self.task, self.sequence, self.sequence, self.exclusive, self.parallel, self.inclusive,
            self.loop, self.repeated, self.embedded, self.called, self.guarded, self.choice,
            self.caught, self.thrown, self.open_order, self.turning,
            self.ending,
        )  # fmt: skip
        maker = makers[self.pick(len(makers) - 1)]
        if maker == self.task:
            return self.task(scope, answers)
        return maker(scope, depth - 1, answers)  # type: ignore[operator]

    def task(self, scope: Scope, answers: list[str], **given: object) -> Ends:
        key = self.node(scope, "user", **given)
        answers.append(f"v_{key}")
        self.asked.append(f"v_{key}")
        return key, key

    def sequence(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        first = self.block(scope, depth, answers)
        second = self.block(scope, depth, answers)
        self.flow(scope, first[1], second[0])
        return first[0], second[1]

    def exclusive(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        return self.branches(scope, depth, answers, "xor")

    def inclusive(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        return self.branches(scope, depth, answers, "or")

    def parallel(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        return self.branches(scope, depth, answers, "and")

    def branches(self, scope: Scope, depth: int, answers: list[str], kind: str) -> Ends:
        split, join = self.node(scope, kind), self.node(scope, kind)
        known = list(answers)
        size = 2 + self.pick(1)
        for place in range(size):
            first, last = self.block(scope, depth, answers)
            if kind == "and":
                self.flow(scope, split, first)
            elif place == size - 1:
                self.flow(scope, split, first, default=True)
            else:
                self.flow(scope, split, first, test=self.test(known))
            self.flow(scope, last, join)
        return split, join

    def test(self, known: list[str]) -> tuple[str, int]:
        """On an answer already asked for when there is one: else nothing is known yet, and it fails."""
        name = known[self.pick(len(known) - 1)] if known else "v_nobody"
        return name, VALUES[self.pick(1)]

    def loop(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        merge, again = self.node(scope, "xor"), self.node(scope, "xor")
        first, last = self.block(scope, depth, answers)
        ask = self.task(scope, answers)[0]
        self.flow(scope, merge, first)
        self.flow(scope, last, ask)
        self.flow(scope, ask, again)
        self.flow(scope, again, merge, test=(f"v_{ask}", 1))
        out = self.task(scope, answers)[0]
        self.flow(scope, again, out, default=True)
        return merge, out

    def repeated(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        given: dict[str, object] = {
            "repeat": ("parallel", "sequential")[self.pick(1)],
            "times": self.pick(3),
        }
        if self.pick(2) == 0:
            given["until"] = self.test(self.asked)
        return self.activity(scope, depth, answers, **given)

    def turning(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        """A standard loop: with a maximum, a condition, or both; asked before or after a turn."""
        given: dict[str, object] = {"repeat": "loop", "times": 1 + self.pick(2)}
        if self.pick(1):
            given |= {"again": self.test(self.asked), "before": bool(self.pick(1))}
        return self.activity(scope, depth, answers, **given)

    def activity(self, scope: Scope, depth: int, answers: list[str], **given: object) -> Ends:
        makers = (self.task, self.embedded, self.called)
        maker = makers[self.pick(2)]
        if maker == self.task:
            return self.task(scope, answers, **given)
        return maker(scope, depth, answers, **given)  # type: ignore[operator, no-any-return]

    def open_order(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        """An ad-hoc sub-process: paths of one or two activities, open until an answer is given."""
        inner = Scope()
        inside: list[str] = []
        for _ in range(1 + self.pick(1)):
            first = self.task(inner, inside)[0]
            if self.pick(1):
                self.flow(inner, first, self.activity(inner, max(depth - 2, 0), inside)[0])
        ask = self.task(inner, inside)[0]
        key = self.node(
            scope, "adhoc", inner=inner, until=(f"v_{ask}", 1), lasting=bool(self.pick(1))
        )
        answers += inside
        return key, key

    def thrown(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        """A message or a signal that something of the model may be waiting for, an escalation."""
        kind = self.pick(2)
        if kind == 0 and self.awaited:
            given: dict[str, object] = {"message": self.awaited[self.pick(len(self.awaited) - 1)]}
        elif kind == 1:
            given = {"signal": self.signal()}
        else:
            given = {"escalation": True}
        key = self.node(scope, "throw", **given)
        return key, key

    def message(self) -> str:
        self.awaited.append(self.name("message"))
        return self.awaited[-1]

    def signal(self) -> str:
        if not self.signals or self.pick(2) == 0:
            self.signals.append(self.name("signal"))
        return self.signals[self.pick(len(self.signals) - 1)]

    def trigger(self) -> dict[str, object]:
        """What an event awaits."""
        kind = self.pick(5)
        if kind <= 1:
            return {"hours": self.span()}
        if kind == 2:
            return {"signal": self.signal()}
        if kind == 3 and self.asked:
            return {"holds": self.test(self.asked)}
        return {"message": self.message()}

    def embedded(self, scope: Scope, depth: int, answers: list[str], **given: object) -> Ends:
        inner = Scope()
        answers += self.body(inner, depth)
        key = self.node(scope, "sub", inner=inner, **given)
        return key, key

    def called(self, scope: Scope, depth: int, answers: list[str], **given: object) -> Ends:
        process = self.process(depth)
        key = self.node(scope, "call", called=process, **given)
        if process.gives:
            answers.append(process.gives)
        return key, key

    def guarded(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        """An activity with borders: moments, messages, signals, conditions, errors, escalations."""
        fails, given = self.pick(1), {}
        if self.pick(3) == 0:
            given = {"repeat": ("parallel", "sequential")[self.pick(1)], "times": 1 + self.pick(1)}
        self.catching += fails
        host = self.activity(scope, depth, answers, **given)[0]
        self.catching -= fails
        join = self.node(scope, "xor")
        self.flow(scope, host, join)
        if scope.nodes[host].kind != "user":
            if fails:
                self.border(scope, host, join, depth, answers, {"error": True}, beside=False)
            if self.pick(1):
                beside = bool(self.pick(1))
                self.border(scope, host, join, depth, answers, {"escalation": True}, beside=beside)
        for _ in range(self.pick(2)):
            beside = self.pick(2) == 0
            self.border(scope, host, join, depth, answers, self.trigger(), beside=beside)
        return host, join

    def border(
        self, scope: Scope, host: str, join: str, depth: int, answers: list[str],
        trigger: dict[str, object], *, beside: bool,
    ) -> None:  # fmt: skip
        event = self.node(scope, "boundary", host=host, interrupting=not beside, **trigger)
        if beside:  # only an automatic branch may leave a boundary that does not interrupt
            script = self.node(scope, "script", counts=self.name("count"))
            end = self.node(scope, "end")
            self.flow(scope, event, script)
            self.flow(scope, script, end)
            return
        first, last = self.block(scope, depth, answers)
        self.flow(scope, event, first)
        self.flow(scope, last, join)

    def ending(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        """A question, and for one answer another end: all stops, an error, an escalation, a signal."""
        ask, gate = self.task(scope, answers)[0], self.node(scope, "xor")
        kinds: list[tuple[str, dict[str, object]]] = [
            ("terminate", {}), ("end", {"escalation": True}), ("end", {"signal": self.signal()}),
        ]  # fmt: skip
        if self.catching:
            kinds += [("error_end", {})] * 2
        kind, given = kinds[self.pick(len(kinds) - 1)]
        out, on = self.node(scope, kind, **given), self.node(scope, "xor")
        self.flow(scope, ask, gate)
        self.flow(scope, gate, out, test=(f"v_{ask}", 1))
        self.flow(scope, gate, on, default=True)
        return ask, on

    def choice(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        gate, join = self.node(scope, "choice"), self.node(scope, "xor")
        for trigger in ({"message": self.message()}, self.trigger()):
            event = self.node(scope, "catch", **trigger)
            first, last = self.block(scope, depth, answers)
            self.flow(scope, gate, event)
            self.flow(scope, event, first)
            self.flow(scope, last, join)
        return gate, join

    def caught(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        key = self.node(scope, "catch", **self.trigger())
        return key, key


@st.composite
def models(draw: Draw, depth: int = 4) -> Process:
    """A process with everything it calls."""
    builder = Builder(draw)
    return builder.process(depth)
