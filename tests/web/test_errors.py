"""Every « no » is a French page or fragment with its status; a bug says nothing of a patient."""

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.workflows.ward import Ward
from web.door import Hent
from workflows.staff.models import User

As = Callable[[User], FlaskClient]


def test_an_unknown_page_is_a_french_page(ward: Ward, as_: As) -> None:
    answer = as_(ward.nurse).get("/nulle-part")

    assert answer.status_code == 404
    assert "Page introuvable" in answer.text
    assert as_(ward.nurse).get("/taches/prendre").status_code == 405


def test_a_fragment_is_refused_by_a_fragment(ward: Ward, as_: As) -> None:
    answer = as_(ward.nurse).get("/taches/999/apercu", headers={"HX-Request": "true"})

    assert answer.status_code == 404
    assert "<html" not in answer.text
    assert answer.headers["HX-Retarget"] == "#toasts"


def test_an_ended_session_never_swallows_what_was_typed(client: FlaskClient) -> None:
    answer = client.post("/taches", data={"text": "x"}, headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert "Se reconnecter" in answer.text
    assert answer.headers["HX-Retarget"] == "#toasts"


def test_a_bug_gives_a_reference_and_keeps_the_patient_out_of_the_log(
    ward: Ward,
    as_: As,
    app: Hent,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from web.inbox import views

    def fails(*_args: object, **_kwargs: object) -> None:
        raise ValueError("Maïwenn Le Bihan, née le 14/05/1958")

    monkeypatch.setattr(views.inbox, "inbox", fails)

    answer = as_(ward.nurse).get("/taches")

    said = capsys.readouterr()
    assert answer.status_code == 500
    assert "Référence" in answer.text
    assert "ValueError" in said.out + said.err
    for text in (answer.text, said.out, said.err):
        assert "1958" not in text
        assert "Traceback" not in text


def test_a_page_is_compressed_and_static_files_last(ward: Ward, as_: As, app: Hent) -> None:
    from web.assets import DIST

    page = as_(ward.nurse).get("/taches", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    manifest = DIST / "manifest.json"
    if not manifest.exists():
        pytest.skip("the front end was not built")
    file = json.loads(manifest.read_text("utf-8"))["entries/hent.js"]["file"]

    script = app.test_client().get(f"/static/dist/{file}")

    script.close()
    assert "immutable" in script.headers["Cache-Control"]
