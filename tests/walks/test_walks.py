"""Random legal walks through the pathway never break an invariant of domain §13.

A walk is its seed: `HENT_WALK=SEED` plays one again, `HENT_WALKS=2000` plays so many
(`./hent torture`).
"""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.db import Base, connect, transaction
from tests.walks.region import Region, build
from tests.walks.walk import Walk
from workflows.revisions import operations as revisions

WALKS = int(os.environ.get("HENT_WALKS", "12"))
MOVES = int(os.environ.get("HENT_WALK_MOVES", "90"))


@dataclass(frozen=True)
class Ground:
    """The release in service and the region, as they were before the first step of any walk."""

    founded: Path
    database: sa.Engine  # one for all walks: what it has compiled serves again
    region: Region

    def level(self) -> None:
        """Nothing is left of the walk before."""
        self.database.dispose()
        file = Path(self.database.url.database or "")
        for left in file.parent.glob(f"{file.name}*"):
            left.unlink()
        shutil.copy(self.founded, file)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("walks")
    database = connect(f"sqlite:///{folder / 'walk.sqlite3'}")
    Base.metadata.create_all(database)
    with transaction(database) as db:
        revisions.seed(db, actor="system", now=datetime(2026, 1, 1, tzinfo=UTC))
        region = build(db)
    with database.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    shutil.copy(folder / "walk.sqlite3", folder / "founded.sqlite3")
    yield Ground(folder / "founded.sqlite3", database, region)
    database.dispose()


def walk(seed: int, ground: Ground) -> Walk:
    """One walk in a region where nothing has happened; what goes wrong tells the whole way there."""
    ground.level()
    made = Walk(ground.database, ground.region, Random(seed))  # noqa: S311 (chance, not secrecy)
    try:
        made.go(MOVES)
    except Exception as error:
        error.add_note(f"HENT_WALK={seed}")
        for line in made.trail[-40:]:
            error.add_note(line)
        raise
    return made


@settings(
    max_examples=WALKS,
    deadline=None,
    database=None,
    derandomize="HENT_WALKS" not in os.environ,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(min_value=0, max_value=2**32))
def _walks(ground: Ground, seed: int) -> None:
    walk(seed, ground)


def test_no_walk_breaks_an_invariant(ground: Ground) -> None:
    if "HENT_WALK" in os.environ:
        made = walk(int(os.environ["HENT_WALK"]), ground)
        sys.stdout.write("\n".join(made.trail))
        return
    _walks(ground)


@pytest.mark.postgres
def test_nor_on_postgresql(postgres_database: sa.Engine) -> None:
    """One case after the other in the same region: few, as what differs is only the database."""
    with transaction(postgres_database) as db:
        revisions.seed(db, actor="system", now=datetime(2026, 1, 1, tzinfo=UTC))
        region = build(db)
    for seed in range(max(2, WALKS // 20)):
        Walk(postgres_database, region, Random(seed)).go(MOVES)  # noqa: S311 (chance)
