"""A database address comes in; connections, transactions and the types of columns go out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Session

from engine.errors import Busy, Full, Unavailable

BUSY_MS = 20_000  # how long a writer waits for another before giving up in words
ABANDONED_MS = 300_000  # a transaction that does nothing for so long: its process is gone
# PostgreSQL's own codes, and what SQLite says: its codes do not tell these apart.
_BUSY = {"40001", "40P01", "55P03", "database is locked", "database table is locked"}
_FULL = {"53100", "database or disk is full", "disk i/o error"}
_GONE = ("08", "57P", "25P03")
_writers: WeakKeyDictionary[sa.Engine, threading.RLock] = WeakKeyDictionary()


class Base(DeclarativeBase):
    """Every table of Hent; constraint names follow one rule so that migrations can name them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Held:
    """Rows that one transaction asks for again and again: the session keeps what it has read.

    Left to itself it lets go of a row as soon as nobody holds it, and `get` asks anew: a third of
    all questions of a step. Only for tables that are changed through the session, never past it.
    """


@sa.event.listens_for(Held, "load", propagate=True)
def _hold(row: Held, context: Any) -> None:
    context.session.info.setdefault("held", []).append(row)


def let_go(db: Session) -> None:
    """A lock was just taken: rows read before it are asked for again.

    Not on SQLite, where a transaction is alone with the database from its beginning.
    """
    if db.get_bind().dialect.name != "sqlite":
        db.info.pop("held", None)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment; stored in UTC whatever the zone it came in."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must be aware of its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def connect(url: str) -> sa.Engine:
    """An engine for SQLite (WAL, durable, one writer at a time) or PostgreSQL."""
    if not url.startswith("sqlite"):
        limits = f"-c lock_timeout={BUSY_MS} -c idle_in_transaction_session_timeout={ABANDONED_MS}"
        return sa.create_engine(
            url,
            pool_size=20,
            max_overflow=20,
            pool_pre_ping=True,
            connect_args={"options": limits, "connect_timeout": 5},
        )
    database = sa.create_engine(
        url, connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False}
    )
    sa.event.listen(database, "connect", _prepare_sqlite)
    sa.event.listen(database, "begin", _begin_sqlite)
    _writers[database] = threading.RLock()
    return database


@contextmanager
def transaction(database: sa.Engine) -> Iterator[Session]:
    """All that happens inside is written together, or nothing is.

    On SQLite writers of this process queue for one lock: its own waiting polls, and starves.
    """
    lock = _writers.get(database)
    if lock is not None and not lock.acquire(timeout=BUSY_MS / 1000):
        raise Busy
    try:
        with _in_words(), Session(database, expire_on_commit=False) as db, db.begin():
            yield db
    finally:
        if lock is not None:
            lock.release()


@contextmanager
def reading(database: sa.Engine) -> Iterator[Session]:
    """A session that only reads: it never waits for a writer, and writes are thrown away."""
    options = {"hent_reading": True} if database.dialect.name == "sqlite" else {}
    bind = database.execution_options(**options)
    with _in_words(), Session(bind, expire_on_commit=False) as db:
        yield db
        db.expunge_all()  # what was read stays readable after the page is closed
        db.rollback()


@contextmanager
def _in_words() -> Iterator[None]:
    """What the database cannot do becomes a sentence; what we asked wrongly stays a bug."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        if (refusal := _refusal(error)) is not None:
            raise refusal from error
        raise
    except sa.exc.TimeoutError as error:  # every connection of this process is in use
        raise Busy from error


def _refusal(error: sa.exc.DBAPIError) -> Unavailable | None:
    code, text = getattr(error.orig, "sqlstate", None) or "", str(error.orig).lower()
    if code in _BUSY or text in _BUSY:
        return Busy()
    if code in _FULL or text in _FULL:
        return Full()
    gone = error.connection_invalidated or code.startswith(_GONE)
    unreachable = isinstance(error, sa.exc.OperationalError) and not code
    return Unavailable() if gone or (unreachable and _is_postgres(error)) else None


def _is_postgres(error: sa.exc.DBAPIError) -> bool:
    """Psycopg has no code for a server it cannot reach; SQLite has its sentences above."""
    return type(error.orig).__module__.startswith("psycopg")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are ours: see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MS}",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get("hent_reading")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
