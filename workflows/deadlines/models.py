"""What is kept of time: dated milestones, and how each open task's due date was found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, UtcDateTime


class Milestone(Base):
    """A dated fact of a case, or of one running diagram when `instance_id` is not 0."""

    __tablename__ = "milestone"

    case_id: Mapped[int] = mapped_column(
        sa.ForeignKey("case.id"), primary_key=True, autoincrement=False
    )
    instance_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    # A date typed by a person has no hour; a session does.
    has_time: Mapped[bool] = mapped_column(default=False)
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("task.id"))
    set_by: Mapped[str] = mapped_column(sa.String(40))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TaskDeadline(Base):
    """The rule an open task's due date came from, so that it can be found again."""

    __tablename__ = "task_deadline"
    __table_args__ = (sa.Index("ix_task_deadline_anchor", "case_id", "anchor"),)

    task_id: Mapped[int] = mapped_column(
        sa.ForeignKey("task.id"), primary_key=True, autoincrement=False
    )
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    anchor: Mapped[str] = mapped_column(sa.String(60))
    rule: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


class Redating(Base):
    """An open task whose due date moved because a dated fact did: what it was, what it became."""

    __tablename__ = "redating"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), index=True)
    milestone: Mapped[str] = mapped_column(sa.String(60))
    due_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_after: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
