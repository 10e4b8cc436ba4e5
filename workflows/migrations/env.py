"""Alembic's entry: runs the line of migrations on the connection it is handed."""

from typing import Any, Literal

from alembic import context

from engine.db import Base, UtcDateTime
from workflows import tables  # noqa: F401 (every table must be known before comparing)


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Our own column type under its own name; everything else as Alembic writes it."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from engine.db import UtcDateTime")
        return "UtcDateTime()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
