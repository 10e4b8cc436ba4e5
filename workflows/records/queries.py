"""Questions about documents: the chain of a set, the one that counts, its bytes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound
from workflows.records.models import Record, RecordStatus


def record(db: Session, record_id: int) -> Record:
    found = db.get(Record, record_id)
    if found is None:
        raise NotFound("Ce document n’existe pas.")
    return found


def records_of(db: Session, case_id: int) -> Sequence[Record]:
    """Every version of every document of a case, the newest first."""
    return db.scalars(
        sa.select(Record)
        .where(Record.case_id == case_id)
        .order_by(Record.produced_at.desc(), Record.id.desc())
    ).all()


def versions(db: Session, set_id: str) -> Sequence[Record]:
    return db.scalars(
        sa.select(Record).where(Record.set_id == set_id).order_by(Record.version)
    ).all()


def latest(db: Session, set_id: str) -> Record | None:
    return db.scalar(
        sa.select(Record).where(Record.set_id == set_id).order_by(Record.version.desc()).limit(1)
    )


def current(db: Session, *, case_id: int, kind: str) -> Record | None:
    """The version in force: approved and not replaced."""
    return db.scalar(
        sa.select(Record)
        .where(
            Record.case_id == case_id,
            Record.kind == kind,
            Record.status == RecordStatus.APPROVED,
        )
        .order_by(Record.id.desc())
        .limit(1)
    )


def replaced_by(db: Session, record_id: int) -> Record | None:
    """The version that names this one as what it replaces."""
    return db.scalar(sa.select(Record).where(Record.replaces_id == record_id))


def of_instance(db: Session, *, instance_id: int, kind: str) -> Record | None:
    return db.scalar(
        sa.select(Record)
        .where(Record.instance_id == instance_id, Record.kind == kind)
        .order_by(Record.id.desc())
        .limit(1)
    )
