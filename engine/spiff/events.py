"""Our event definitions: a token waits in the state, and only a row of ours wakes it."""

from typing import Any

from SpiffWorkflow.bpmn.specs.data_spec import TaskDataReference
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    ErrorEventDefinition,
    EscalationEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.task import Task as Token

from engine.expressions import ExpressionError
from engine.spiff.alarms import Alarm
from engine.spiff.environment import MOST_INSTANCES


class Moment(EventDefinition):
    """A timer. The library compares with the wall clock; here a row of ours fires it."""

    def __init__(self, expression: str) -> None:
        super().__init__()
        self.expression = expression

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None  # type: ignore[assignment]  # equal is not enough to stand in a set


class Letter(EventDefinition):
    """A message (one reader) or a signal (all of them), thrown to and delivered by our rows."""

    def __init__(self, name: str, *, broadcast: bool = False) -> None:
        super().__init__(name)
        self.broadcast = broadcast

    def throw(self, token: Token) -> None:
        world = token.workflow.script_engine.world
        world.throw(self.name, token.task_spec.bpmn_id, broadcast=self.broadcast)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Letter) and other.name == self.name

    __hash__ = None  # type: ignore[assignment]  # equal is not enough to stand in a set


class Condition(EventDefinition):
    """Looked at when the instance is at rest, never between two of its steps: an activity that the
    same answer completes takes its border with it."""

    def __init__(self, expression: str) -> None:
        super().__init__()
        self.expression = expression

    def holds(self, token: Token) -> bool:
        return bool(token.workflow.script_engine.evaluate(token, self.expression))

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None  # type: ignore[assignment]  # equal is not enough to stand in a set


class Alternatives(MultipleEventDefinition):
    """What an event-based gateway awaits: the first to come decides."""

    def has_fired(self, token: Token) -> bool:
        return bool(token.internal_data.get("seen_events"))


class Reference(TaskDataReference):
    """The collection a multi-instance activity runs over, read from our data."""

    def get(self, token: Token) -> Any:
        rows = token.workflow.script_engine.world.evaluate(self.bpmn_id, token.data) or []
        if not isinstance(rows, list):
            raise ExpressionError(f"«\u202f{self.bpmn_id}\u202f» n’est pas une liste à parcourir.")
        if len(rows) > MOST_INSTANCES:
            raise ExpressionError(
                f"La liste «\u202f{self.bpmn_id}\u202f» a {len(rows)} lignes\u202f: une répétition "
                f"en compte au plus {MOST_INSTANCES}."
            )
        return rows

    def exists(self, token: Token) -> bool:
        return True


def ours(definition: EventDefinition) -> EventDefinition:
    """Our own version of one of the library's event definitions."""
    if isinstance(definition, MultipleEventDefinition):
        inner = [ours(one) for one in definition.event_definitions]
        return Alternatives(inner, definition.parallel)
    if isinstance(definition, CycleTimerEventDefinition):
        raise ValueError("Une minuterie répétée (cycle) n’est pas prise en charge.")
    if isinstance(definition, TimerEventDefinition):
        return Moment((definition.expression or "").strip())
    if isinstance(definition, MessageEventDefinition):
        return Letter(definition.name)
    if isinstance(definition, SignalEventDefinition):
        return Letter(definition.name, broadcast=True)
    if isinstance(definition, ConditionalEventDefinition):
        return Condition((definition.expression or "").strip())
    if isinstance(definition, (ErrorEventDefinition, EscalationEventDefinition)):
        is_error = isinstance(definition, ErrorEventDefinition)
        return Alarm(is_error=is_error, code=definition.code)
    return definition
