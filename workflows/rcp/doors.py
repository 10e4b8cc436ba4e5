"""A database or an open transaction comes in; a door each case of a session goes through alone.

A meeting moves thirty cases: each is written by itself, and what one of them refuses or breaks
never undoes the others.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.db import transaction
from engine.errors import Refusal
from workflows.rcp import holding, queries
from workflows.rcp.models import Registration

BROKEN = (
    "Ce dossier n’a pas pu avancer. Prévenez l’administrateur\u202f: le détail est au journal."
)
Door = Callable[[], AbstractContextManager[Session]]
log = logging.getLogger(__name__)


class Verb(Protocol):
    """True when the case has moved; false when it no longer had to."""

    def __call__(self, db: Session, registration: Registration) -> bool: ...


@dataclass
class AgendaReport:
    """What a verb on a whole session did: moved, put off, still unaccepted, failed."""

    moved: list[Registration] = field(default_factory=list)
    put_off: list[Registration] = field(default_factory=list)
    unaccepted: list[Registration] = field(default_factory=list)
    failures: list[tuple[Registration, str]] = field(default_factory=list)
    is_again: bool = False  # an agenda that had been closed, then reopened


def apart(database: sa.Engine) -> Door:
    """A transaction of its own each time: what a page opens."""
    return lambda: transaction(database)


def within(db: Session) -> Door:
    """A savepoint each time: for a story or a job that already writes in one transaction."""

    @contextmanager
    def door() -> Iterator[Session]:
        with db.begin_nested():
            yield db

    return door


def each(
    door: Door, registration_ids: list[int], verb: Verb, report: AgendaReport
) -> list[Registration]:
    """Those that moved. A bug counts as a failure too, and is logged."""
    moved = []
    for registration_id in registration_ids:
        try:
            with door() as db:
                registration = holding.passage(db, registration_id)
                has_moved = verb(db, registration)
            if has_moved:
                moved.append(registration)
        except Refusal as refusal:
            report.failures.append((_read(door, registration_id), refusal.message))
        except Exception:
            log.exception("registration %s could not be moved", registration_id)
            report.failures.append((_read(door, registration_id), BROKEN))
    return moved


def _read(door: Door, registration_id: int) -> Registration:
    """As it still is, after what was tried was undone."""
    with door() as db:
        return queries.registration(db, registration_id)
