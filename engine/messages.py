"""A message comes in; it starts diagrams, wakes one token that awaits it, or is kept until one does."""

from functools import partial
from typing import Any

import sqlalchemy as sa

from engine import advance
from engine.errors import Conflict
from engine.models import Instance, InstanceState, Message, MessageState, Subscription
from engine.step import Step, explained


def route(
    step: Step,
    *,
    name: str,
    sender: str,
    payload: dict[str, Any] | None = None,
    instance_id: int | None = None,
    key: str | None = None,
    broadcast: bool = False,
) -> Message:
    """Deliver to one instance (named, or the one that has waited longest), start, or keep."""
    message = Message(
        case_id=step.case.id,
        name=name,
        key=key,
        instance_id=instance_id,
        payload=payload or {},
        state=MessageState.KEPT,
        sent_by=step.actor,
        sent_at=step.now,
    )
    step.db.add(message)
    step.db.flush()
    if name in step.release.starts:
        _start(step, message)
        return message
    waiting = [one for one in _subscriptions(step, message) if _may_take(step, one)]
    for subscription in waiting if broadcast else waiting[:1]:
        _deliver(step, message, subscription)
    if not waiting and broadcast:
        message.state = MessageState.EXPIRED  # a signal nobody hears is gone
    elif not waiting and name in step.release.not_kept:
        raise Conflict(
            f"Rien n’attend «\u202f{name}\u202f» dans ce dossier en ce moment\u202f: "
            "rechargez la page pour voir où il en est."
        )
    return message


def take_kept(step: Step, subscription: Subscription) -> None:
    """A token has just begun to wait: hand it the oldest message kept for it."""
    if sa.inspect(subscription).detached or subscription not in step.db:
        return
    kept = step.db.scalar(
        sa.select(Message)
        .where(
            Message.case_id == step.case.id,
            Message.name == subscription.message,
            Message.state == MessageState.KEPT,
            sa.or_(Message.instance_id.is_(None), Message.instance_id == subscription.instance_id),
        )
        .order_by(Message.id)
        .limit(1)
    )
    if kept is not None:
        _deliver(step, kept, subscription)


def offer_kept(step: Step) -> None:
    """The case goes on: what came while it stood still goes to those that wait for it."""
    waiting = sa.select(Subscription).filter_by(case_id=step.case.id).order_by(Subscription.id)
    for subscription in step.db.scalars(waiting).all():
        step.queue(partial(take_kept, step, subscription))


def _may_take(step: Step, subscription: Subscription) -> bool:
    return step.is_awake(step.instance(subscription.instance_id))


def _start(step: Step, message: Message) -> None:
    definition, start_event = step.release.starts[message.name]
    if definition in step.release.single and (running := _running(step, definition)):
        _delivered(step, message, f"instance:{running}")  # it is being dealt with already
        return
    instance = advance.start(step, definition=definition, start_event=start_event)
    _put(step, message, instance.id)
    _delivered(step, message, f"instance:{instance.id}")


def _deliver(step: Step, message: Message, subscription: Subscription) -> None:
    instance = step.instance(subscription.instance_id)
    if instance.state != InstanceState.RUNNING:
        return
    _put(step, message, instance.id)
    _delivered(step, message, f"instance:{instance.id}:{subscription.element}")
    token, choice = subscription.token, subscription.choice
    step.db.delete(subscription)
    step.db.flush()

    def wake() -> None:
        with explained(step.title(instance)):
            step.execution(instance).wake(token, choice)
        advance.go_on(step, instance)

    step.queue(wake)


def _running(step: Step, definition: str) -> int | None:
    return step.db.scalar(
        sa.select(Instance.id).filter_by(
            case_id=step.case.id, definition=definition, state=InstanceState.RUNNING
        )
    )


def _put(step: Step, message: Message, instance_id: int) -> None:
    step.answers.put(message.payload, instance_id=instance_id, actor=step.actor, now=step.now)


def _delivered(step: Step, message: Message, to: str) -> None:
    message.state, message.delivered_at = MessageState.DELIVERED, step.now
    message.delivered_to = to


def _subscriptions(step: Step, message: Message) -> list[Subscription]:
    wanted = sa.select(Subscription).where(
        Subscription.case_id == step.case.id, Subscription.message == message.name
    )
    if message.instance_id is not None:
        wanted = wanted.where(Subscription.instance_id == message.instance_id)
    return list(step.db.scalars(wanted.order_by(Subscription.id)))
