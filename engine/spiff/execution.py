"""One instance in memory: a token is completed or woken, and what then waits or was passed goes out."""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

import SpiffWorkflow.task
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.end_event import EndEvent
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import (
    EventBasedGateway,
)
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.task import Task as Token
from SpiffWorkflow.util.task import TaskState

from engine.spiff import codec
from engine.spiff.alarms import Alarm, again, caught
from engine.spiff.definition import Definition
from engine.spiff.environment import Environment
from engine.spiff.events import Alternatives, Condition, Letter, Moment
from engine.spiff.prune import prune
from engine.spiff.specs import CallStep

MOST_STEPS = 500

_numbers: ContextVar[Iterator[int]] = ContextVar("numbers")


def _next_number() -> int:
    """Tokens are numbered in their instance: short in the state, and rows can name them."""
    return next(_numbers.get())


def _set_state(token: Token, value: int) -> None:
    """The library builds a log record for every change of state, even when nobody reads it."""
    token._state = value


def _run(token: Token) -> bool | None:
    """The library runs a list it made before the first of it moved: some may be interrupted since."""
    return None if token.has_state(TaskState.FINISHED_MASK) else _their_run(token)


_their_run = Token.run
SpiffWorkflow.task.uuid4 = _next_number
Token._set_state = _set_state
Token.run = _run


class World(Protocol):
    """What a running diagram may ask of the rooms around it."""

    def evaluate(self, expression: str, local: dict[str, Any]) -> Any: ...
    def serve(self, element: str, local: dict[str, Any]) -> None: ...
    def throw(self, message: str, element: str, *, broadcast: bool) -> None: ...


@dataclass(frozen=True)
class Wait:
    """A token that stands still: for a person, a called diagram, a moment or a message."""

    token: int
    element: str
    kind: str  # task call timer message condition
    detail: str = ""  # expression of a timer, name of a message
    choice: int = -1  # which of an event-based gateway's events
    broadcast: bool = False


@dataclass(frozen=True)
class Passed:
    """An element a token has left, and how: done or cancelled."""

    token: int
    element: str
    outcome: str


class Endless(Exception):
    """The diagram goes round without ever waiting."""


class DeadEnd(Exception):
    """A gateway with no way out; `element` names it."""

    def __init__(self, element: str) -> None:
        super().__init__(element)
        self.element = element


class Execution:
    """The state of one instance, opened for one step."""

    def __init__(
        self, definition: Definition, world: World, snapshot: bytes | None = None
    ) -> None:
        self.definition = definition
        engine = Environment(world)
        self.passed: list[Passed] = []
        self.ends: list[str] = []
        if snapshot is None:
            self._numbers: Iterator[int] = count(1)
            with self._numbering():
                self._workflow = BpmnWorkflow(
                    definition.spec, definition.subprocess_specs, script_engine=engine
                )
        else:
            state = codec.read(snapshot)
            self._numbers = codec.next_token_of(state)
            with self._numbering():
                self._workflow = codec.restore(
                    state, definition.spec, definition.subprocess_specs, engine
                )

    def dump(self) -> bytes:
        return codec.dump(self._workflow, next(self._numbers))

    @property
    def is_completed(self) -> bool:
        return bool(self._workflow.completed)

    def run(self) -> None:
        """Go on until everything waits. Endless after MOST_STEPS automatic steps."""
        budget = count(1)

        def bounded(token: Token) -> None:
            if token.has_state(TaskState.FINISHED_MASK):
                return
            if next(budget) > MOST_STEPS:
                raise Endless
            self._leaving(token)

        with self._numbering(), self._dead_ends():
            self._workflow.do_engine_steps(will_complete_task=bounded)
            self._wake_conditions(bounded)
            prune(self._workflow)

    def complete(self, token_number: int) -> None:
        """A person's task or a call is done. KeyError when the token is gone."""
        token = self._ready(token_number)
        with self._numbering(), self._dead_ends():
            self._leaving(token)
            token.run()

    def wake(self, token_number: int, choice: int = -1) -> None:
        """A moment has come or a message arrived. KeyError when the token no longer waits."""
        token = self._find(token_number)
        if not token.has_state(TaskState.WAITING):
            raise KeyError(token_number)
        with self._numbering(), self._dead_ends():
            letter = isinstance(token.task_spec.event_definition, Letter)
            if letter and not getattr(token.task_spec, "cancel_activity", True):
                again(token)
            _fire(token, choice)

    def alarm(self, token_number: int, raised: Alarm) -> bool:
        """What a called diagram raised reaches its call; False when nothing here catches it."""
        with self._numbering():
            return caught(self._ready(token_number), raised)

    def uncaught(self) -> list[Alarm]:
        """Errors and escalations that leave the diagram, each told once."""
        told = (event.event_definition for event in self._workflow.get_events())
        return [raised for raised in told if isinstance(raised, Alarm)]

    def waits(self) -> list[Wait]:
        """Everything that stands still, in the order tokens were made."""
        found: list[Wait] = []
        for part in self._parts():
            for token in part.tasks.values():
                found.extend(_waits_of(token))
        return sorted(found, key=lambda wait: (wait.token, wait.choice))

    def local(self, token_number: int) -> dict[str, Any]:
        """What only this token knows: the item of a repetition."""
        return dict(self._find(token_number).data)

    def cancel(self) -> None:
        with self._numbering():
            self._workflow.cancel()

    def _parts(self) -> list[Any]:
        return [self._workflow, *self._workflow.subprocesses.values()]

    def _find(self, number: int) -> Token:
        for part in self._parts():
            if number in part.tasks:
                return part.tasks[number]
        raise KeyError(number)

    def _ready(self, number: int) -> Token:
        token = self._find(number)
        if not token.has_state(TaskState.READY):
            raise KeyError(number)
        return token

    def _leaving(self, token: Token) -> None:
        element = token.task_spec.bpmn_id
        if element and not isinstance(token.task_spec, LoopTask):
            self.passed.append(Passed(token.id, element, "done"))
            if isinstance(token.task_spec, EndEvent) and token.workflow is self._workflow:
                self.ends.append(element)

    def _wake_conditions(self, bounded: Callable[[Token], None]) -> None:
        """One at a time: what it starts may end the activity that another one watches."""
        while (found := self._condition_that_holds()) is not None:
            _fire(*found)
            self._workflow.do_engine_steps(will_complete_task=bounded)

    def _condition_that_holds(self) -> tuple[Token, int] | None:
        """(token, which of its alternatives) of the oldest."""
        for _, token in sorted(self._workflow.event_manager.tasks.items()):
            definition = token.task_spec.event_definition
            watched = getattr(definition, "event_definitions", [definition])
            for choice, one in enumerate(watched):
                if (
                    isinstance(one, Condition)
                    and token.has_state(TaskState.WAITING)
                    and one.holds(token)
                ):
                    return token, choice
        return None

    @contextlib.contextmanager
    def _numbering(self) -> Iterator[None]:
        mark = _numbers.set(self._numbers)
        try:
            yield
        finally:
            _numbers.reset(mark)

    @contextlib.contextmanager
    def _dead_ends(self) -> Iterator[None]:
        try:
            yield
        except WorkflowException as error:
            spec = getattr(error, "task_spec", None)
            raise DeadEnd(getattr(spec, "bpmn_id", None) or str(error)) from error


def _fire(token: Token, choice: int) -> None:
    """What a token awaits has come; behind an event gateway, `choice` says which of them."""
    definition = token.task_spec.event_definition
    if isinstance(definition, Alternatives):
        event = BpmnEvent(definition.event_definitions[choice])
        token._set_internal_data(seen_events=[event])
    else:
        token._set_internal_data(event_fired=True)
    token.task_spec._update(token)


def _waits_of(token: Token) -> Iterator[Wait]:
    spec = token.task_spec
    if token.has_state(TaskState.READY) and spec.manual:
        kind = "call" if isinstance(spec, CallStep) else "task"
        yield Wait(token.id, spec.bpmn_id, kind)
    elif token.has_state(TaskState.WAITING) and isinstance(spec, CatchingEvent):
        definition = spec.event_definition
        if isinstance(spec, EventBasedGateway):
            for place, one in enumerate(definition.event_definitions):
                yield _wait(token, one, place)
        elif not isinstance(definition, NoneEventDefinition):
            yield _wait(token, definition)


def _wait(token: Token, definition: Any, choice: int = -1) -> Wait:
    element = token.task_spec.bpmn_id
    if isinstance(definition, Moment):
        return Wait(token.id, element, "timer", definition.expression, choice)
    if isinstance(definition, Letter):
        return Wait(
            token.id, element, "message", definition.name, choice, broadcast=definition.broadcast
        )
    if isinstance(definition, Condition):
        return Wait(token.id, element, "condition", definition.expression, choice)
    return Wait(token.id, element, "event", type(definition).__name__, choice)
