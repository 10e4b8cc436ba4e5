"""Rows added and taken out on the connection, past the session: a third of the cost.

Statements are built once, and the journal is told. Only for rows no session holds as objects.
"""

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import journal
from engine.db import Base


def add(db: Session, of: type[Base], rows: list[dict[str, Any]]) -> None:
    """Rows with the columns that are given; all give the same ones."""
    if not rows:
        return
    table: Any = of.__table__
    connection, book = db.connection(), journal.of(db)
    names = _key_names(table)
    given = names <= rows[0].keys()
    if book is not None and not given:
        book.added(table, [tuple(key) for key in connection.execute(_telling(table), rows)])
        return
    connection.execute(_insertion(table), rows)
    if book is not None:
        book.added(table, [journal.key_of(table, row) for row in rows])


def add_once(db: Session, of: type[Base], row: dict[str, Any], *, unique: str) -> bool:
    """The row, unless there is one already with the same value under `unique`."""
    table: Any = of.__table__
    connection, book = db.connection(), journal.of(db)
    new = connection.execute(_insertion_once(table, unique, connection.dialect.name), row).first()
    if new is not None and book is not None:
        book.added(table, [tuple(new)])
    return new is not None


def put(db: Session, of: type[Base], rows: list[dict[str, Any]]) -> None:
    """Whole rows, with all their columns: new ones, or in place of those with the same keys."""
    if not rows:
        return
    table: Any = of.__table__
    connection = db.connection()
    if (book := journal.of(db)) is not None:
        book.changing(table, [journal.key_of(table, row) for row in rows])
    connection.execute(_replacement(table, connection.dialect.name), rows)


def update(db: Session, of: type[Base], rows: list[dict[str, Any]]) -> None:
    """New values for the rows with these ids (`row_id`); all give the same columns."""
    if not rows:
        return
    table: Any = of.__table__
    if (book := journal.of(db)) is not None:
        book.changing(table, [(row["row_id"],) for row in rows])
    db.connection().execute(_change(table), rows)


def delete(db: Session, of: type[Base], /, **where: Any) -> None:
    """The rows whose columns have these values."""
    table: Any = of.__table__
    if (book := journal.of(db)) is not None:
        book.deleting(table, where)
    db.connection().execute(_deletion(table, tuple(where)), where)


@lru_cache
def _key_names(table: sa.Table) -> frozenset[str]:
    return frozenset(column.key for column in table.primary_key)


@lru_cache
def _insertion(table: sa.Table) -> sa.Insert:
    return sa.insert(table)


@lru_cache
def _telling(table: sa.Table) -> sa.Insert:
    return sa.insert(table).returning(*table.primary_key)


@lru_cache
def _insertion_once(table: sa.Table, unique: str, dialect: str) -> Any:
    once = upsertable(table, dialect).on_conflict_do_nothing(index_elements=[unique])
    return once.returning(*table.primary_key)


@lru_cache
def _replacement(table: sa.Table, dialect: str) -> Any:
    statement = upsertable(table, dialect)
    others = {c.name: statement.excluded[c.name] for c in table.c if not c.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)


def upsertable(table: sa.Table, dialect: str) -> Any:
    """An insert that can be told what to do when the row is there already."""
    module: Any = postgresql if dialect == "postgresql" else sqlite
    return module.insert(table)


@lru_cache
def _change(table: sa.Table) -> sa.Update:
    """What is set are the columns that are given."""
    return sa.update(table).where(table.c.id == sa.bindparam("row_id"))


@lru_cache
def _deletion(table: sa.Table, names: tuple[str, ...]) -> sa.Delete:
    return sa.delete(table).where(*(table.c[name] == sa.bindparam(name) for name in names))
