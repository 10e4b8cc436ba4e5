"""A token begins to wait; the task with its due date, or the timer, that people and workers see."""

from datetime import datetime

from engine import handlers, rows
from engine.decisions import DecisionError
from engine.errors import Conflict
from engine.expressions import compile_timer
from engine.models import Instance, Task, TaskState, Timer
from engine.moments import moment_of
from engine.spiff import Wait
from engine.step import Step

_ALARMS = ("reminder", "escalation")  # kinds of timers


def open_task(step: Step, instance: Instance, wait: Wait) -> None:
    node = step.execution(instance).definition.diagram.nodes[wait.element]
    task = Task(
        case_id=step.case.id,
        instance_id=instance.id,
        token=wait.token,
        definition=instance.definition,
        element=wait.element,
        name=" ".join(node.name.split()) or wait.element,
        lane=node.lane,
        form=node.properties.get("form", ""),
        deadline=node.properties.get("deadline", ""),
        documentation=node.text("documentation"),
        is_high_priority=node.properties.get("priority") == "high",
        state=TaskState.OPEN,
        opened_at=step.now,
    )
    due = _due(step, instance, task)
    if due is not None:
        _date(task, due)
    step.db.add(task)
    step.db.flush()
    step.know(task)
    if due is not None:
        handlers.tell("task_dated", step.db, task, due)
        _set_alarms(step, task)
    handlers.tell("task_opened", step.db, step.case, task, step.now)


def _due(step: Step, instance: Instance, task: Task) -> handlers.Due | None:
    """When it is due and whether it comes first, as the tables say of what is known now."""
    if not task.deadline:
        return None
    told = handlers.ask("deadline_facts", step.db, step.case) or {}
    facts = step.view(instance).new_child(
        {**told, "deadline": task.deadline, "element": task.element}
    )
    release = step.release_of(instance)
    try:
        row = release.deadline(facts)
        task.is_high_priority = task.is_high_priority or release.is_pressing(facts)
    except DecisionError as error:
        raise Conflict(f"{error.message} Rien n’a été enregistré.") from error
    if row is None:
        return None
    due: handlers.Due | None = handlers.ask("resolve_due", step.db, step.case, task, row, step.now)
    return due


def redate(step: Step, task: Task, due: handlers.Due) -> None:
    """The anchor of an open task has moved: its due date and its alarms move too."""
    _date(task, due)
    for kind in _ALARMS:
        rows.delete(step.db, Timer, task_id=task.id, kind=kind)
    _set_alarms(step, task)


def _date(task: Task, due: handlers.Due) -> None:
    task.due_at, task.remind_at, task.escalate_at = due.due_at, due.remind_at, due.escalate_at
    task.anchor, task.due_explanation = due.anchor, due.explanation


def _set_alarms(step: Step, task: Task) -> None:
    moments = zip(_ALARMS, (task.remind_at, task.escalate_at), strict=True)
    of_task = {"case_id": task.case_id, "task_id": task.id, "element": task.element}
    rows.add(
        step.db,
        Timer,
        [
            {**of_task, "kind": kind, "due_at": at}
            for kind, at in moments
            if at is not None and at > step.now
        ],
    )


def open_timer(step: Step, instance: Instance, wait: Wait) -> None:
    local = step.execution(instance).local(wait.token)
    value = compile_timer(wait.detail).evaluate(step.view(instance).new_child(local))
    # A date nobody has given yet: waking at once puts the question to a person; waiting hides it.
    due_at = step.now if value is None else moment_of(value, step.now)
    _add_timer(step, instance, wait, due_at)


def _add_timer(step: Step, instance: Instance, wait: Wait, due_at: datetime) -> None:
    timer = {
        "case_id": step.case.id,
        "instance_id": instance.id,
        "token": wait.token,
        "kind": "event",
        "element": wait.element,
        "payload": {"choice": wait.choice},
        "due_at": due_at,
    }
    rows.add(step.db, Timer, [timer])
