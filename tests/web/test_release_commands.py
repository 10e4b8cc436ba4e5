"""`./hent check` tells what is wrong with a tree; `./hent export-revision` writes one back."""

import json
from pathlib import Path

import pytest

from engine.db import connect, transaction
from tests.factories import MORNING
from web import cli
from workflows import migrations
from workflows.revisions import operations, release


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    release.write(release.gather(), tmp_path / "tree")
    return tmp_path / "tree"


def test_the_tree_that_ships_is_told_to_be_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check"]) == 0
    assert "aucune remarque" in capsys.readouterr().out


def test_a_mistake_is_told_with_its_file_element_and_remedy(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    diagram = tree / "bpmn/phases/frailty.bpmn"
    diagram.write_text(diagram.read_text("utf-8").replace('"Oncogériatre"', '"Druide"'), "utf-8")

    assert cli.main(["check", str(tree)]) == 1

    told = capsys.readouterr().out
    assert "bpmn/phases/frailty.bpmn" in told
    assert "frailty_lane_2\u202f: Le couloir «\u202fDruide\u202f» n’est pas un rôle connu." in told


def test_findings_are_given_to_machines_too(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "bpmn/phases/frailty.bpmn").write_text("Chère collègue,", "utf-8")

    assert cli.main(["check", "--json", str(tree)]) == 1

    found = json.loads(capsys.readouterr().out)
    assert found[0]["severity"] == "error"
    assert found[0]["artifact"] == "frailty"


def test_a_folder_that_holds_nothing_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(tmp_path)]) == 1
    assert "ni diagramme, ni table, ni formulaire" in capsys.readouterr().out


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the shipped revision in service."""
    monkeypatch.setenv("HENT_DATA_DIR", str(tmp_path / "var"))
    url = f"sqlite:///{tmp_path / 'hent.sqlite3'}"
    database = connect(url)
    migrations.upgrade(database)
    with transaction(database) as db:
        operations.seed(db, actor="system", now=MORNING)
    database.dispose()
    return url


def test_an_exported_revision_is_a_tree_again(url: str, tmp_path: Path) -> None:
    out = tmp_path / "out"

    assert cli.main(["export-revision", "1", str(out), "--database-url", url]) == 0
    assert release.gather(out) == release.gather()


def test_files_that_are_there_are_not_written_over(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("à moi")

    assert cli.main(["export-revision", "1", str(tmp_path), "--database-url", url]) == 1
    said = " ".join(capsys.readouterr().err.split())  # the terminal wraps where it likes
    assert "n’est pas vide" in said


def test_a_revision_that_does_not_exist_is_told(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["export-revision", "9", str(tmp_path / "o"), "--database-url", url]) == 1
    assert "La révision 9 n’existe pas." in capsys.readouterr().err
