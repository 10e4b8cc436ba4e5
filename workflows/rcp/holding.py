"""A row of RCPs comes in; it goes out held: who moves it at the same moment waits, then reads it anew.

PostgreSQL lets two people read the same session and write past each other: a case both decided and
set aside, one person present twice. SQLite has one writer at a time and does nothing here.
The case comes before the session, everywhere: two who took them in another order would wait for
each other.
"""

from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Case
from workflows.rcp import queries
from workflows.rcp.models import Rcp, RcpSession, Registration

Row = TypeVar("Row", Rcp, RcpSession, Registration)


def entry(db: Session, rcp_id: int) -> Rcp:
    """Of the directory: its members, its rhythm, its sessions to come."""
    return _hold(db, queries.rcp(db, rcp_id))


def session(db: Session, session_id: int) -> RcpSession:
    return _hold(db, queries.session(db, session_id))


def passage(db: Session, registration_id: int) -> Registration:
    """One case before one session, the case held as every step of its diagrams holds it."""
    found = queries.registration(db, registration_id)
    db.execute(sa.select(Case.id).where(Case.id == found.case_id).with_for_update())
    return _hold(db, found)


def agenda(db: Session, session_id: int) -> RcpSession:
    """A session with every case of its agenda: what is corrected there is told in several of them."""
    cases = sorted({row.case_id for row in queries.agenda(db, session_id)})
    db.execute(sa.select(Case.id).where(Case.id.in_(cases)).order_by(Case.id).with_for_update())
    meeting = session(db, session_id)
    for row in queries.agenda(db, session_id):
        db.refresh(row)
    return meeting


def _hold(db: Session, row: Row) -> Row:
    """Rows that point at it may still be added meanwhile (NO KEY UPDATE)."""
    db.flush()
    db.refresh(row, with_for_update={"key_share": True})
    return row
