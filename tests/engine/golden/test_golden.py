"""States written by every earlier format open with today's code and go on to their end.

A new format: before changing `engine.spiff.codec.FORMAT`, `python -m tests.engine.golden.write N`.
"""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.db import connect, transaction
from engine.models import Case
from engine.spiff import codec
from tests.engine.golden.shapes import SHAPES, Shape
from tests.engine.playing import MORNING, Play
from workflows import migrations

HERE = Path(__file__).parent
FORMATS = sorted(one.name for one in HERE.glob("format_*"))
# A shape is newer than a format when its diagram is not beside it.
KEPT = [(f, s) for f in FORMATS for s in SHAPES if (HERE / f / f"{s.name}.bpmn").exists()]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A database of that time, brought to the schema of today."""

    @cache
    def opened(folder: str) -> Path:
        file = tmp_path_factory.mktemp(folder) / "golden.sqlite3"
        with sqlite3.connect(file) as written:
            written.executescript((HERE / folder / "cases.sql").read_text("utf-8"))
        database = connect(f"sqlite:///{file}")
        migrations.upgrade(database)
        database.dispose()
        return file

    return opened


@pytest.mark.parametrize(("folder", "shape"), KEPT, ids=lambda one: getattr(one, "name", one))
def test_an_earlier_state_opens_and_goes_on(
    kept: Callable[[str], Path], tmp_path: Path, folder: str, shape: Shape
) -> None:
    file = shutil.copy(kept(folder), tmp_path / "golden.sqlite3")
    database = connect(f"sqlite:///{file}")
    try:
        play = _case(database, shape)
        assert sorted(play.open()) == sorted(shape.open)
        for move, expected in shape.after:
            assert sorted(play.move(move)) == sorted(expected), move
        assert all(state != "running" for _, state in play.instances())
    finally:
        database.dispose()


def test_the_format_of_today_is_kept() -> None:
    assert f"format_{codec.FORMAT.decode()}" in FORMATS, (
        "keep it: python -m tests.engine.golden.write " + codec.FORMAT.decode()
    )


def _case(database: sa.Engine, shape: Shape) -> Play:
    with transaction(database) as db:
        case = db.scalars(sa.select(Case).where(Case.pathway == shape.name)).one()
    waited = sum(int(move.split()[1]) for move in shape.before if move.startswith("wait"))
    return Play(database, case.id, now=MORNING + timedelta(days=waited))
