"""An error or an escalation goes up from where it is raised to the nearest border that catches it.

BPMN 2.0 §10.5.1, §10.5.6: it leaves activity after activity; an interrupting border ends its host
with all that runs in it. The library looks at any border of the scope, its host open or not.
"""

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.task import Task as Token
from SpiffWorkflow.util.task import TaskState


class Alarm(EventDefinition):
    """What is raised, and what a border catches: any of its kind when the border names no code."""

    def __init__(self, *, is_error: bool, code: str | None) -> None:
        super().__init__(code)
        self.is_error = is_error
        self.code = code

    def throw(self, token: Token) -> None:
        top = token.workflow.top_workflow
        if not caught(_host(token.workflow), self):
            top.bpmn_events.append(BpmnEvent(self))

    def fits(self, raised: "Alarm") -> bool:
        return self.is_error == raised.is_error and self.code in (None, raised.code)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None  # type: ignore[assignment]  # equal is not enough to stand in a set


def caught(activity: Token | None, alarm: Alarm) -> bool:
    """Whether a border of this activity, or of one around it, catches the alarm: it is woken."""
    while activity is not None:
        for border in borders(activity):
            definition = border.task_spec.event_definition
            if isinstance(definition, Alarm) and definition.fits(alarm):
                _break_in(border)
                return True
        activity = _host(activity.workflow)
    return False


def borders(activity: Token) -> Iterator[Token]:
    """The boundary events that listen beside an activity, also beside one of its repetitions."""
    while isinstance(activity.parent.task_spec, LoopTask):
        activity = activity.parent
    if isinstance(activity.parent.task_spec, BoundaryEventSplit):
        for sibling in activity.parent.children:
            if isinstance(sibling.task_spec, BoundaryEvent) and sibling.has_state(
                TaskState.WAITING
            ):
                yield sibling


def again(border: Token) -> None:
    """What does not interrupt may come several times while its host is open (table 10.90)."""
    spec = border.task_spec
    twin = border.parent._add_child(spec, TaskState.WAITING)
    spec._predict(twin, mask=TaskState.NOT_FINISHED_MASK)  # or nothing would follow it
    spec._update(twin)


def stop(token: Token) -> None:
    """End an activity with everything in it: repetitions, sub-processes, what they await.

    Nothing is taken out of the tree: the library may be walking it, and pruning follows.
    """
    top = token.workflow.top_workflow
    inner = top.subprocesses.get(token.id)
    if inner is not None:
        stop(inner.task_tree)
    for child in token.children:
        stop(child)
    if not token.has_state(TaskState.FINISHED_MASK):
        token._set_state(TaskState.CANCELLED)
        top.event_manager.remove_task(token)


def _break_in(border: Token) -> None:
    if border.task_spec.cancel_activity:
        for sibling in border.parent.children:
            if not isinstance(sibling.task_spec, BoundaryEvent):
                stop(sibling)
    else:
        again(border)
    border._set_internal_data(event_fired=True)
    border.task_spec._update(border)


def _host(workflow: Any) -> Token | None:
    """The activity of which this is the inside; None for a whole diagram."""
    key = workflow.parent_task_id
    return None if key is None else workflow.top_workflow.get_task_from_id(key)
