"""The words in which the engine says how a case, a task, a job or a message stands."""

from enum import StrEnum


class CaseState(StrEnum):
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class InstanceState(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class MessageState(StrEnum):
    KEPT = "kept"  # nobody awaits it yet
    DELIVERED = "delivered"
    EXPIRED = "expired"  # the case was closed, or a person set it aside, before anybody awaited it


class JobState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    INCIDENT = "incident"  # given up after the last try
    SET_ASIDE = "set_aside"  # by a person, who said why


class Blame(StrEnum):
    """Who can do something about what failed."""

    DIAGRAM = "diagram"  # a refusal in words: the model or the case says no
    SYSTEM = "system"  # anything else: a bug, a disk, a network
