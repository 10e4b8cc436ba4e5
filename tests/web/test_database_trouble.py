"""What the database cannot do reaches people as a page with a remedy, never as a lock error."""

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from engine import db as engine_db
from engine.db import transaction
from tests.factories import make_user
from tests.workflows.ward import Ward
from web.app import create_app
from web.settings import Settings
from workflows.staff.models import User

As = Callable[[User], FlaskClient]
JARGON = ("locked", "OperationalError", "Traceback", "psycopg", "sqlite")


def said(answer: Any) -> str:
    return unescape(answer.get_data(as_text=True)).replace("\u202f", " ")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for before the application, which then gives up waiting at once."""
    monkeypatch.setattr(engine_db, "BUSY_MS", 200)


@pytest.fixture
def admin(impatient: None, ward: Ward, database: sa.Engine) -> User:
    with transaction(database) as db:
        return make_user(db, "Yann Guéguen", roles=("administrator",))


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_a_database_held_by_somebody_else_is_a_page_that_says_try_again(
    admin: User, as_: As, database: sa.Engine, headers: dict[str, str]
) -> None:
    client = as_(admin)
    with transaction(database) as db:  # as another process, in the middle of something long
        db.connection()
        answer = client.post("/incidents/relancer", headers=headers)
        assert client.get("/incidents").status_code == 200, "reading never waits"

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "rien n’a été enregistré, réessayez dans un instant" in said(answer)
    assert not [word for word in JARGON if word in said(answer)]
    assert client.post("/incidents/relancer", headers=headers).status_code == 302


def test_a_database_that_is_gone_is_a_page_that_says_so(tmp_path: Path) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    app = create_app(Settings(database_url=nowhere, data_dir=tmp_path, secret_key="x" * 16))
    client = app.test_client()

    for address in ("/connexion", "/sante"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert "ne répond plus" in said(answer)
        assert not [word for word in JARGON if word in said(answer)]
