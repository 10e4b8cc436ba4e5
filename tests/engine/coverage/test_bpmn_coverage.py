"""docs/bpmn-coverage.md says what these rows prove: what runs, what is noted, what is refused."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from engine import runtime
from engine.artifacts import Artifact
from engine.db import transaction
from engine.handlers import handles
from tests.engine.coverage.drawing import file
from tests.engine.coverage.page import page
from tests.engine.coverage.rows import NOTED, REFUSED, RUNS, Noted, Refused, Runs
from tests.engine.playing import Play
from tests.engine.sketches import errors

PAGE = Path(__file__).parents[3] / "docs" / "bpmn-coverage.md"


@handles("work")
def _work(_step: object) -> None:
    """What a service task of a sketch does: nothing."""


@pytest.mark.parametrize("row", [*RUNS, *NOTED], ids=lambda row: row.element)
def test_what_is_said_to_run_is_published_and_runs(database: sa.Engine, row: Runs | Noted) -> None:
    artifacts = [file(row.body), *getattr(row, "beside", ())]
    assert errors(*artifacts) == []
    play = _play(database, artifacts)

    for move, expected in row.moves:
        _move(play, move)
        assert sorted(play.open()) == sorted(expected), move


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.element)
def test_what_is_said_to_be_refused_is_refused_in_words(row: Refused) -> None:
    said = errors(file(row.body))

    assert any(row.said in one for one in said), said


def test_the_page_says_what_the_rows_prove() -> None:
    assert PAGE.read_text("utf-8") == page(), (
        "write it again: python -m tests.engine.coverage.page"
    )


def _play(database: sa.Engine, artifacts: list[Artifact]) -> Play:
    return Play.of(database, *artifacts)


def _move(play: Play, move: str) -> None:
    if not move:
        return
    verb, what, *answers = move.split(" ")[0], *move.split(" ")[1:]
    given = {name: int(value) for name, value in (one.split("=") for one in answers)}
    if verb == "do":
        play.do(what, **given)
    elif verb == "send":
        play.send(what)
    elif verb == "wait":
        play.later(days=int(what))
    else:
        name, value = what.split("=")
        with transaction(play.database) as db:
            runtime.put_data(
                db, case_id=play.case_id, values={name: int(value)}, actor="user:1", now=play.now
            )
