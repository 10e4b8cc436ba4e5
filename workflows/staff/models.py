"""What is kept of the region's people and places: accounts, establishments, units, roles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.db import Base, Held, UtcDateTime
from workflows.roles import ROLES, Role
from workflows.sorting import SORTED_TEXT


class Establishment(Held, Base):
    __tablename__ = "establishment"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    short_name: Mapped[str] = mapped_column(sa.String(60))
    finess: Mapped[str | None] = mapped_column(sa.String(9), unique=True)
    city: Mapped[str] = mapped_column(sa.String(80), default="")
    address: Mapped[str] = mapped_column(sa.String(200), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="")

    units: Mapped[list[Unit]] = relationship(back_populates="establishment")

    @property
    def code(self) -> str:
        """What decision tables call it: the national number, the same wherever Hent is installed."""
        return self.finess or self.short_name


class Unit(Held, Base):
    """A ward or a department: the team that a case belongs to."""

    __tablename__ = "unit"
    __table_args__ = (sa.UniqueConstraint("establishment_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(sa.ForeignKey("establishment.id"))
    name: Mapped[str] = mapped_column(sa.String(120))
    organ: Mapped[str] = mapped_column(sa.String(40), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="")

    establishment: Mapped[Establishment] = relationship(back_populates="units", lazy="joined")


class User(Held, Base):
    """One person with an account; the columns Flask-Security asks for keep its names."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(255), unique=True)
    username: Mapped[str | None] = mapped_column(sa.String(255), unique=True)
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    current_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_login_ip: Mapped[str | None] = mapped_column(sa.String(64))
    current_login_ip: Mapped[str | None] = mapped_column(sa.String(64))
    login_count: Mapped[int | None] = mapped_column(default=0)
    create_datetime: Mapped[datetime] = mapped_column(UtcDateTime)
    update_datetime: Mapped[datetime] = mapped_column(UtcDateTime)

    title: Mapped[str] = mapped_column(sa.String(20), default="")  # « Dr », « Pr », or nothing
    first_name: Mapped[str] = mapped_column(sa.String(80))
    last_name: Mapped[str] = mapped_column(sa.String(80))
    occupation: Mapped[str] = mapped_column(sa.String(80), default="")  # « Oncologue »
    specialty: Mapped[str | None] = mapped_column(sa.String(10))  # RPPS know-how: « SM36 »
    rpps: Mapped[str | None] = mapped_column(sa.String(11), unique=True)
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    preferences: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    name_key: Mapped[str] = mapped_column(SORTED_TEXT, default="")

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", cascade="all, delete-orphan"
    )

    @property
    def display_name(self) -> str:
        """« Dr Yann Kervella »."""
        return " ".join(part for part in (self.title, self.first_name, self.last_name) if part)

    @property
    def initials(self) -> str:
        return f"{self.first_name[:1]}{self.last_name[:1]}".upper()

    @property
    def actor(self) -> str:
        """How the engine and the audit name this person."""
        return f"user:{self.id}"

    @property
    def role_codes(self) -> frozenset[str]:
        """Every role held in a unit or as an office, wherever that is."""
        return frozenset(membership.role for membership in self.memberships)

    @property
    def roles(self) -> list[Role]:
        return [ROLES[code] for code in sorted(self.role_codes)]


class Membership(Base):
    """A role held by a person in a unit; without a unit it is an office of the whole region."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "unit_id", "role"),
        sa.Index("ix_membership_unit_role", "unit_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    role: Mapped[str] = mapped_column(sa.String(40))

    user: Mapped[User] = relationship(back_populates="memberships")
    unit: Mapped[Unit | None] = relationship(lazy="joined")


class Setting(Base):
    """A word or a number that a place chooses; establishment 0 is the region."""

    __tablename__ = "setting"

    establishment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(sa.JSON)
