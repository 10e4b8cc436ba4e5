"""What is kept of a revision being prepared: a draft, and only what it changes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, UtcDateTime


class Draft(Base):
    """Changes to one revision, until they are published or discarded."""

    __tablename__ = "draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    base_revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    state: Mapped[str] = mapped_column(sa.String(12), default="open")  # open published discarded
    started_by: Mapped[str] = mapped_column(sa.String(40))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"))


class DraftArtifact(Base):
    """One file as the draft wants it; no content means: removed."""

    __tablename__ = "draft_artifact"
    __table_args__ = (sa.UniqueConstraint("draft_id", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(sa.ForeignKey("draft.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(100))
    content: Mapped[bytes | None]
    changed_by: Mapped[str] = mapped_column(sa.String(40))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
