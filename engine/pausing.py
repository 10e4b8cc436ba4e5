"""Some diagrams of a case stand still while the others go on, then take up where they stood."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit, messages, timers
from engine.models import Instance, InstanceState
from engine.step import Step, stepping


def pause(
    db: Session, *, case_id: int, instance_ids: Collection[int], actor: str, now: datetime
) -> None:
    """Their steps are refused and their timers stand still; a message for them is kept."""
    with stepping(db, case_id, actor=actor, now=now) as step:
        for instance_id in instance_ids:
            instance = step.instance(instance_id)
            instance.paused_at = instance.paused_at or now
        _stand_still(step)
        _told(step, "instances.paused", instance_ids)


def go_on(
    db: Session,
    *,
    case_id: int,
    by: timedelta,
    actor: str,
    now: datetime,
    instance_ids: Collection[int] | None = None,
) -> list[int]:
    """What was paused goes on, all or these, its timers and due dates moved by as much."""
    with stepping(db, case_id, actor=actor, now=now) as step:
        before = set(awake(step))
        paused = [
            one
            for one in _running(step)
            if one.paused_at is not None and (instance_ids is None or one.id in instance_ids)
        ]
        for instance in paused:
            instance.paused_at = None
        if paused:
            moving = set(awake(step)) - before
            timers.shift(db, case_id=case_id, by=by, awake=before, only=moving)
        messages.offer_kept(step)
        ids = [instance.id for instance in paused]
        _told(step, "instances.resumed", ids)
    return ids


def stand_still_again(step: Step, stood: timedelta) -> None:
    """The whole case goes on after a suspension: what was paused in it stays so."""
    paused = [one for one in _running(step) if one.paused_at is not None]
    for instance in paused:
        instance.paused_at = (instance.paused_at or step.now) + stood
    if paused:
        _stand_still(step)


def _stand_still(step: Step) -> None:
    step.db.flush()
    timers.stand_still(step.db, case_id=step.case.id, awake=awake(step))


def awake(step: Step) -> list[int]:
    """The running diagrams that may go on now, with those they call."""
    return [one.id for one in _running(step) if step.is_awake(one)]


def _running(step: Step) -> list[Instance]:
    wanted = sa.select(Instance.id).filter_by(case_id=step.case.id, state=InstanceState.RUNNING)
    return [step.instance(instance_id) for instance_id in step.db.scalars(wanted).all()]


def _told(step: Step, action: str, instance_ids: Collection[int]) -> None:
    audit.record(
        step.db,
        actor=step.actor,
        action=action,
        now=step.now,
        case_id=step.case.id,
        detail={"instances": sorted(instance_ids)},
    )
