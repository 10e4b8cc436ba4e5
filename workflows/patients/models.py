"""What is kept of a patient: identity traits, INS, what every screen must show."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, UtcDateTime
from workflows.patients.ins import InsStatus
from workflows.sorting import SORTED_TEXT


class Patient(Base):
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

    def age_on(self, day: date) -> int:
        """Completed years on that day, or at death."""
        day = min(day, self.death_date or day)
        before_birthday = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - before_birthday
