"""`./hent audit`: what it says and the exit code a scheduler looks at."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from engine import audit
from engine.db import connect, transaction
from engine.models import AuditChain, AuditEntry
from tests.conftest import MORNING
from web.cli import main
from workflows import migrations


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the trail of two cases, and a data directory of its own."""
    monkeypatch.setenv("HENT_DATA_DIR", str(tmp_path / "data"))
    url = f"sqlite:///{tmp_path / 'hent.sqlite3'}"
    database = connect(url)
    migrations.upgrade(database)
    with transaction(database) as db:
        for case_id in (1, 1, 1, 2):
            audit.record(db, actor="user:1", action="case.read", now=MORNING, case_id=case_id)
    database.dispose()
    return url


def hent(*words: str, url: str) -> int:
    return main(["audit", *words, "--database-url", url])


def test_a_whole_trail_is_said_to_be_whole(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hent("anchor", url=address) == 0
    assert hent("anchor", url=address) == 0
    assert "Rien n’a été écrit" in capsys.readouterr().out
    assert hent("verify", url=address) == 0
    assert "1 ancre signée" in capsys.readouterr().out


def test_a_trail_cut_short_is_told_by_name_and_exit_code(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "anchors.jsonl"
    hent("anchor", url=address)
    assert hent("export", str(copy), url=address) == 0
    database = connect(address)
    with transaction(database) as db:
        db.execute(sa.delete(AuditEntry).where(AuditEntry.case_id == 1, AuditEntry.position == 3))
        head = db.scalar(
            sa.select(AuditEntry.seal).where(AuditEntry.case_id == 1, AuditEntry.position == 2)
        )
        db.execute(
            sa.update(AuditChain).where(AuditChain.case_id == 1).values(length=2, head=head)
        )
    database.dispose()

    assert hent("verify", "--against", str(copy), url=address) == 1

    said = capsys.readouterr().out.replace("\u202f", " ")
    assert "Ancre 1 : dossier 1, son journal a été raccourci, il comptait 3 lignes." in said


def test_a_file_that_is_none_is_refused_in_a_sentence(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("Bonjour")

    assert hent("verify", "--against", str(tmp_path / "letter.txt"), url=address) == 1
    assert "n’est pas un fichier d’ancres" in capsys.readouterr().err.replace("\n", "")


def test_the_public_key_may_be_given_to_whoever_checks(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hent("key", url=address) == 0
    assert len(bytes.fromhex(capsys.readouterr().out.strip())) == 32
