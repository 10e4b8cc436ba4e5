"""A session that changes rows comes in; what each row was before goes out, and can be put back.

Only what changes is looked at, so the cost does not grow with the case. Rows are read from the
database just before they change, which inside the transaction still holds what was. The session
tells by its events; who writes past it, on its connection, asks for the journal and tells it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import ORMExecuteState, Session

from engine.db import Base

Key = tuple[Any, ...]
# Never put back: what only grows.
LEFT_ALONE = {"audit_entry", "audit_chain", "blob", "undo_point", "reversal"}
GROWING = {("case", "version")}  # a page opened meanwhile must not fit again
_OPEN = "journal"  # in `Session.info`


class Journal:
    """Table and key → the row as it was, None when there was none."""

    def __init__(self, db: Session) -> None:
        self._db = db
        self.before: dict[tuple[str, Key], dict[str, Any] | None] = {}

    @property
    def tables(self) -> set[str]:
        return {table for table, _ in self.before}

    def as_json(self) -> list[Any]:
        return [
            [name, [_plain(part) for part in key], _row_as_json(row)]
            for (name, key), row in self.before.items()
        ]

    def changing(self, table: sa.Table, keys: Iterable[Key]) -> None:
        """Read these rows while they are still what they were."""
        if table.name in LEFT_ALONE:
            return
        unknown = [key for key in keys if (table.name, key) not in self.before]
        if unknown:
            several = len(table.primary_key) > 1
            keys = unknown if several else [key[0] for key in unknown]
            self._read(table, _with_keys(table), {"keys": keys})
            self.added(table, unknown)  # those that were not found

    def deleting(self, table: sa.Table, where: Mapping[str, Any]) -> None:
        """The rows that are about to go: their columns have these values."""
        self._read(table, _with_values(table, tuple(where)), where)

    def added(self, table: sa.Table, keys: Iterable[Key]) -> None:
        """Before, there was nothing under these keys."""
        for key in keys:
            self.before.setdefault((table.name, key), None)

    def _read(
        self, table: sa.Table, query: sa.Select[Any], given: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        rows = self._db.connection().execute(query, given)
        found = [dict(row._mapping) for row in rows]
        for row in found:
            self.before.setdefault((table.name, key_of(table, row)), row)
        return found

    def _moved(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        """An update may give rows another key: under it there was nothing before."""
        values = getattr(statement, "_values", None) or {}
        keys = {column.key: bound.value for column, bound in values.items() if column.primary_key}
        for row in rows if keys else ():
            self.before.setdefault(
                (statement.table.name, key_of(statement.table, row | keys)), None
            )

    def _flushing(self, db: Session, _context: object, _instances: object) -> None:
        changed: dict[sa.Table, list[Key]] = {}
        for thing in (*db.dirty, *db.deleted):
            state: Any = sa.inspect(thing)
            changed.setdefault(state.mapper.local_table, []).append(tuple(state.identity))
        for table, keys in changed.items():
            self.changing(table, keys)

    def _flushed(self, db: Session, _context: object) -> None:
        for thing in db.new:
            state: Any = sa.inspect(thing)
            name = state.mapper.local_table.name
            if name not in LEFT_ALONE:
                key = tuple(state.mapper.primary_key_from_instance(thing))
                self.added(state.mapper.local_table, [key])

    def _executing(self, statement: ORMExecuteState) -> None:
        told: Any = statement.statement
        if not statement.is_orm_statement and not hasattr(told, "table"):
            return
        if statement.is_update or statement.is_delete:
            if told.table.name not in LEFT_ALONE:
                query = sa.select(told.table)
                if told.whereclause is not None:
                    query = query.where(told.whereclause)
                self._moved(told, self._read(told.table, query))
        elif statement.is_insert and told.table.name not in LEFT_ALONE:
            rows: Any = statement.parameters or []
            keys = [c.key for c in told.table.primary_key]
            self.added(
                told.table,
                [tuple(row[key] for key in keys) for row in rows if set(keys) <= set(row)],
            )


def of(db: Session) -> Journal | None:
    """The journal kept for this session at the moment, for those who write past its events."""
    return db.info.get(_OPEN)


@contextmanager
def journal(db: Session) -> Iterator[Journal]:
    """Everything this session changes meanwhile is written down."""
    outer: Journal | None = db.info.get(_OPEN)
    kept = db.info[_OPEN] = Journal(db)
    db.flush()
    listeners = (
        ("before_flush", kept._flushing),
        ("after_flush", kept._flushed),
        ("do_orm_execute", kept._executing),
    )
    for name, listener in listeners:
        sa.event.listen(db, name, listener)
    try:
        yield kept
        db.flush()
    finally:
        db.info[_OPEN] = outer
        for name, listener in listeners:
            sa.event.remove(db, name, listener)
        if outer is not None:  # rows written past the session's events told only the inner one
            outer.before = {**kept.before, **outer.before}


def put_back(db: Session, rows: Sequence[Sequence[Any]]) -> None:
    """The rows as they were; those that were not there are taken out."""
    tables = Base.metadata.tables
    order = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
    ordered = sorted(rows, key=lambda row: (order[row[0]], row[1]))
    if db.get_bind().dialect.name == "sqlite":
        # It gives numbers again: what takes back the place of a newer row may still point from
        # there to one that goes. All is in order again when the transaction ends.
        db.connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    for name, key, row in reversed(ordered):
        if row is None:
            db.connection().execute(sa.delete(tables[name]).where(_is(tables[name], key)))
    for name, key, row in ordered:
        if row is not None:
            _restore(db, tables[name], key, _row_from_json(tables[name], row))
    db.expire_all()


@lru_cache
def _with_keys(table: sa.Table) -> sa.Select[Any]:
    """Built once for each table, as those below: it costs more than asking."""
    first, *more = table.primary_key
    key = sa.tuple_(first, *more) if more else first
    return sa.select(table).where(key.in_(sa.bindparam("keys", expanding=True)))


@lru_cache
def _with_values(table: sa.Table, names: tuple[str, ...]) -> sa.Select[Any]:
    return sa.select(table).where(*(table.c[name] == sa.bindparam(name) for name in names))


def _restore(db: Session, table: sa.Table, key: Sequence[Any], row: Mapping[str, Any]) -> None:
    row = {name: value for name, value in row.items() if (table.name, name) not in GROWING}
    changed = db.connection().execute(sa.update(table).where(_is(table, key)).values(row))
    if changed.rowcount == 0:
        db.connection().execute(sa.insert(table).values(row))


def _is(table: sa.Table, key: Sequence[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(
        *(
            column == _typed(column, part)
            for column, part in zip(table.primary_key, key, strict=True)
        )
    )


def key_of(table: sa.Table, row: Mapping[str, Any]) -> Key:
    return tuple(row[column.key] for column in table.primary_key)


def _row_as_json(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {name: _plain(value) for name, value in row.items()}


def _row_from_json(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _typed(table.c[name], value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _typed(column: sa.ColumnElement[Any], value: Any) -> Any:
    if value is None or not isinstance(value, str):
        return value
    wanted = column.type.python_type if not isinstance(column.type, sa.JSON) else None
    if wanted is bytes:
        return base64.b64decode(value)
    if wanted is datetime:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if wanted is date else value
