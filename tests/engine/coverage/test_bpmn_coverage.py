"""docs/bpmn-coverage.md says what these rows prove: what runs, what is noted, what is refused."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.engine.coverage.drawing import file
from tests.engine.coverage.page import page
from tests.engine.coverage.rows import NOTED, REFUSED, RUNS, Noted, Refused, Runs
from tests.engine.playing import Play
from tests.engine.sketches import errors

PAGE = Path(__file__).parents[3] / "docs" / "bpmn-coverage.md"


@pytest.mark.parametrize("row", [*RUNS, *NOTED], ids=lambda row: row.element)
def test_what_is_said_to_run_is_published_and_runs(database: sa.Engine, row: Runs | Noted) -> None:
    artifacts = [file(row.body), *getattr(row, "beside", ())]
    assert errors(*artifacts) == []
    play = Play.of(database, *artifacts)

    for move, expected in row.moves:
        opened = play.move(move) if move else play.open()
        assert sorted(opened) == sorted(expected), move


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.element)
def test_what_is_said_to_be_refused_is_refused_in_words(row: Refused) -> None:
    said = errors(file(row.body))

    assert any(row.said in one for one in said), said


def test_the_page_says_what_the_rows_prove() -> None:
    assert PAGE.read_text("utf-8") == page(), (
        "write it again: python -m tests.engine.coverage.page"
    )
