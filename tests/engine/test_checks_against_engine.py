"""What the gate lets through runs to its end in the engine, whatever people answer and in any order."""

import random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.artifacts import Artifact
from engine.spiff import Definition, Execution
from tests.engine.sketches import findings, sketch

MOST_TASKS = 400
KINDS = st.sampled_from(["task", "task", "choice", "both", "loop"])


class _Sketcher:
    """Draws a diagram from a list of choices: blocks in blocks."""

    def __init__(self, choices: list[str]) -> None:
        self.choices = list(choices)
        self.flows: list[list[str]] = []  # source, target, rest
        self.number = 0

    def diagram(self) -> list[list[str]]:
        first, last = self._sequence(3)
        self.flows += [["start", first, ""], [last, "end", ""]]
        return self.flows

    def _sequence(self, length: int) -> tuple[str, str]:
        first, last = self._block()
        for _ in range(length - 1):
            if self.choices:
                following, end = self._block()
                self.flows.append([last, following, ""])
                last = end
        return first, last

    def _block(self) -> tuple[str, str]:
        self.number += 1
        n, kind = self.number, self.choices.pop(0) if self.choices else "task"
        if kind == "task":
            return f"ask_{n}", f"ask_{n}"
        if kind == "loop":
            first, last = self._sequence(2)
            self.flows += [[f"merge_{n}", first, ""], [last, f"gate_{n}", ""]]
            self.flows.append([f"gate_{n}", f"merge_{n}", " if again == True"])
            return f"merge_{n}", f"out_{n}" if self._out(n) else ""
        before, after = (
            (f"split_{n}", f"join_{n}") if kind == "both" else (f"gate_{n}", f"merge_{n}")
        )
        for branch in range(2):
            first, last = self._sequence(2)
            rest = "" if kind == "both" else (" if answer == 1" if branch else " default")
            self.flows += [[before, first, rest], [last, after, ""]]
        return before, after

    def _out(self, n: int) -> bool:
        self.flows.append([f"gate_{n}", f"out_{n}", " default"])
        return True


class _World:
    """Answers at random, does nothing."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311

    def evaluate(self, expression: str, local: dict[str, Any]) -> Any:
        return self.random.random() < 0.4

    def serve(self, element: str, local: dict[str, Any]) -> None: ...

    def throw(self, message: str, element: str, *, broadcast: bool) -> None: ...


def _drawn(choices: list[str], moves: list[tuple[int, int]]) -> Artifact:
    """The blocks, and then some flows bent to another target, as a hasty hand might."""
    flows = _Sketcher(choices).diagram()
    for which, whither in moves:
        flows[which % len(flows)][1] = flows[whither % len(flows)][1]
    assume(len({(source, target) for source, target, _ in flows}) == len(flows))
    return sketch(*[f"{source} -> {target}{rest}" for source, target, rest in flows])


def _play(content: bytes, seed: int) -> int:
    """Every step through the stored state, as in real life; how many tasks were done."""
    world, definition = _World(seed), Definition("demo", content)
    execution = Execution(definition, world)
    execution.run()
    done = 0
    while not execution.is_completed:
        waits = execution.waits()
        assert waits, "stuck: nobody is asked anything and the diagram has not ended"
        tokens = [wait.element for wait in waits]
        assert len(set(tokens)) == len(tokens), "the same task is offered twice at once"
        if done == MOST_TASKS:
            return done  # loops may go on for as long as people say so
        execution = Execution(definition, world, execution.dump())
        execution.complete(world.random.choice(waits).token)
        execution.run()
        done += 1
    return done


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    choices=st.lists(KINDS, max_size=7),
    moves=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=2),
    seed=st.integers(0, 1_000),
)
def test_what_the_gate_lets_through_never_gets_stuck(choices, moves, seed):
    diagram = _drawn(choices, moves)
    assume(not any(one.severity == "error" for one in findings(diagram)))

    assert _play(diagram.content, seed) >= 0


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(choices=st.lists(KINDS, max_size=8))
def test_blocks_in_blocks_are_never_refused(choices):
    assert findings(_drawn(choices, [])) == []
