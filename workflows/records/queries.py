"""Questions about documents: the chain of a set, the one that counts, its bytes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import blobs
from engine.errors import NotFound
from workflows.records.models import Record, RecordStatus, Rendition


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


def latest_approved(db: Session, set_id: str, *, before: int | None = None) -> Record | None:
    """The last version that somebody approved, in force or since replaced."""
    query = sa.select(Record).where(Record.set_id == set_id, Record.approved_at.is_not(None))
    if before is not None:
        query = query.where(Record.version < before)
    return db.scalar(query.order_by(Record.version.desc()).limit(1))


def replaced_by(db: Session, record_id: int) -> Record | None:
    """What took its place: the next approved version, or for a draft simply the next one.

    An approved version stays in force while drafts of the next one come and go.
    """
    this = record(db, record_id)
    later = sa.select(Record).where(Record.set_id == this.set_id, Record.version > this.version)
    if this.approved_at is not None:
        later = later.where(Record.approved_at.is_not(None))
    return db.scalar(later.order_by(Record.version).limit(1))


def pdf_of(db: Session, record_id: int) -> bytes | None:
    """The version as it stands now; None for the few seconds before it is laid out.

    Meanwhile an older state is not shown: a draft must not pass for the approved version.
    """
    this = record(db, record_id)
    found = rendition(db, record_id, this.status)
    return blobs.fetch(db, found.pdf_hash) if found else None


def rendition(db: Session, record_id: int, status: str) -> Rendition | None:
    return db.scalar(sa.select(Rendition).filter_by(record_id=record_id, status=status))


def renditions(db: Session, record_id: int) -> Sequence[Rendition]:
    """Every state that was laid out, the first first."""
    return db.scalars(
        sa.select(Rendition).where(Rendition.record_id == record_id).order_by(Rendition.id)
    ).all()


def of_instance(db: Session, *, instance_id: int, kind: str) -> Record | None:
    return db.scalar(
        sa.select(Record)
        .where(Record.instance_id == instance_id, Record.kind == kind)
        .order_by(Record.id.desc())
        .limit(1)
    )
