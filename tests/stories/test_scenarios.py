"""Every story of bpmn/scenarios is played on the diagrams and forms of this tree, to its last day."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.db import Base, connect, reading, transaction
from engine.models import Case, Task
from engine.spiff import codec
from engine.undo import UndoPoint
from workflows.records import queries as records
from workflows.revisions import operations as revisions
from workflows.scenarios.player import play
from workflows.scenarios.story import BadStory, read

FOLDER = Path(__file__).parents[2] / "bpmn" / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with this tree's revision in service; each story gets a copy."""
    file = tmp_path_factory.mktemp("published") / "hent.sqlite3"
    database = connect(f"sqlite:///{file}")
    Base.metadata.create_all(database)
    with transaction(database) as db:
        revisions.seed(db, actor="system", now=datetime(2026, 1, 1, tzinfo=UTC))
    with database.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return file


@pytest.fixture
def theatre(published: Path, tmp_path: Path) -> Iterator[sa.Engine]:
    shutil.copy(published, tmp_path / "story.sqlite3")
    database = connect(f"sqlite:///{tmp_path / 'story.sqlite3'}")
    yield database
    database.dispose()


@contextmanager
def every_state(database: sa.Engine) -> Iterator[list[bytes]]:
    """What every diagram is reduced to after every step: small, however long the story."""
    states: list[bytes] = []

    def note(_c: Any, _cursor: Any, statement: str, given: Any, _x: Any, many: bool) -> None:
        if statement.startswith("UPDATE instance SET snapshot"):
            states.extend(bytes(row[0]) for row in (given if many else [given]))

    sa.event.listen(database, "before_cursor_execute", note)
    try:
        yield states
    finally:
        sa.event.remove(database, "before_cursor_execute", note)


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_story_holds_to_its_last_day(file: Path, theatre: sa.Engine) -> None:
    story = read(file.stem, file.read_text("utf-8"))

    with every_state(theatre) as states:
        happened = list(play(theatre, story))

    assert len(happened) == len(story.steps)
    assert sum(happening.checks for happening in happened) > 0
    assert max(map(len, states)) <= 3 * 1024
    assert max(codec.live(codec.read(one)) for one in states) <= 80


@pytest.mark.postgres
def test_a_story_is_the_same_on_postgresql(postgres_database: sa.Engine) -> None:
    with transaction(postgres_database) as db:
        revisions.seed(db, actor="system", now=datetime(2026, 1, 1, tzinfo=UTC))
    story = read("c_lung", (FOLDER / "c_lung.yaml").read_text("utf-8"))

    assert len(list(play(postgres_database, story))) == len(story.steps)


def test_the_stories_of_the_domain_are_there() -> None:
    assert {"a_breast", "c_lung"} <= {file.stem for file in FILES}


def test_a_document_says_whose_it_is_in_every_version(theatre: sa.Engine) -> None:
    list(play(theatre, read("a_breast", (FOLDER / "a_breast.yaml").read_text("utf-8"))))

    with reading(theatre) as db:
        found = records.records_of(db, 1)

    assert {record.kind for record in found} == {"rcp_sheet", "pps", "ppac"}
    assert all(record.context["patient"]["birth_name"] == "TEST-LANNIC" for record in found)


def test_what_validates_signs_sends_or_publishes_is_never_offered_back(
    theatre: sa.Engine,
) -> None:
    done: set[str] = set()
    offered: set[str] = set()
    for _ in play(theatre, read("a_breast", (FOLDER / "a_breast.yaml").read_text("utf-8"))):
        with reading(theatre) as db:
            done |= set(db.scalars(sa.select(Task.name).filter_by(state="done")))
            offered |= set(db.scalars(sa.select(UndoPoint.name)))

    engaging = {name for name in done if name.startswith(("Valider", "Remettre le PPAC"))}
    assert len(engaging) == 4
    assert engaging.isdisjoint(offered)
    assert {"Saisir la décision de RCP", "Inscrire, poser la question"}.isdisjoint(offered)
    assert "Appeler le patient" in offered


@pytest.mark.parametrize(
    "step",
    ["{do: check_identiti}", "{skip: check_identiti}", "{expect: {open: [check_identiti]}}"],
)
def test_a_step_that_no_diagram_has_is_told_before_the_first_day(
    theatre: sa.Engine, step: str
) -> None:
    story = read(
        "essai",
        "{title: Essai, day_0: 2026-01-12, organ: breast, steps: ["
        f"{{day: 0, open: secretary}}, {step}], "
        "patient: {birth_name: Test-Lannic, first_names: Nolwenn, birth_date: 1973-09-30, sex: F}}",
    )

    with pytest.raises(BadStory, match=r"essai, étape 2 .*« check_identiti ».*check_identity"):
        next(play(theatre, story))

    with reading(theatre) as db:
        assert db.scalars(sa.select(Case)).all() == []
