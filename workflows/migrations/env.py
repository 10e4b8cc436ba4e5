"""Alembic's entry: runs the line of migrations on the connection it is handed."""

from alembic import context

from engine.db import Base
from workflows import tables  # noqa: F401 (every table must be known before comparing)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
