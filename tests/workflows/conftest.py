"""The ward that the tests of this room play in."""

import pytest
from sqlalchemy.orm import Session

from tests.workflows.ward import Ward, build


@pytest.fixture
def ward(db: Session, monkeypatch: pytest.MonkeyPatch) -> Ward:
    return build(db, monkeypatch)
