"""A token begins to wait; the task with its due date, or the timer, that people and workers see."""

from datetime import datetime

import sqlalchemy as sa

from engine import handlers
from engine.decisions import DecisionError
from engine.errors import Conflict
from engine.expressions import compile_timer
from engine.models import Instance, Task, TaskState, Timer
from engine.moments import moment_of
from engine.spiff import Wait
from engine.step import Step


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
    step.db.add(task)
    step.db.flush()
    _set_due(step, instance, task)
    handlers.tell("task_opened", step.db, step.case, task, step.now)


def _set_due(step: Step, instance: Instance, task: Task) -> None:
    if not task.deadline:
        return
    facts = {**step.view(instance), "deadline": task.deadline, "element": task.element}
    try:
        row = step.release_of(instance).deadline(facts)
    except DecisionError as error:
        raise Conflict(f"{error.message} Rien n’a été enregistré.") from error
    if row is None:
        return
    due = handlers.ask("resolve_due", step.db, step.case, task, row, step.now)
    if due is not None:
        apply_due(step, task, due)


def apply_due(step: Step, task: Task, due: handlers.Due) -> None:
    """Write a task's due date and its timers; called again when the anchor moves."""
    task.due_at, task.remind_at, task.escalate_at = due.due_at, due.remind_at, due.escalate_at
    task.anchor, task.due_explanation = due.anchor, due.explanation
    step.db.execute(
        sa.delete(Timer).where(
            Timer.task_id == task.id, Timer.kind.in_(("reminder", "escalation"))
        )
    )
    for kind, at in (("reminder", due.remind_at), ("escalation", due.escalate_at)):
        if at is not None and at > step.now:
            step.db.add(
                Timer(
                    case_id=task.case_id,
                    task_id=task.id,
                    kind=kind,
                    element=task.element,
                    due_at=at,
                )
            )


def open_timer(step: Step, instance: Instance, wait: Wait) -> None:
    local = step.execution(instance).local(wait.token)
    value = compile_timer(wait.detail).evaluate({**step.view(instance), **local})
    # A date nobody has given yet: waking at once puts the question to a person; waiting hides it.
    due_at = step.now if value is None else moment_of(value, step.now)
    _add_timer(step, instance, wait, due_at)


def _add_timer(step: Step, instance: Instance, wait: Wait, due_at: datetime) -> None:
    step.db.add(
        Timer(
            case_id=step.case.id,
            instance_id=instance.id,
            token=wait.token,
            kind="event",
            element=wait.element,
            payload={"choice": wait.choice},
            due_at=due_at,
        )
    )
