"""A workflow with finished history comes in; only what can still matter stays in it.

Finished branches are told by rows. Cutting them keeps the state small and a step's cost flat,
whatever the length of the case.
"""

from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.task import Task as Token
from SpiffWorkflow.util.task import TaskState


def prune(workflow: Any) -> None:
    """Drop finished sub-processes, then cut finished tokens out of every tree."""
    while _drop_finished_subprocess(workflow):
        pass
    for part in (workflow, *workflow.subprocesses.values()):
        _cut(part)
    waiting = workflow.event_manager.tasks
    alive = {id(token) for part in _parts(workflow) for token in part.tasks.values()}
    for key in [key for key, token in waiting.items() if id(token) not in alive]:
        del waiting[key]


def _parts(workflow: Any) -> list[Any]:
    return [workflow, *workflow.subprocesses.values()]


def _drop_finished_subprocess(workflow: Any) -> bool:
    """Finished, interrupted, or left without a host: nothing of it stays behind."""
    hosts = {id_: token for part in _parts(workflow) for id_, token in part.tasks.items()}
    for key in list(workflow.subprocesses):
        host = hosts.get(key)
        if host is None or host.has_state(TaskState.FINISHED_MASK):
            del workflow.subprocesses[key]
            return True
    return False


def _cut(part: Any) -> None:
    keep_last = part.last_task
    for token in list(_deepest_first(part.task_tree)):
        if token is part.task_tree or not token.has_state(TaskState.FINISHED_MASK):
            continue
        children = token.children
        if any(not child.has_state(TaskState.FINISHED_MASK) for child in children):
            continue
        if _host_still_asks(token):
            continue
        if token is keep_last and part.completed:
            continue
        _splice(part, token, children)
    if part.last_task is not None and part.last_task.id not in part.tasks:
        part.last_task = None


def _host_still_asks(token: Token) -> bool:
    """An open loop counts its children; an open task with boundary events knows them by place."""
    parent = token.parent
    if not parent.has_state(TaskState.FINISHED_MASK):
        return True
    if isinstance(parent.task_spec, BoundaryEventSplit):
        return any(
            not isinstance(sibling.task_spec, BoundaryEvent)
            and not sibling.has_state(TaskState.FINISHED_MASK)
            for sibling in parent.children
        )
    return False


def _splice(part: Any, token: Token, children: list[Token]) -> None:
    parent = token.parent
    place = parent._children.index(token.id)
    parent._children[place : place + 1] = [child.id for child in children]
    for child in children:
        child._parent = parent.id
    del part.tasks[token.id]


def _deepest_first(root: Token) -> list[Token]:
    found: list[Token] = []
    todo = [root]
    while todo:
        token = todo.pop()
        found.append(token)
        todo.extend(token.children)
    return found[::-1]
