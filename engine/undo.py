"""The last step of a case comes back: for some seconds, and only while nothing later acted on it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import audit, rows
from engine.db import Base, UtcDateTime
from engine.errors import Conflict
from engine.journal import journal, put_back
from engine.models import Case, Job

SETTLED = "settled"  # in `Session.info`: what happens here is long past, nobody takes it back
GRACE = timedelta(seconds=12)  # ten on the screen, and the time to click


class UndoPoint(Base):
    """What the last step of a case found; one a case, the next step overwrites it."""

    __tablename__ = "undo_point"

    case_id: Mapped[int] = mapped_column(
        sa.ForeignKey("case.id"), primary_key=True, autoincrement=False
    )
    version: Mapped[int]  # of the case, after the step
    actor: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(200))
    until_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rows: Mapped[list[Any]] = mapped_column(sa.JSON)


@contextmanager
def undoable(
    db: Session, *, case_id: int, name: str, actor: str, now: datetime, never: Collection[str] = ()
) -> Iterator[None]:
    """The step done inside may be taken back, unless it touched a table of `never`.

    What it asked to be done afterwards waits until nobody can take it back any more.
    """
    if db.info.get(SETTLED):
        yield
        return
    with journal(db) as kept:
        yield
    if kept.tables & set(never):
        return
    jobs = [key[0] for (table, key), row in kept.before.items() if table == "job" and row is None]
    for job in db.scalars(sa.select(Job).where(Job.id.in_(jobs))) if jobs else ():
        job.due_at = max(job.due_at, now + GRACE)
    point = {
        "case_id": case_id,
        "version": db.get_one(Case, case_id).version,
        "actor": actor,
        "name": name[:200],
        "until_at": now + GRACE,
        "rows": kept.as_json(),
    }
    db.flush()
    rows.put(db, UndoPoint, [point])


def can_take_back(db: Session, *, case_id: int, actor: str, now: datetime) -> UndoPoint | None:
    """The step this person may still take back."""
    point = db.get(UndoPoint, case_id)
    case = db.get(Case, case_id)
    if point is None or case is None or (point.actor, point.version) != (actor, case.version):
        return None
    return point if now <= point.until_at else None


def take_back(db: Session, *, case_id: int, actor: str, now: datetime) -> str:
    """Put the case back as the step found it; the answer is the step's name."""
    case = db.get(Case, case_id, with_for_update=True, populate_existing=True)
    point = can_take_back(db, case_id=case_id, actor=actor, now=now)
    if case is None or point is None:
        raise Conflict(
            "Cette étape ne peut plus être annulée\u202f: le délai est passé, ou le dossier a "
            "avancé depuis. Corrigez-la depuis le dossier."
        )
    name = point.name
    put_back(db, point.rows)
    db.delete(db.get_one(UndoPoint, case_id))
    case = db.get_one(Case, case_id)
    sa.orm.attributes.flag_modified(case, "state")  # a new version: nobody else's page still fits
    db.flush()
    audit.record(db, actor=actor, action="step.taken_back", now=now, case_id=case_id)
    return name
