"""What is kept of RCPs: directory, members, sessions, registrations, presences, opinions."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.db import Base, UtcDateTime


class MemberFunction(StrEnum):
    """The right a person holds in one RCP; approving is the coordinator's and the deputy's."""

    COORDINATOR = "coordinator"
    DEPUTY = "deputy"
    SECRETARY = "secretary"
    PARTICIPANT = "participant"


class SessionState(StrEnum):
    PLANNED = "planned"  # registrations are welcome
    CLOSED = "closed"  # the agenda is fixed; an urgent case may still be added
    OPEN = "open"  # people sit together
    ENDED = "ended"
    CANCELLED = "cancelled"  # did not take place; its cases went to another one


class HolidayRule(StrEnum):
    """What becomes of a session whose day is a public holiday."""

    NEXT = "next"  # the next working day
    PREVIOUS = "previous"  # the working day before
    SKIP = "skip"  # no session that time


class RegistrationState(StrEnum):
    """The machine of domain §3.5; the order below is the order of life."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ON_AGENDA = "on_agenda"
    DISCUSSED = "discussed"
    REGISTERED = "registered"
    NOT_DISCUSSED = "not_discussed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Mode(StrEnum):
    ONSITE = "onsite"
    VIDEO = "video"


class Reply(StrEnum):
    """What somebody convened answers; in the room and by video are both a presence."""

    ONSITE = "onsite"
    VIDEO = "video"
    ABSENT = "absent"
    REPLACED = "replaced"


class Rcp(Base):
    """One entry of the directory: who meets, how often, and what makes its quorum."""

    __tablename__ = "rcp"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(sa.String(40), default="standard")
    organ: Mapped[str] = mapped_column(sa.String(80), default="")
    is_expert: Mapped[bool] = mapped_column(default=False)
    is_paediatric: Mapped[bool] = mapped_column(default=False)
    # Identifiers the sheet carries (domain §3.4): of the RCP, its manager, the regional network.
    national_id: Mapped[str] = mapped_column(sa.String(40), default="")
    manager_id: Mapped[str] = mapped_column(sa.String(40), default="")
    network_id: Mapped[str] = mapped_column(sa.String(40), default="")
    host_name: Mapped[str] = mapped_column(sa.String(120), default="")
    host_address: Mapped[str] = mapped_column(sa.String(200), default="")
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    video_link: Mapped[str] = mapped_column(sa.String(200), default="")
    # Rhythm: the weekday of the first date, every n weeks counted from it; or, when weeks of the
    # month are named ([1, 3]: the 1st and 3rd, -1: the last), those of each month.
    first_date: Mapped[date]
    every_weeks: Mapped[int] = mapped_column(default=1)
    month_weeks: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    on_holiday: Mapped[str] = mapped_column(sa.String(8), default=HolidayRule.NEXT)
    starts: Mapped[time]
    minutes: Mapped[int] = mapped_column(default=120)
    months_ahead: Mapped[int] = mapped_column(
        default=0
    )  # sessions planned by themselves; 0: by hand
    closing_days: Mapped[int] = mapped_column(default=0)  # working days before; 0: by hand
    max_cases: Mapped[int | None]  # beyond, the least urgent go to the next session
    # Quorum: [{"label": …, "specialties": [code, …]}, …], each group met by one person.
    quorum_groups: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    min_specialties: Mapped[int] = mapped_column(default=3)
    min_persons: Mapped[int] = mapped_column(default=3)
    written_opinions: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)

    members: Mapped[list[RcpMember]] = relationship(back_populates="rcp")


class RcpMember(Base):
    __tablename__ = "rcp_member"
    __table_args__ = (sa.UniqueConstraint("rcp_id", "user_id", "function"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rcp_id: Mapped[int] = mapped_column(sa.ForeignKey("rcp.id"), index=True)
    user_id: Mapped[int] = mapped_column(index=True)
    function: Mapped[str] = mapped_column(sa.String(20))
    specialty: Mapped[str | None] = mapped_column(sa.String(10))

    rcp: Mapped[Rcp] = relationship(back_populates="members")


class RcpSession(Base):
    """One meeting of one RCP."""

    __tablename__ = "rcp_session"
    __table_args__ = (
        sa.UniqueConstraint("rcp_id", "starts_at"),
        sa.Index("ix_rcp_session_slot", "rcp_id", "slot_date", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rcp_id: Mapped[int] = mapped_column(sa.ForeignKey("rcp.id"))
    # The date of the rhythm it stands for, wherever it was moved; none outside the rhythm.
    slot_date: Mapped[date | None]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    minutes: Mapped[int] = mapped_column(default=120)
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    video_link: Mapped[str] = mapped_column(sa.String(200), default="")
    state: Mapped[str] = mapped_column(sa.String(12), default=SessionState.PLANNED)
    # The last closing; a planned session that has one was reopened (ADR 0018).
    agenda_closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str] = mapped_column(sa.String(200), default="")

    rcp: Mapped[Rcp] = relationship()


class Registration(Base):
    """One passage of one case before one session; a postponement makes the next row."""

    __tablename__ = "rcp_registration"
    __table_args__ = (sa.UniqueConstraint("session_id", "instance_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("rcp_session.id"), index=True)
    case_id: Mapped[int] = mapped_column(index=True)
    instance_id: Mapped[int] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(sa.String(16), default=RegistrationState.DRAFT)
    position: Mapped[int | None]
    reasons: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    question: Mapped[str] = mapped_column(sa.Text, default="")
    case_status: Mapped[str] = mapped_column(sa.String(12), default="discussed")
    urgent: Mapped[bool] = mapped_column(default=False)
    requested_by: Mapped[str] = mapped_column(sa.String(40), default="")
    # After the closing only the coordinator lets a case in, and says why (R02, R07).
    agreed_by: Mapped[int | None]
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agreement: Mapped[str] = mapped_column(sa.String(300), default="")
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    quorum: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    reason: Mapped[str | None] = mapped_column(sa.String(40))
    postponed_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rcp_registration.id"))
    # What is typed in the meeting before the case is validated: its steps do not exist yet.
    draft: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    draft_by: Mapped[int | None]
    draft_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    session: Mapped[RcpSession] = relationship()


class Attendance(Base):
    """A stay in the meeting, from an arrival to a departure; who comes back has two."""

    __tablename__ = "rcp_attendance"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("rcp_session.id"), index=True)
    user_id: Mapped[int | None]
    guest_name: Mapped[str | None] = mapped_column(sa.String(120))
    specialty: Mapped[str | None] = mapped_column(sa.String(10))
    mode: Mapped[str] = mapped_column(sa.String(8), default=Mode.ONSITE)
    in_quorum: Mapped[bool] = mapped_column(default=True)
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Invitation(Base):
    """Somebody asked to one session who is no member: an expert, a presenter, a trainee."""

    __tablename__ = "rcp_invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("rcp_session.id"), index=True)
    user_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(sa.String(120))
    specialty: Mapped[str | None] = mapped_column(sa.String(10))
    email: Mapped[str] = mapped_column(sa.String(255), default="")


class Convocation(Base):
    """One person asked to one session (R09): a member by account, a guest by invitation."""

    __tablename__ = "rcp_convocation"
    __table_args__ = (
        sa.UniqueConstraint("session_id", "user_id"),
        sa.UniqueConstraint("session_id", "invitation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("rcp_session.id"), index=True)
    user_id: Mapped[int | None]
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rcp_invitation.id"))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # none: answered unasked
    reply: Mapped[str | None] = mapped_column(sa.String(10))
    replied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replied_by: Mapped[str] = mapped_column(sa.String(40), default="")
    replacement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rcp_invitation.id"))


class WrittenOpinion(Base):
    """A dated, signed opinion on one case: never a presence, counted only where the RCP says so."""

    __tablename__ = "rcp_opinion"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("rcp_registration.id"), index=True)
    user_id: Mapped[int | None]
    author: Mapped[str] = mapped_column(sa.String(120))
    specialty: Mapped[str] = mapped_column(sa.String(10))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(sa.Text)
