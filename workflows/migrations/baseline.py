"""The models come in; the first migration of the line is written anew.

`python -m workflows.migrations.baseline`, only as long as no release has shipped: afterwards a
change of the models is a migration of its own, 0002 and on.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from alembic import command

from workflows import migrations

NAME, REVISION = "foundation", "0001"


def write() -> Path:
    """From an empty database to today's tables."""
    path = migrations.HERE / "versions" / f"{REVISION}_{NAME}.py"
    path.unlink(missing_ok=True)
    with TemporaryDirectory() as folder:
        database = sa.create_engine(f"sqlite:///{folder}/empty.sqlite3")
        with database.connect() as connection:
            command.revision(
                migrations.config(connection),
                message=NAME,
                autogenerate=True,
                rev_id=REVISION,
            )
        database.dispose()
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "# ###" not in line), "utf-8")
    return path


if __name__ == "__main__":
    write()
