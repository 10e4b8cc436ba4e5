"""Diagrams are stopped so that they can come back, days later, as they stood: a death by mistake.

Unlike the undo of a step, what happened since stays; only what was stopped is put back.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from engine import advance, audit
from engine.db import Base, UtcDateTime
from engine.errors import Conflict
from engine.journal import journal, put_back
from engine.models import Case, Instance, InstanceState
from engine.step import Step, stepping, under_way


class Reversal(Base):
    """What one stop found: the rows as they were just before."""

    __tablename__ = "reversal"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(40))
    rows: Mapped[list[Any]] = mapped_column(sa.JSON)
    stopped_at: Mapped[datetime] = mapped_column(UtcDateTime)


def stop(
    db: Session,
    *,
    case_id: int,
    instance_ids: Collection[int],
    name: str,
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """Stop these diagrams and what they called; `bring_back` of the same name undoes it."""
    with stepping(db, case_id, actor=actor, now=now) as step:
        step.queue(lambda: _stop(step, instance_ids, name, reason))


def bring_back(db: Session, *, case_id: int, name: str, actor: str, now: datetime) -> int:
    """All that was stopped under this name, the last first; how many stops were undone."""
    case = db.get(Case, case_id, with_for_update=True, populate_existing=True)
    wanted = sa.select(Reversal).filter_by(case_id=case_id, name=name)
    found = db.scalars(wanted.order_by(Reversal.id.desc())).all()
    if case is None or under_way(db, case_id) is not None:
        raise Conflict("Ce dossier est en cours de modification\u202f: réessayez.")
    for kept in found:
        rows = kept.rows
        db.delete(kept)
        db.flush()
        put_back(db, rows)
    case = db.get_one(Case, case_id)
    flag_modified(case, "state")  # a new version: nobody else's page still fits
    db.flush()
    audit.record(db, actor=actor, action="case.brought_back", now=now, case_id=case_id)
    return len(found)


def _stop(step: Step, instance_ids: Collection[int], name: str, reason: str) -> None:
    wanted = [step.instance(instance_id) for instance_id in instance_ids]
    running = [one for one in wanted if one.state == InstanceState.RUNNING]
    if not running:
        return
    step.settle()
    with journal(step.db) as kept:
        for instance in running:
            advance.cancel(step, instance, reason)
        step.settle()
    step.db.add(
        Reversal(case_id=step.case.id, name=name, rows=kept.as_json(), stopped_at=step.now)
    )
    _told(step, running)


def _told(step: Step, stopped: list[Instance]) -> None:
    audit.record(
        step.db,
        actor=step.actor,
        action="instances.stopped",
        now=step.now,
        case_id=step.case.id,
        detail={"instances": [instance.id for instance in stopped]},
    )
