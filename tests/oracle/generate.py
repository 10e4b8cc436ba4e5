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
            self.caught,
        )  # fmt: skip
        maker = makers[self.pick(len(makers) - 1)]
        if maker == self.task:
            return self.task(scope, answers)
        return maker(scope, depth - 1, answers)  # type: ignore[operator]

    def task(self, scope: Scope, answers: list[str], **given: object) -> Ends:
        key = self.node(scope, "user", **given)
        answers.append(f"v_{key}")
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
        given = {"repeat": ("parallel", "sequential")[self.pick(1)], "times": 1 + self.pick(2)}
        if self.pick(1):
            return self.task(scope, answers, **given)
        return self.embedded(scope, depth, answers, **given)

    def embedded(self, scope: Scope, depth: int, answers: list[str], **given: object) -> Ends:
        inner = Scope()
        answers += self.body(inner, depth)
        key = self.node(scope, "sub", inner=inner, **given)
        return key, key

    def called(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        process = self.process(depth)
        key = self.node(scope, "call", called=process)
        if process.gives:
            answers.append(process.gives)
        return key, key

    def guarded(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        """An activity with a boundary event: a message, a timer, an error, or one that only counts."""
        makers = (self.task, self.embedded, self.called)
        maker = makers[self.pick(2)]
        host = (
            self.task(scope, answers) if maker == self.task else maker(scope, depth, answers)  # type: ignore[operator]
        )[0]
        join = self.node(scope, "xor")
        self.flow(scope, host, join)
        for _ in range(1 + self.pick(1)):
            self.boundary(scope, host, join, depth, answers)
        return host, join

    def boundary(self, scope: Scope, host: str, join: str, depth: int, answers: list[str]) -> None:
        kind = self.pick(3)
        if kind == 3 and scope.nodes[host].inner:
            self.failing(scope, host, join, answers)
            return
        beside = kind == 2  # only an automatic branch may leave a boundary that does not interrupt
        trigger = {"hours": self.span()} if kind == 1 else {"message": self.name("message")}
        event = self.node(scope, "boundary", host=host, interrupting=not beside, **trigger)
        if beside:
            script = self.node(scope, "script", counts=self.name("count"))
            end = self.node(scope, "end")
            self.flow(scope, event, script)
            self.flow(scope, script, end)
            return
        first, last = self.block(scope, depth, answers)
        self.flow(scope, event, first)
        self.flow(scope, last, join)

    def failing(self, scope: Scope, host: str, join: str, answers: list[str]) -> None:
        """The sub-process may end with an error, and only its host's boundary catches it."""
        inner = scope.nodes[host].inner
        assert inner is not None
        if any(node.host == host and node.error for node in scope.nodes.values()):
            return
        end = next(node for node in inner.nodes.values() if node.kind == "end")
        flow = next(one for one in inner.flows if one.target == end.id)
        ask, gate = self.task(inner, answers)[0], self.node(inner, "xor")
        wrong = self.node(inner, ("error_end", "terminate")[self.pick(1)])
        flow.target = ask
        self.flow(inner, ask, gate)
        self.flow(inner, gate, wrong, test=(f"v_{ask}", 1))
        self.flow(inner, gate, end.id, default=True)
        event = self.node(scope, "boundary", host=host, error=True)
        after = self.task(scope, answers)[0]
        self.flow(scope, event, after)
        self.flow(scope, after, join)

    def choice(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        gate, join = self.node(scope, "choice"), self.node(scope, "xor")
        for trigger in ({"message": self.name("message")}, {"hours": self.span()}):
            event = self.node(scope, "catch", **trigger)
            first, last = self.block(scope, depth, answers)
            self.flow(scope, gate, event)
            self.flow(scope, event, first)
            self.flow(scope, last, join)
        return gate, join

    def caught(self, scope: Scope, depth: int, answers: list[str]) -> Ends:
        trigger = {"hours": self.span()} if self.pick(1) else {"message": self.name("message")}
        key = self.node(scope, "catch", **trigger)
        return key, key


@st.composite
def models(draw: Draw, depth: int = 4) -> Process:
    """A process with everything it calls."""
    builder = Builder(draw)
    return builder.process(depth)
