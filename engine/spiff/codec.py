"""A pruned workflow comes in, some hundred bytes go out; and back, on specs parsed once.

The first byte names the format; a state written by any earlier format keeps opening.
"""

import zlib
from itertools import count
from typing import Any

import orjson
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task as Token
from SpiffWorkflow.util.task import TaskState

FORMAT = b"1"
LARGEST = 5_000_000  # bytes unpacked; a hundred times the largest ever seen
_PASSING = {"event_fired", "seen_events"}  # worth nothing when empty


class CorruptState(ValueError):
    """The stored state cannot be opened."""


def dump(workflow: BpmnWorkflow, next_token: int) -> bytes:
    state = {
        "next": next_token,
        "top": _dump_part(workflow),
        "subs": [
            [key, part.spec.name, _dump_part(part)] for key, part in workflow.subprocesses.items()
        ],
    }
    return FORMAT + zlib.compress(orjson.dumps(state), 1)


def live(state: dict[str, Any]) -> int:
    """Tokens in it, foreseen ones included."""
    return sum(len(part["tokens"]) for part in (state["top"], *(sub[2] for sub in state["subs"])))


def next_token_of(state: dict[str, Any]) -> "count[int]":
    return count(state["next"])


def read(data: bytes) -> dict[str, Any]:
    if data[:1] != FORMAT:
        raise CorruptState(f"unknown format {data[:1]!r}")
    try:
        state = orjson.loads(_unpacked(data[1:]))
        if not isinstance(state, dict) or not {"next", "top", "subs"} <= state.keys():
            raise CorruptState("parts are missing")
        if not isinstance(state["next"], int):
            raise CorruptState("the next token has no number")
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise CorruptState(str(error)) from error
    return state


def _unpacked(packed: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(packed, LARGEST)
    if not unpacking.eof:
        raise CorruptState("it is cut off, or far too large")
    return content


def restore(
    state: dict[str, Any], spec: Any, subprocess_specs: dict[str, Any], engine: Any
) -> Any:
    workflow = BpmnWorkflow(spec, subprocess_specs, script_engine=engine, deserializing=True)
    try:
        _restore_part(workflow, state["top"])
        for key, name, part in state["subs"]:
            host = _token(workflow, key)
            sub = BpmnSubWorkflow(subprocess_specs[name], host.id, workflow, deserializing=True)
            workflow.subprocesses[host.id] = sub
            _restore_part(sub, part)
            sub.completed_event.connect(host.task_spec._on_subworkflow_completed, host)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise CorruptState(f"{type(error).__name__}: {error}") from error
    return workflow


def _token(workflow: Any, key: int) -> Token:
    for part in (workflow, *workflow.subprocesses.values()):
        if key in part.tasks:
            return part.tasks[key]
    raise KeyError(key)


def _dump_part(part: Any) -> dict[str, Any]:
    names: dict[str, int] = {}
    rows = []
    todo = [part.task_tree]
    while todo:
        token = todo.pop()
        rows.append(_dump_token(token, names))
        todo.extend(reversed(token.children))
    kept: dict[str, Any] = {"specs": list(names), "tokens": rows}
    if part.completed:
        kept["completed"] = True
    if part.last_task is not None and part.last_task.id in part.tasks:
        kept["last"] = part.last_task.id
    if part.data.get("data_objects"):
        kept["objects"] = part.data["data_objects"]
    return kept


def _dump_token(token: Token, names: dict[str, int]) -> list[Any]:
    place = names.setdefault(token.task_spec.name, len(names))
    row: list[Any] = [token.id, token._parent or 0, place, token._state]
    internal = {
        key: value for key, value in token.internal_data.items() if value or key not in _PASSING
    }
    rest = [int(token.triggered), internal or 0, token.data or 0]
    while rest and not rest[-1]:
        rest.pop()
    return row + rest


def _restore_part(part: Any, kept: dict[str, Any]) -> None:
    specs = [part.spec.task_specs[name] for name in kept["specs"]]
    for row in kept["tokens"]:
        key, parent, place, state, *rest = row
        if key in part.tasks:  # two of a name would go round for ever
            raise CorruptState(f"token {key} is there twice")
        token = Token(part, specs[place], part.tasks[parent] if parent else None, state, key)
        token.triggered = bool(rest[0]) if rest else False
        token.internal_data = (rest[1] if len(rest) > 1 else None) or {}
        token.data = (rest[2] if len(rest) > 2 else None) or {}
        if isinstance(token.task_spec, CatchingEvent) and state == TaskState.WAITING:
            part.top_workflow.event_manager.add_task(token)
    part.task_tree = part.tasks[kept["tokens"][0][0]]
    part.completed = kept.get("completed", False)
    part.last_task = part.tasks.get(kept.get("last"))
    if "objects" in kept:
        part.data["data_objects"] = kept["objects"]
