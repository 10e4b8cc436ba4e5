"""The database's own history: one numbered line of migrations, from nothing to the current schema.

A case's migration from one revision to another is another matter: see `engine/migration.py`.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

HERE = Path(__file__).parent


def config(connection: sa.Connection | None = None) -> Config:
    """Alembic's settings, without an .ini file; `connection` is used by env.py when given."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["connection"] = connection
    return settings


def upgrade(database: sa.Engine) -> None:
    """Bring the database to the newest schema; does nothing when it is there already."""
    with database.begin() as connection:
        command.upgrade(config(connection), "head")


def current(database: sa.Engine) -> str | None:
    """The migration this database stands at, None for an empty one."""
    with database.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The last migration of the line."""
    return ScriptDirectory.from_config(config()).get_current_head()
