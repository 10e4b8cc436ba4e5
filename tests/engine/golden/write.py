"""Keep the states that today's code writes: `python -m tests.engine.golden.write FORMAT`.

Each shape of `shapes.py` is played up to its state in a real database of today's schema, which is
written as text. To be done once, when `engine.spiff.codec.FORMAT` changes, with the code before
the change; what was written before is never written again. Shapes thought of later are kept in a
folder beside: `python -m tests.engine.golden.write 1_more`.
"""

import sqlite3
import sys
import tempfile
from pathlib import Path

from engine.db import connect
from tests.engine.golden.shapes import SHAPES, Shape
from tests.engine.playing import Play
from workflows import migrations

HERE = Path(__file__).parent


def write(folder: Path) -> None:
    """`cases.sql`, and beside it the diagrams for whoever wants to look at them."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "golden.sqlite3"
        database = connect(f"sqlite:///{file}")
        migrations.upgrade(database)
        for shape in _not_kept(folder):
            play = Play.of(database, *shape.artifacts)
            for move in shape.before:
                play.move(move)
            assert sorted(play.open()) == sorted(shape.open), (shape.name, play.open())
            for one in shape.artifacts:
                (folder / f"{one.name}.bpmn").write_bytes(one.content)
        database.dispose()
        with sqlite3.connect(file) as told:
            (folder / "cases.sql").write_text("\n".join(told.iterdump()) + "\n", "utf-8")


def _not_kept(folder: Path) -> list[Shape]:
    """Those that no folder of the same format has."""
    beside = (HERE / folder.name.removesuffix("_more"), folder)
    kept = {one.stem for place in beside for one in place.glob("*.bpmn")}
    return [shape for shape in SHAPES if shape.name not in kept]


if __name__ == "__main__":
    target = HERE / f"format_{sys.argv[1]}"
    target.mkdir(exist_ok=False)
    write(target)
