"""An instance goes on until it waits; the rows people and workers ask about follow its state."""

from datetime import datetime

import sqlalchemy as sa

from engine import handlers, waits
from engine.errors import Conflict
from engine.expressions import compile_assignments
from engine.models import (
    Instance,
    InstanceState,
    Passage,
    Subscription,
    Task,
    TaskState,
    Timer,
)
from engine.spiff import Execution, Wait
from engine.step import Step, explained


def go_on(step: Step, instance: Instance) -> None:
    """Run what is automatic, then bring rows in line; an ended instance tells its caller."""
    execution = step.execution(instance)
    with explained(step.title(instance)):
        execution.run()
        reconcile(step, instance, execution)
    if execution.is_completed:
        _complete(step, instance, execution)


def start(
    step: Step,
    *,
    definition: str,
    start_event: str | None = None,
    parent: Instance | None = None,
    parent_token: int | None = None,
    key: str | None = None,
    group: str | None = None,
    reply_to: tuple[int, str] | None = None,
) -> Instance:
    """A new instance, queued to run. A called one stays on its caller's revision."""
    caller = parent or step.case
    instance = Instance(
        case_id=step.case.id,
        revision_id=caller.revision_id,
        definition=definition,
        start=start_event,
        parent_id=parent.id if parent else None,
        parent_token=parent_token,
        key=key,
        group=group,
        reply_to_id=reply_to[0] if reply_to else None,
        reply_message=reply_to[1] if reply_to else None,
        started_by=step.actor,
        started_at=step.now,
    )
    step.db.add(instance)
    step.db.flush()
    step.enter(instance, start=start_event)
    step.queue(lambda: go_on(step, instance))
    return instance


def cancel(step: Step, instance: Instance, reason: str) -> None:
    """The instance and all it called stop; nothing of them stays open."""
    if instance.state != InstanceState.RUNNING:
        return
    for child in _children(step, instance):
        cancel(step, child, "Le diagramme qui l’appelait a été interrompu.")
    for passage in _open_passages(step, instance):
        _close(step, passage, "cancelled")
    instance.state, instance.ended_at = InstanceState.CANCELLED, step.now
    instance.reason = reason
    step.forget(instance)
    _tell_ended(step, instance)


def _tell_ended(step: Step, instance: Instance) -> None:
    step.has_ended |= instance.parent_id is None
    handlers.tell("instance_ended", step.db, step.case, instance, step.now)


def reconcile(step: Step, instance: Instance, execution: Execution) -> None:
    """Close the rows of tokens that have left, open those of tokens that now wait."""
    waits = {wait.token: wait for wait in execution.waits()}
    standing = {passage.token: passage for passage in _open_passages(step, instance)}
    outcomes = {passed.token: passed for passed in execution.passed}
    for token, passage in standing.items():
        if token not in waits:
            _close(step, passage, "done" if token in outcomes else "cancelled")
    for passed in execution.passed:
        if passed.token not in standing:
            _record(step, instance, passed.token, passed.element, "passed", left_at=step.now)
    execution.passed = []
    for wait in execution.waits():
        if wait.token not in standing:
            if wait.choice <= 0:
                _record(step, instance, wait.token, wait.element, wait.kind)
            _open(step, instance, wait)
    step.db.flush()


def _complete(step: Step, instance: Instance, execution: Execution) -> None:
    instance.state, instance.ended_at = InstanceState.COMPLETED, step.now
    instance.outcome = execution.ends[-1] if execution.ends else ""
    uncaught = execution.uncaught()
    step.forget(instance)
    _tell_ended(step, instance)
    if instance.parent_id is not None:
        parent = step.instance(instance.parent_id)
        if parent.state == InstanceState.RUNNING:
            step.queue(lambda: _return(step, parent, instance, uncaught))
    elif instance.reply_to_id is not None and not _group_runs(step, instance):
        from engine import messages

        name, receiver = instance.reply_message or "", instance.reply_to_id
        step.queue(
            lambda: messages.route(
                step, name=name, sender=f"group:{instance.group}", instance_id=receiver
            )
        )


def _return(
    step: Step, parent: Instance, child: Instance, uncaught: list[tuple[str, str | None]]
) -> None:
    """A called diagram has ended: its results go to the caller, whose call is done."""
    token = child.parent_token or 0
    execution = step.execution(parent)
    for kind, code in uncaught:
        if execution.throw_in(token, kind, code):
            go_on(step, parent)
            return
    node = execution.definition.diagram.nodes[_call_element(step, parent, token)]
    names = [n.strip() for n in node.properties.get("returns", "").split(",") if n.strip()]
    seen = step.answers.view([child.id])
    step.answers.put(
        {name: seen.get(name) for name in names},
        instance_id=parent.id,
        actor=step.actor,
        now=step.now,
    )
    with explained(step.title(parent)):
        execution.complete(token)
    go_on(step, parent)


def _call_element(step: Step, parent: Instance, token: int) -> str:
    element = step.db.scalar(
        sa.select(Passage.element).where(
            Passage.instance_id == parent.id, Passage.token == token, Passage.left_at.is_(None)
        )
    )
    if element is None:
        raise Conflict("Le diagramme appelant n’attend plus celui-ci.")
    return element


def _open(step: Step, instance: Instance, wait: Wait) -> None:
    if wait.kind == "task":
        waits.open_task(step, instance, wait)
    elif wait.kind == "call":
        _open_call(step, instance, wait)
    elif wait.kind == "timer":
        waits.open_timer(step, instance, wait)
    elif wait.kind == "message":
        _open_subscription(step, instance, wait)


def _open_call(step: Step, instance: Instance, wait: Wait) -> None:
    execution = step.execution(instance)
    node = execution.definition.diagram.nodes[wait.element]
    child = start(step, definition=node.called, parent=instance, parent_token=wait.token)
    names = {**step.view(instance), **execution.local(wait.token)}
    values = compile_assignments(node.properties.get("with", "")).run(names)
    step.answers.put(values, instance_id=child.id, actor=step.actor, now=step.now)


def _open_subscription(step: Step, instance: Instance, wait: Wait) -> None:
    from engine import messages

    subscription = Subscription(
        case_id=step.case.id,
        instance_id=instance.id,
        token=wait.token,
        message=wait.detail,
        element=wait.element,
        choice=wait.choice,
        opened_at=step.now,
    )
    step.db.add(subscription)
    step.db.flush()
    step.queue(lambda: messages.take_kept(step, subscription))


def _close(step: Step, passage: Passage, outcome: str) -> None:
    passage.left_at, passage.outcome = step.now, outcome
    of_token = {"instance_id": passage.instance_id, "token": passage.token}
    if passage.kind == "task":
        _close_task(step, passage)
    elif passage.kind == "call" and outcome == "cancelled":
        for child in step.db.scalars(
            sa.select(Instance).filter_by(
                parent_id=passage.instance_id, parent_token=passage.token, state="running"
            )
        ).all():
            cancel(step, child, "L’étape qui l’appelait a été interrompue.")
    else:
        step.db.execute(sa.delete(Timer).filter_by(**of_token))
        step.db.execute(sa.delete(Subscription).filter_by(**of_token))


def _close_task(step: Step, passage: Passage) -> None:
    task = step.db.scalars(
        sa.select(Task).filter_by(instance_id=passage.instance_id, token=passage.token)
    ).one()
    if task.state == TaskState.OPEN:
        task.state, task.completed_at = TaskState.CANCELLED, step.now
    step.db.execute(sa.delete(Timer).where(Timer.task_id == task.id))
    handlers.tell("task_closed", step.db, step.case, task, step.now)


def _record(
    step: Step,
    instance: Instance,
    token: int,
    element: str,
    kind: str,
    left_at: datetime | None = None,
) -> None:
    step.db.add(
        Passage(
            case_id=step.case.id,
            instance_id=instance.id,
            element=element,
            token=token,
            kind=kind,
            entered_at=step.now,
            left_at=left_at,
            outcome="done" if left_at else "",
        )
    )


def _open_passages(step: Step, instance: Instance) -> list[Passage]:
    return list(
        step.db.scalars(
            sa.select(Passage).where(Passage.instance_id == instance.id, Passage.left_at.is_(None))
        )
    )


def _children(step: Step, instance: Instance) -> list[Instance]:
    return list(
        step.db.scalars(
            sa.select(Instance).where(
                Instance.parent_id == instance.id, Instance.state == InstanceState.RUNNING
            )
        )
    )


def _group_runs(step: Step, instance: Instance) -> bool:
    return (
        step.db.scalar(
            sa.select(Instance.id)
            .where(
                Instance.reply_to_id == instance.reply_to_id,
                Instance.group == instance.group,
                Instance.state == InstanceState.RUNNING,
            )
            .limit(1)
        )
        is not None
    )
