"""The ward and the region that the tests of this room play in."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy.orm import Session

from engine.db import connect
from tests.workflows import founding, pathway
from tests.workflows.ward import Ward, build


@pytest.fixture
def ward(db: Session, monkeypatch: pytest.MonkeyPatch) -> Ward:
    return build(db, monkeypatch)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pathway.Region]:
    """The release that ships and a small region, written once: each test plays on a copy."""
    path = tmp_path_factory.mktemp("region") / "hent.sqlite3"
    return path, founding.publish(path)


@pytest.fixture
def region(published: tuple[Path, pathway.Region], tmp_path: Path) -> Iterator[pathway.Region]:
    """A region where nobody has opened a case yet."""
    path, known = published
    copy = tmp_path / "hent.sqlite3"
    copyfile(path, copy)
    database = connect(f"sqlite:///{copy}")
    yield pathway.Region(database, rcp_id=known.rcp_id, people=dict(known.people))
    database.dispose()
