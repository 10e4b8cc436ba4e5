"""Every route asks who you are, every answer carries its protection, every « no » is a page."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, IntegerConverter

from web.door import Hent

PUBLIC = {"incidents.health", "auth.sign_in", "auth.check_password", "auth.enter_demonstration"}


def _routes(app: Hent) -> list[tuple[str, str, str]]:
    found = []
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            values = {name: _example(kind) for name, kind in rule._converters.items()}
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                path = adapter.build(rule.endpoint, values, method=method)
                found.append((rule.endpoint, method, path))
    return found


def _example(converter: Any) -> Any:
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return 1 if isinstance(converter, IntegerConverter) else "x"


def test_every_route_asks_who_you_are_unless_it_says_it_is_public(
    app: Hent, client: FlaskClient
) -> None:
    open_doors = set()
    for endpoint, method, path in _routes(app):
        if endpoint == "static":
            continue
        answer = client.open(path, method=method)
        to_sign_in = answer.status_code == 302 and "/connexion" in answer.headers["Location"]
        if not (to_sign_in or answer.status_code == 401):
            open_doors.add(endpoint)

    assert open_doors <= PUBLIC


def test_a_page_carries_its_protection_and_is_kept_nowhere(client: FlaskClient) -> None:
    answer = client.get("/connexion")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
