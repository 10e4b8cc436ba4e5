"""Beyond one machine: the demonstration region on PostgreSQL, and every page that links lead to."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from secrets import token_hex

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.db import reading, transaction
from web.app import create_app
from web.door import Hent
from web.settings import Settings
from workflows.demonstration.loading import load
from workflows.revisions import operations as revisions
from workflows.staff import queries as staff
from workflows.staff.models import User

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PATIENTS = 3
PAGES = 12  # by person; most of what follows differs by a number only
LINK = re.compile(r'(?:href|hx-get|src)="(/[^"#]*)')


@pytest.fixture
def app(postgres_database: sa.Engine, tmp_path: Path) -> Iterator[Hent]:
    with transaction(postgres_database) as db:
        revisions.seed(db, actor="system", now=datetime(2026, 1, 1, tzinfo=UTC))
    for _ in load(postgres_database, now=NOW, patients=PATIENTS):
        pass
    url = postgres_database.url.render_as_string(hide_password=False)
    app = create_app(
        Settings(database_url=url, data_dir=tmp_path, secret_key=token_hex(8), clock=lambda: NOW)
    )
    app.testing = True
    app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    yield app
    app.database.dispose()


def test_every_page_that_links_lead_to_opens(
    app: Hent, as_: Callable[[User], FlaskClient]
) -> None:
    with reading(app.database) as db:
        people = [one for one in staff.demonstration_accounts(db) if "showcase" in one.preferences]
    bad: list[str] = []
    shapes: set[str] = set()
    for user in people:
        for path, status in _walked(as_(user), shapes):
            if status >= 500:
                bad.append(f"{user.email} {path}: {status}")

    assert bad == []
    assert len(shapes) > 40, sorted(shapes)


def _walked(client: FlaskClient, shapes: set[str]) -> Iterator[tuple[str, int]]:
    """From the home page on, each address once, those of a shape that nobody opened first."""
    waiting, known = ["/"], {"/"}
    for _ in range(PAGES):
        waiting.sort(key=lambda path: _shape(path) in shapes)
        if not waiting:
            return
        path = waiting.pop(0)
        shapes.add(_shape(path))
        answer = client.get(path, follow_redirects=True)
        yield path, answer.status_code
        if answer.mimetype == "text/html":
            found = {unescape(link) for link in LINK.findall(answer.text)} - known
            found = {link for link in found if not link.startswith(("/static", "/deconnexion"))}
            waiting += sorted(found)
            known |= found


def _shape(path: str) -> str:
    return re.sub(r"\d+|=[^&]*", "…", path)
