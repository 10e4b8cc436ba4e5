"""A small ward behind the real application: a test client, a live server, a browser."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from engine import db as engine_db
from tests.factories import MORNING
from tests.workflows import founding, pathway
from tests.workflows.ward import Ward, build
from web.app import create_app
from web.door import Hent
from web.security import enter
from web.settings import Settings
from workflows.staff.models import User

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


@dataclass
class Time:
    """The application's clock; a test moves it."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def ward(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Ward:
    """People and a patient's open case; written, so that the application sees them."""
    with engine_db.transaction(database) as db:
        ward = build(db, monkeypatch)
        ward.open_case()
    return ward


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pathway.Region]:
    """The release that ships and a small region, written once for all tests."""
    path = tmp_path_factory.mktemp("region") / "hent.sqlite3"
    return path, founding.publish(path)


@pytest.fixture
def region(published: tuple[Path, pathway.Region], database: sa.Engine) -> pathway.Region:
    """That region in the application's own database; nobody has opened a case yet."""
    path, known = published
    database.dispose()
    with (
        closing(sqlite3.connect(path)) as whole,
        closing(sqlite3.connect(str(database.url.database))) as copy,
    ):
        whole.backup(copy)
    return pathway.Region(database, rcp_id=known.rcp_id, people=dict(known.people))


@pytest.fixture
def app(database: sa.Engine, tmp_path: Path, clock: Time) -> Hent:
    settings = Settings(
        database_url=str(database.url), data_dir=tmp_path, secret_key=token_hex(8), clock=clock
    )
    app = create_app(settings)
    app.testing = True
    app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    yield app
    app.database.dispose()


@pytest.fixture
def client(app: Hent) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def as_(app: Hent, clock: Time) -> Callable[[User], FlaskClient]:
    """A client already signed in as this person."""

    def sign_in(user: User) -> FlaskClient:
        client = app.test_client()
        with app.test_request_context():
            from flask import session

            enter(user, clock())
            content = dict(session)
        with client.session_transaction() as kept:
            kept.update(content)
        return client

    return sign_in


@dataclass
class Live:
    """The application on a port of its own, with its CSRF and its policy in force."""

    app: Hent
    url: str
    refused: list[str] = field(default_factory=list)

    def sign_in(self, page: Any, user: User) -> None:
        """Give the browser the cookie that signing in would have given."""
        from flask.sessions import SecureCookieSessionInterface

        with self.app.test_request_context():
            from flask import session

            enter(user, self.app.config["CLOCK"]())
            serializer = SecureCookieSessionInterface().get_signing_serializer(self.app)
            assert serializer is not None
            cookie = serializer.dumps(dict(session))
        # What the page before still asks for would bring its own person's cookie back.
        page.goto("about:blank")
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "hent", "value": cookie, "url": self.url}])


@pytest.fixture
def live_server(app: Hent) -> Iterator[Live]:
    app.config.update(WTF_CSRF_ENABLED=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Live(app, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {
        "executable_path": "/usr/bin/chromium",
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {
        "locale": "fr-FR",
        "timezone_id": "Europe/Paris",
        "viewport": {"width": 1389, "height": 868},
    }


@pytest.fixture
def no_faults() -> Callable[[Any], None]:
    """Ask axe-core about the page on screen; every fault is shown with its element."""

    def check(page: Any) -> None:
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate(
            "() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', "
            "'best-practice']})"
        )
        faults = [
            f"{fault['id']}: {fault['help']} — {node['html'][:160]}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]
        assert faults == []

    return check
