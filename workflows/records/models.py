"""What is kept of a document: its version in a chain, the frozen context, who approved and gave it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, UtcDateTime


class RecordKind(StrEnum):
    RCP_SHEET = "rcp_sheet"
    PPS = "pps"
    PPAC = "ppac"


class RecordStatus(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"  # locked: a correction is a new version
    REPLACED = "replaced"


KIND_LABELS: dict[str, str] = {
    RecordKind.RCP_SHEET: "Fiche de RCP",
    RecordKind.PPS: "Programme personnalisé de soins",
    RecordKind.PPAC: "Programme personnalisé de l’après-cancer",
}

STATUS_LABELS: dict[str, str] = {
    RecordStatus.DRAFT: "Brouillon",
    RecordStatus.APPROVED: "Validé",
    RecordStatus.REPLACED: "Remplacé",
}


class Record(Base):
    """One version of one document; versions of a set form a chain and are never overwritten."""

    __tablename__ = "record"
    __table_args__ = (sa.UniqueConstraint("set_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(index=True)
    instance_id: Mapped[int] = mapped_column(index=True)
    revision_id: Mapped[int]  # whose templates lay it out, even if the case moves on
    kind: Mapped[str] = mapped_column(sa.String(12))
    set_id: Mapped[str] = mapped_column(sa.String(64))
    version: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.String(200))
    status: Mapped[str] = mapped_column(sa.String(10), default=RecordStatus.DRAFT)
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("record.id"))
    update_reason: Mapped[str | None] = mapped_column(sa.String(40))
    context: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    pdf_hash: Mapped[str | None] = mapped_column(sa.String(64))  # the latest rendition
    produced_by: Mapped[str] = mapped_column(sa.String(40))
    produced_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(sa.String(40))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Given to the patient: a date and a person, or it was not given (invariant 5).
    handed_over_date: Mapped[date | None]
    handed_over_by: Mapped[str | None] = mapped_column(sa.String(120))
    handover_mode: Mapped[str | None] = mapped_column(sa.String(40))
    # Offered, and not wanted: traced, and never counted as handed over.
    refused_date: Mapped[date | None]
    refused_with: Mapped[str | None] = mapped_column(sa.String(120))
    refusal_reason: Mapped[str | None] = mapped_column(sa.String(300))
    distributed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Rendition(Base):
    """The bytes of a version as it stood: a draft, then approved, then replaced; all are kept."""

    __tablename__ = "rendition"
    __table_args__ = (sa.UniqueConstraint("record_id", "status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("record.id"))
    status: Mapped[str] = mapped_column(sa.String(10))
    pdf_hash: Mapped[str] = mapped_column(sa.String(64))
    rendered_at: Mapped[datetime] = mapped_column(UtcDateTime)
