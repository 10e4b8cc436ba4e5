"""What is kept of a patient: identity traits, INS, what every screen must show, and how they changed."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.db import Base, Held, UtcDateTime
from workflows.patients.ins import InsStatus
from workflows.sorting import SORTED_TEXT


class Patient(Held, Base):
    """One person. Names are kept as on the identity document; `name_key` sorts them."""

    __tablename__ = "patient"
    __table_args__ = (
        sa.UniqueConstraint("ins_oid", "ins"),
        sa.Index("ix_patient_identity", "birth_date", "name_key"),
        sa.Index("ix_patient_name", "name_key"),
        sa.Index("ix_patient_used_name", "used_name_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    birth_name: Mapped[str] = mapped_column(sa.String(100))
    first_names: Mapped[str] = mapped_column(sa.String(100))
    used_name: Mapped[str | None] = mapped_column(sa.String(100))
    used_first_name: Mapped[str | None] = mapped_column(sa.String(100))
    birth_date: Mapped[date]
    sex: Mapped[str] = mapped_column(sa.String(1))
    birth_place: Mapped[str | None] = mapped_column(sa.String(100))
    birth_place_code: Mapped[str | None] = mapped_column(sa.String(5))

    ins: Mapped[str | None] = mapped_column(sa.String(15))
    ins_oid: Mapped[str | None] = mapped_column(sa.String(40))
    ins_status: Mapped[str] = mapped_column(sa.String(12), default=InsStatus.PROVISIONAL)
    # Attributes of the national framework; any of them bars the INS from leaving.
    is_homonym: Mapped[bool] = mapped_column(default=False)
    is_doubtful: Mapped[bool] = mapped_column(default=False)
    is_fictional: Mapped[bool] = mapped_column(default=False)

    phone: Mapped[str | None] = mapped_column(sa.String(30))
    email: Mapped[str | None] = mapped_column(sa.String(200))
    address: Mapped[str | None] = mapped_column(sa.String(300))
    trusted_person: Mapped[str | None] = mapped_column(sa.String(200))
    emergency_contact: Mapped[str | None] = mapped_column(sa.String(200))
    legal_representative: Mapped[str | None] = mapped_column(sa.String(200))
    gp_name: Mapped[str | None] = mapped_column(sa.String(120))
    # Short warnings that stay beside the name: « Allergie pénicilline ».
    alerts: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    death_date: Mapped[date | None]

    # Absorbed by another identity in a merge: the row stays, every page leads to the other one.
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patient.id"), index=True)

    name_key: Mapped[str] = mapped_column(SORTED_TEXT)
    used_name_key: Mapped[str | None] = mapped_column(SORTED_TEXT)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def display_name(self) -> str:
        """Birth name in capitals, then the first name: never cut."""
        return f"{self.birth_name.upper()} {self.first_name}"

    @property
    def first_name(self) -> str:
        """The first name in daily use, else the first of the birth first names."""
        return self.used_first_name or self.first_names.split(" ")[0]

    @property
    def shown_ins(self) -> str | None:
        """The number while something vouches for it: retrieved or qualified, and not doubted."""
        vouched = self.ins_status in (InsStatus.RETRIEVED, InsStatus.QUALIFIED)
        return self.ins if vouched and not self.is_doubtful else None

    def age_on(self, day: date) -> int:
        """Completed years on that day, or at death."""
        day = min(day, self.death_date or day)
        before_birthday = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - before_birthday


class Decision(StrEnum):
    """How a doubt about an identity ends."""

    CONFIRMED = "confirmed"  # the right person, the right traits
    DISTINCT = "distinct"  # two persons who look alike
    CORRECTED = "corrected"  # the right person, other traits
    MERGED = "merged"  # one person known twice


class IdentityPair(Base):
    """Two identities that look like one person; somebody says that they are, or are not."""

    __tablename__ = "identity_pair"
    __table_args__ = (
        sa.UniqueConstraint("low_id", "high_id"),
        sa.Index("ix_identity_pair_open", "decision", "found_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    low_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))
    high_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    signs: Mapped[list[str]] = mapped_column(sa.JSON)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(sa.String(12))
    decided_by: Mapped[str | None] = mapped_column(sa.String(40))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")

    low: Mapped[Patient] = relationship(foreign_keys=[low_id])
    high: Mapped[Patient] = relationship(foreign_keys=[high_id])


class IdentityDoubt(Base):
    """From the day somebody doubts until somebody settles: meanwhile the identity is in quarantine."""

    __tablename__ = "identity_doubt"
    __table_args__ = (
        sa.Index(
            "uq_identity_doubt_open",
            "patient_id",
            unique=True,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(300))
    declared_by: Mapped[str] = mapped_column(sa.String(40))
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status_before: Mapped[str] = mapped_column(sa.String(12))
    decision: Mapped[str | None] = mapped_column(sa.String(12))
    settled_by: Mapped[str | None] = mapped_column(sa.String(40))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_reason: Mapped[str] = mapped_column(sa.String(300), default="")

    patient: Mapped[Patient] = relationship()


class IdentityChange(Base):
    """One line of an identity's history: what it was, what it became, who says so and why."""

    __tablename__ = "identity_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    before: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class PatientMerge(Base):
    """Two identities made one by a person: what each was, what moved; enough to undo it."""

    __tablename__ = "patient_merge"

    id: Mapped[int] = mapped_column(primary_key=True)
    survivor_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    absorbed_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(300))
    survivor_before: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    absorbed_before: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    survivor_after: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    case_ids: Mapped[list[int]] = mapped_column(sa.JSON)  # of the absorbed identity, moved
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(sa.String(40))
    undone_reason: Mapped[str] = mapped_column(sa.String(300), default="")

    survivor: Mapped[Patient] = relationship(foreign_keys=[survivor_id])
    absorbed: Mapped[Patient] = relationship(foreign_keys=[absorbed_id])
