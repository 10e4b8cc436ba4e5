"""The line of migrations: one after the other, and at its end exactly the tables of the models."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.db import Base, connect
from workflows import migrations


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> Iterator[sa.Engine]:
    database = connect(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    yield database
    database.dispose()


@pytest.fixture
def empty_postgres(postgres_database: sa.Engine) -> sa.Engine:
    Base.metadata.drop_all(postgres_database)
    return postgres_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest) -> sa.Engine:
    found: sa.Engine = request.getfixturevalue(f"empty_{request.param}")
    return found


def _differences(database: sa.Engine) -> list[Any]:
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [*compare_metadata(context, Base.metadata)]


def test_an_empty_database_comes_to_exactly_the_tables_of_the_models(empty: sa.Engine) -> None:
    migrations.upgrade(empty)

    assert _differences(empty) == []
    assert migrations.current(empty) == migrations.newest()


def test_upgrading_twice_changes_nothing(empty: sa.Engine) -> None:
    migrations.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO setting (establishment_id, name, value) VALUES (0, 'a', '1')")
        )

    migrations.upgrade(empty)

    with empty.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM setting")) == 1


def test_tables_sorted_by_their_key_stay_without_rowid(empty_sqlite: sa.Engine) -> None:
    migrations.upgrade(empty_sqlite)

    with empty_sqlite.connect() as connection:
        texts = connection.scalars(
            sa.text("SELECT sql FROM sqlite_master WHERE name IN ('task_offer', 'case_access')")
        ).all()
    assert len(texts) == 2
    assert all("WITHOUT ROWID" in text for text in texts)


def test_migrations_form_one_numbered_line() -> None:
    script = ScriptDirectory.from_config(migrations.config())
    line = [step.revision for step in script.walk_revisions()][::-1]

    assert script.get_heads() == [line[-1]]
    assert line == [f"{number:04}" for number in range(1, len(line) + 1)]
    names = sorted(path.name for path in (migrations.HERE / "versions").glob("*.py"))
    assert [name[:4] for name in names] == line
