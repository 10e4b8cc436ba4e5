"""What is kept beside the engine's case: whose it is, who follows it, who is offered its tasks."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.db import Base, Held, UtcDateTime
from workflows.patients.models import Patient
from workflows.sorting import SORTED_TEXT
from workflows.staff.models import Unit, User


class Episode(Held, Base):
    """The engine's case as the ward knows it: one tumour episode of one patient, in one unit."""

    __tablename__ = "episode"

    case_id: Mapped[int] = mapped_column(
        sa.ForeignKey("case.id"), primary_key=True, autoincrement=False
    )
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    establishment_id: Mapped[int] = mapped_column(sa.ForeignKey("establishment.id"))
    organ: Mapped[str] = mapped_column(sa.String(40), default="")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)

    patient: Mapped[Patient] = relationship()
    unit: Mapped[Unit] = relationship()


class CareTeamMember(Base):
    """A person designated for a role in one case; the row stays when the person leaves."""

    __tablename__ = "care_team_member"
    __table_args__ = (
        sa.Index(
            "uq_care_team_current",
            "case_id",
            "role",
            unique=True,
            sqlite_where=sa.text("until_at IS NULL"),
            postgresql_where=sa.text("until_at IS NULL"),
        ),
        sa.Index("ix_care_team_user", "user_id", "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    role: Mapped[str] = mapped_column(sa.String(40))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class TaskOffer(Base):
    """An open task shown to one audience; repeats what lists filter, sort and count by."""

    __tablename__ = "task_offer"
    __table_args__ = (
        sa.Index("ix_task_offer_task", "task_id"),
        sa.Index("ix_task_offer_case", "case_id"),
        sa.Index("ix_task_offer_name", "audience_id", "name_key", "task_id"),
        {"sqlite_with_rowid": False},
    )

    audience_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    task_id: Mapped[int] = mapped_column(
        sa.ForeignKey("task.id"), primary_key=True, autoincrement=False
    )
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    name_key: Mapped[str] = mapped_column(SORTED_TEXT)
    form: Mapped[str] = mapped_column(sa.String(80))
    phase: Mapped[str] = mapped_column(sa.String(80))
    is_high_priority: Mapped[bool] = mapped_column(default=False)
    assignee_id: Mapped[int | None]  # who has taken it, or was given it
    holder_id: Mapped[int | None]  # the same, else the one person designated for it
    establishment_id: Mapped[int]
    rcp_id: Mapped[int | None]
    organ: Mapped[str] = mapped_column(sa.String(40), default="")
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hold: Mapped[str] = mapped_column(sa.String(10), default="")  # of its TaskHold, if any
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Hold(StrEnum):
    """Why an open task is left alone for now."""

    POSTPONED = "postponed"  # it could be done: somebody chose a later day
    BLOCKED = "blocked"  # it can't be done: something is missing


class TaskHold(Base):
    """« Reporter », « Bloquer »: a reason and a day to come back to it. The due date stays."""

    __tablename__ = "task_hold"

    task_id: Mapped[int] = mapped_column(
        sa.ForeignKey("task.id"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(sa.String(10))
    reason: Mapped[str] = mapped_column(sa.String(200))
    until_date: Mapped[date] = mapped_column(sa.Date)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class CaseAccess(Base):
    """A scope that may read a case: its unit, an RCP it was brought to, a person."""

    __tablename__ = "case_access"
    __table_args__ = (
        sa.Index("ix_case_access_case", "case_id", "scope_id"),
        {"sqlite_with_rowid": False},
    )

    scope_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    name_key: Mapped[str] = mapped_column(SORTED_TEXT, primary_key=True)
    case_id: Mapped[int] = mapped_column(
        sa.ForeignKey("case.id"), primary_key=True, autoincrement=False
    )
    # A second row carries the used name: found by a search, absent from the list.
    is_listed: Mapped[bool] = mapped_column(default=True)


class FormerTeam(Base):
    """A unit that followed a case until then: it keeps the reading of what it did, nothing more."""

    __tablename__ = "former_team"
    __table_args__ = (
        sa.Index("ix_former_team_case", "case_id"),
        sa.Index("ix_former_team_unit", "unit_id", "until_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    until_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TaskDraft(Base):
    """What was typed and not yet validated; one per task, shared by its audience."""

    __tablename__ = "task_draft"

    task_id: Mapped[int] = mapped_column(
        sa.ForeignKey("task.id"), primary_key=True, autoincrement=False
    )
    values: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class Comment(Base):
    """A note between colleagues, on a case or on one of its tasks."""

    __tablename__ = "comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("task.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()
