"""An instance goes on until it waits; the rows people and workers ask about follow its state."""

import sqlalchemy as sa

from engine import handlers, rows, waits
from engine.errors import Conflict
from engine.expressions import compile_assignments
from engine.models import (
    Instance,
    InstanceState,
    Subscription,
    TaskState,
    Timer,
)
from engine.spiff import Alarm, Execution, Wait
from engine.step import Step, explained
from engine.trace import Stay


def go_on(step: Step, instance: Instance) -> None:
    """Run what is automatic, then bring rows in line; an ended instance tells its caller."""
    execution = step.execution(instance)
    with explained(step.title(instance)):
        execution.run()
        step.spend(len(execution.passed))
        reconcile(step, instance, execution)
    for raised in execution.uncaught():
        if instance.state == InstanceState.RUNNING:
            _raise(step, instance, raised)
    if execution.is_completed and instance.state == InstanceState.RUNNING:
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
    step.trace.begin(instance.id)
    step.answers.begin(instance.id)
    step.enter(instance, start=start_event)
    step.queue(lambda: go_on(step, instance))
    return instance


def cancel(step: Step, instance: Instance, reason: str) -> None:
    """The instance and all it called stop; nothing of them stays open."""
    if instance.state != InstanceState.RUNNING:
        return
    for child in _children(step, instance):
        cancel(step, child, "Le diagramme qui l’appelait a été interrompu.")
    for stay in list(step.trace.standing(instance.id).values()):
        _close(step, stay, "cancelled")
    instance.state, instance.ended_at = InstanceState.CANCELLED, step.now
    instance.reason = reason
    step.forget(instance)
    _tell_ended(step, instance)


def leave(step: Step, instance: Instance, reason: str, *, token: int | None = None) -> None:
    """The diagram is left, at this token if any; whoever called it goes on as after its end."""
    standing = step.trace.standing(instance.id)
    if token is not None and token in standing:
        _close(step, standing[token], "done")
    cancel(step, instance, reason)
    _tell_caller(step, instance)


def _tell_ended(step: Step, instance: Instance) -> None:
    step.has_ended |= instance.parent_id is None
    handlers.tell("instance_ended", step.db, step.case, instance, step.now)


def reconcile(step: Step, instance: Instance, execution: Execution) -> None:
    """Close the rows of tokens that have left, open those of tokens that now wait."""
    waits = {wait.token: wait for wait in execution.waits()}
    standing = dict(step.trace.standing(instance.id))
    outcomes = {passed.token: passed for passed in execution.passed}
    for token, stay in standing.items():
        if token not in waits:
            _close(step, stay, "done" if token in outcomes else "cancelled")
    for passed in execution.passed:
        if passed.token not in standing:
            step.trace.pass_through(instance.id, passed.token, passed.element)
    execution.passed = []
    for wait in sorted(execution.waits(), key=_calls_first):
        if wait.token not in standing:
            if wait.choice <= 0:
                step.trace.enter(instance.id, wait.token, wait.element, wait.kind)
            _open(step, instance, wait)


def _calls_first(wait: Wait) -> bool:
    """A called diagram goes as far as it can before a kept message is heard at its border."""
    return wait.kind != "call"


def _complete(step: Step, instance: Instance, execution: Execution) -> None:
    instance.state, instance.ended_at = InstanceState.COMPLETED, step.now
    instance.outcome = execution.ends[-1] if execution.ends else ""
    step.forget(instance)
    _tell_ended(step, instance)
    _tell_caller(step, instance)


def _tell_caller(step: Step, instance: Instance) -> None:
    """A caller waits for its results; of a group, the last one to end tells who waits for it."""
    if instance.parent_id is not None:
        parent = step.instance(instance.parent_id)
        if parent.state == InstanceState.RUNNING:
            step.queue(lambda: _return(step, parent, instance))
    elif instance.reply_to_id is not None and not _group_runs(step, instance):
        from engine import messages

        name, receiver = instance.reply_message or "", instance.reply_to_id
        step.queue(
            lambda: messages.route(
                step, name=name, sender=f"group:{instance.group}", instance_id=receiver
            )
        )


def _raise(step: Step, instance: Instance, raised: Alarm) -> None:
    """What leaves a called diagram is caught where it is called, or further up."""
    child = instance
    while child.parent_id is not None:
        parent = step.instance(child.parent_id)
        if step.execution(parent).alarm(child.parent_token or 0, raised):
            go_on(step, parent)
            return
        child = parent
    if raised.is_error:
        raise Conflict(
            f"Le diagramme «\u202f{step.title(instance)}\u202f» signale une erreur "
            f"«\u202f{raised.code or ''}\u202f» que rien ne rattrape. Rien n’a été enregistré\u202f; "
            "prévenez le qualiticien."
        )


def _return(step: Step, parent: Instance, child: Instance) -> None:
    """A called diagram has ended: its results go to the caller, whose call is done."""
    token = child.parent_token or 0
    execution = step.execution(parent)
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
    stay = step.trace.standing(parent.id).get(token)
    if stay is None:
        raise Conflict("Le diagramme appelant n’attend plus celui-ci.")
    return stay.element


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
    names = step.view(instance).new_child(execution.local(wait.token))
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


def _close(step: Step, stay: Stay, outcome: str) -> None:
    step.trace.leave(stay, outcome)
    of_token = {"instance_id": stay.instance_id, "token": stay.token}
    if stay.kind == "task":
        _close_task(step, stay)
    elif stay.kind == "call" and outcome == "cancelled":
        for child in step.db.scalars(
            sa.select(Instance).filter_by(
                parent_id=stay.instance_id, parent_token=stay.token, state="running"
            )
        ).all():
            cancel(step, child, "L’étape qui l’appelait a été interrompue.")
    elif stay.kind != "call":
        rows.delete(step.db, Timer, **of_token)
        _stop_listening(step, of_token)


def _stop_listening(step: Step, of_token: dict[str, int]) -> None:
    """Past the session, which is then told: who holds one sees that it no longer counts."""
    rows.delete(step.db, Subscription, **of_token)
    for held in list(step.db.identity_map.values()):
        if isinstance(held, Subscription) and of_token == {
            "instance_id": held.instance_id,
            "token": held.token,
        }:
            step.db.expunge(held)


def _close_task(step: Step, stay: Stay) -> None:
    task = step.task(stay.instance_id, stay.token)
    if task.state == TaskState.OPEN:
        task.state, task.completed_at = TaskState.CANCELLED, step.now
    rows.delete(step.db, Timer, task_id=task.id)
    handlers.tell("task_closed", step.db, step.case, task, step.now)


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
