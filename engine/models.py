"""What the engine keeps: revisions, cases, their running diagrams, and the rows people ask about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, Held, UtcDateTime

# isort: off
from engine.states import (  # told again from here, as one list
    Blame as Blame,
    CaseState as CaseState,
    InstanceState as InstanceState,
    JobState as JobState,
    MessageState as MessageState,
    TaskState as TaskState,
)
# isort: on


class Revision(Held, Base):
    """A checked, frozen release: diagrams, tables and forms together. `id` is its number."""

    __tablename__ = "revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    published_by: Mapped[str] = mapped_column(sa.String(40))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    in_service_since: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    # Name → scope ("case" or "instance") of every datum the dictionary knew that day.
    scopes: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    # The names its diagrams and tables read: only these are handed to conditions.
    reads: Mapped[list[str]] = mapped_column(sa.JSON, default=list)


class Artifact(Base):
    """One file of a revision."""

    __tablename__ = "artifact"

    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("blob.sha256"))


class Case(Base):
    """The folder in which diagrams run side by side; its version guards everything in it."""

    __tablename__ = "case"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(80), index=True)  # opaque to the engine
    pathway: Mapped[str] = mapped_column(sa.String(80))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    state: Mapped[str] = mapped_column(sa.String(12), default=CaseState.OPEN)
    version: Mapped[int] = mapped_column()
    key: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_reason: Mapped[str] = mapped_column(sa.String(200), default="")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (read by SQLAlchemy)


class Instance(Held, Base):
    """One running diagram with a small state of its own; a called diagram is one too."""

    __tablename__ = "instance"
    __table_args__ = (
        sa.Index("ix_instance_case", "case_id", "state"),
        sa.Index("ix_instance_parent", "parent_id"),
        sa.Index("ix_instance_group", "reply_to_id", "group"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    definition: Mapped[str] = mapped_column(sa.String(80))
    start: Mapped[str | None] = mapped_column(sa.String(80))  # the message start it came in by
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("instance.id"))
    parent_token: Mapped[int | None]
    state: Mapped[str] = mapped_column(sa.String(12), default=InstanceState.RUNNING)
    snapshot: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    key: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    group: Mapped[str | None] = mapped_column(sa.String(80))
    reply_to_id: Mapped[int | None]
    reply_message: Mapped[str | None] = mapped_column(sa.String(80))
    started_by: Mapped[str] = mapped_column(sa.String(40))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # while the others go on
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(sa.String(80), default="")  # the end event reached
    reason: Mapped[str] = mapped_column(sa.String(300), default="")


class Task(Base):
    """A step that waits for a person, open or finished; `token` finds it in the state."""

    __tablename__ = "task"
    __table_args__ = (
        sa.UniqueConstraint("instance_id", "token"),
        sa.Index("ix_task_case", "case_id", "state"),
        sa.Index("ix_task_completed", "case_id", "completed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    instance_id: Mapped[int] = mapped_column(sa.ForeignKey("instance.id"))
    token: Mapped[int]
    definition: Mapped[str] = mapped_column(sa.String(80))  # of its instance
    element: Mapped[str] = mapped_column(sa.String(80))
    name: Mapped[str] = mapped_column(sa.String(160))
    lane: Mapped[str] = mapped_column(sa.String(80), default="")
    form: Mapped[str] = mapped_column(sa.String(80), default="")
    deadline: Mapped[str] = mapped_column(sa.String(80), default="")
    documentation: Mapped[str] = mapped_column(sa.String(40), default="")  # R14
    is_high_priority: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(sa.String(12), default=TaskState.OPEN)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    escalate_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    anchor: Mapped[str] = mapped_column(sa.String(60), default="")
    due_explanation: Mapped[str] = mapped_column(sa.String(400), default="")
    version: Mapped[int] = mapped_column(default=1)  # grows when what a form shows has changed
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_by: Mapped[str | None] = mapped_column(sa.String(40))
    outcome: Mapped[str] = mapped_column(sa.String(20), default="")  # done, not_applicable
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    answers: Mapped[dict[str, Any] | None] = mapped_column(
        sa.JSON(none_as_null=True), deferred=True
    )

    @property
    def is_open(self) -> bool:
        return self.state == TaskState.OPEN


class Passage(Base):
    """A token's stay on one element: what the live diagram colours and history tells."""

    __tablename__ = "passage"
    __table_args__ = (
        sa.Index("ix_passage_instance", "instance_id", "left_at"),
        sa.Index("ix_passage_case", "case_id", "entered_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    instance_id: Mapped[int] = mapped_column(sa.ForeignKey("instance.id"))
    element: Mapped[str] = mapped_column(sa.String(80))
    token: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(12))  # task call timer message… or passed at once
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(sa.String(12), default="")  # done, cancelled


class Datum(Base):
    """The current answer to one name; instance 0 is the scope of the case."""

    __tablename__ = "datum"

    case_id: Mapped[int] = mapped_column(
        sa.ForeignKey("case.id"), primary_key=True, autoincrement=False
    )
    instance_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(sa.JSON)
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("task.id"))
    set_by: Mapped[str] = mapped_column(sa.String(40))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Timer(Base):
    """Something due at a moment: a timer event (kind `event`), a reminder, an escalation."""

    __tablename__ = "timer"
    __table_args__ = (
        sa.Index("ix_timer_due", "due_at"),
        sa.Index("ix_timer_case", "case_id"),
        sa.Index("ix_timer_task", "task_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    instance_id: Mapped[int | None] = mapped_column(sa.ForeignKey("instance.id"))
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("task.id"))
    token: Mapped[int | None]
    kind: Mapped[str] = mapped_column(sa.String(40))
    element: Mapped[str] = mapped_column(sa.String(80), default="")
    payload: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    suspended: Mapped[bool] = mapped_column(default=False)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # in a worker's hands
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # it failed, and waits
    error: Mapped[str] = mapped_column(sa.String(500), default="")
    blame: Mapped[str] = mapped_column(sa.String(12), default="")
    taken_by: Mapped[str | None] = mapped_column(sa.String(40))  # who sees to what went wrong


class Subscription(Base):
    """A token awaits a message of that name."""

    __tablename__ = "subscription"
    __table_args__ = (
        sa.UniqueConstraint("instance_id", "token", "choice"),
        sa.Index("ix_subscription_message", "case_id", "message"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    instance_id: Mapped[int] = mapped_column(sa.ForeignKey("instance.id"))
    token: Mapped[int]
    message: Mapped[str] = mapped_column(sa.String(80))
    element: Mapped[str] = mapped_column(sa.String(80))
    choice: Mapped[int] = mapped_column(default=-1)  # which event of an event-based gateway
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Message(Base):
    """A message sent in a case: kept until a token awaits it, delivered once."""

    __tablename__ = "message"
    __table_args__ = (
        sa.Index("ix_message_case", "case_id", "state", "name"),
        sa.UniqueConstraint("case_id", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    name: Mapped[str] = mapped_column(sa.String(80))
    key: Mapped[str | None] = mapped_column(sa.String(120))
    instance_id: Mapped[int | None]  # the one instance it is meant for
    payload: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    state: Mapped[str] = mapped_column(sa.String(12), default=MessageState.KEPT)
    sent_by: Mapped[str] = mapped_column(sa.String(40))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_to: Mapped[str] = mapped_column(sa.String(120), default="")
    taken_by: Mapped[str | None] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")  # why it was set aside


class Job(Base):
    """Work to do after the commit; tried again later when it fails, an incident after the last try."""

    __tablename__ = "job"
    __table_args__ = (sa.Index("ix_job_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    state: Mapped[str] = mapped_column(sa.String(12), default=JobState.WAITING)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # in a worker's hands
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.String(1000), default="")
    blame: Mapped[str] = mapped_column(sa.String(12), default="")
    taken_by: Mapped[str | None] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")  # why it was set aside
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditChain(Base):
    """The last link of each case's chain; case 0 holds what belongs to no case."""

    __tablename__ = "audit_chain"

    case_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    length: Mapped[int]
    head: Mapped[str] = mapped_column(sa.String(64))


class AuditEntry(Base):
    """Who did or saw what, when; never changed, each line sealed with the one before."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "position"),
        sa.Index("ix_audit_entry_at", "at"),
        sa.Index("ix_audit_entry_actor", "actor", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int]
    position: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(40))
    action: Mapped[str] = mapped_column(sa.String(60))
    object: Mapped[str | None] = mapped_column(sa.String(80))
    detail: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    seal: Mapped[str] = mapped_column(sa.String(64))
