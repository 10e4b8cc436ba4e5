"""Every row of a database, to see that a step taken back leaves nothing of itself."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.db import Base

# What is only ever added to, and the case's version: a page opened before must not fit any more.
ADDED_TO = frozenset({"audit_chain", "audit_entry", "undo_point"})
GROWS = frozenset({("case", "version")})

_AS_STORED = sa.select(sa.text("*"))  # no type of ours between the database and the comparison

Rows = Mapping[str, Mapping[Any, Mapping[str, Any]]]


def rows_of(database: sa.Engine) -> Rows:
    """Table → primary key → columns."""
    with database.connect() as connection:
        return {
            name: {
                tuple(row[key.name] for key in table.primary_key): dict(row)
                for row in connection.execute(_AS_STORED.select_from(table)).mappings()
            }
            for name, table in Base.metadata.tables.items()
            if name not in ADDED_TO
        }


def differences(before: Rows, after: Rows) -> list[str]:
    """What is not as it was: `table key: column before → after`."""
    found = []
    for table in before:
        for key in before[table].keys() | after[table].keys():
            old, new = before[table].get(key), after[table].get(key)
            if old is None or new is None:
                found.append(f"{table} {key}: {'gone' if new is None else f'added {new}'}")
                continue
            found += [
                f"{table} {key}: {name} {old[name]} → {new[name]}"
                for name in old
                if old[name] != new[name] and (table, name) not in GROWS
            ]
    return found
