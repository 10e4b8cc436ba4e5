"""A diagram or a whole case stops before its end; a closed case lives again."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import advance, audit, handlers
from engine.errors import Conflict, NotFound
from engine.models import CaseState, Instance, InstanceState, Message, MessageState
from engine.step import Step, stepping
from engine.suspension import go_on


def cancel_instance(
    db: Session,
    *,
    instance_id: int,
    reason: str,
    actor: str,
    now: datetime,
    leaves: bool = False,
) -> None:
    """Stop a running diagram with all it called. A called one is stopped by stopping its caller,
    or left (`leaves`): its caller then goes on, as after its end."""
    instance = db.get(Instance, instance_id)
    if instance is None:
        raise NotFound("Ce diagramme n’existe pas.")
    if instance.parent_id is not None and not leaves:
        raise Conflict("Ce diagramme est appelé par un autre\u202f: arrêtez celui qui l’appelle.")
    with stepping(db, instance.case_id, actor=actor, now=now) as step:
        if step.instance(instance_id).state != InstanceState.RUNNING:
            raise Conflict("Ce diagramme est déjà terminé.")
        stop = advance.leave if leaves else advance.cancel
        step.queue(lambda: stop(step, instance, reason))
        audit.record(
            db,
            actor=actor,
            action="instance.cancelled",
            now=now,
            case_id=instance.case_id,
            object=f"instance:{instance_id}",
        )


def close_case(
    db: Session,
    *,
    case_id: int,
    reason: str,
    actor: str,
    now: datetime,
    except_: Collection[int] = (),
) -> None:
    """Stop every diagram but `except_` (with what those call); what was kept for them expires."""
    with stepping(db, case_id, actor=actor, now=now) as step:
        running = db.scalars(
            sa.select(Instance).where(
                Instance.case_id == case_id,
                Instance.parent_id.is_(None),
                Instance.state == InstanceState.RUNNING,
            )
        ).all()
        if step.case.state == CaseState.CLOSED and not running:
            raise Conflict("Ce dossier est déjà clos.")
        if step.case.state == CaseState.SUSPENDED:
            go_on(step)  # what is spared does not stand still for ever
        spared = {step.chain(step.instance(instance_id))[-1] for instance_id in except_}

        def stop() -> None:
            for instance in running:
                if instance.id not in spared:
                    advance.cancel(step, instance, reason)
            _expire(step)
            step.case.state, step.case.closed_at = CaseState.CLOSED, now
            step.case.closed_reason = reason
            audit.record(db, actor=actor, action="case.closed", now=now, case_id=case_id)
            handlers.tell("case_closed", db, step.case, now)

        step.queue(stop)


def _expire(step: Step) -> None:
    """What nobody has awaited is told in the history: it was said, and led to nothing."""
    kept = sa.select(Message).filter_by(case_id=step.case.id, state=MessageState.KEPT)
    for message in step.db.scalars(kept.order_by(Message.id)).all():
        message.state = MessageState.EXPIRED
        audit.record(
            step.db,
            actor=step.actor,
            action="message.unawaited",
            now=step.now,
            case_id=step.case.id,
            object=f"message:{message.id}",
            detail={"message": message.name},
        )


def reopen_case(db: Session, *, case_id: int, actor: str, now: datetime) -> None:
    """A closed case lives again; what was stopped is started anew by the caller."""
    with stepping(db, case_id, actor=actor, now=now) as step:
        if step.case.state != CaseState.CLOSED:
            raise Conflict("Ce dossier n’est pas clos.")
        step.case.state, step.case.closed_at = CaseState.OPEN, None
        step.case.closed_reason = ""
        audit.record(db, actor=actor, action="case.reopened", now=now, case_id=case_id)
