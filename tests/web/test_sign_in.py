"""The way in: who may enter, how long they stay, what a guess costs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.db import transaction
from engine.models import AuditEntry
from tests.web.conftest import Time
from tests.workflows.ward import Ward
from web.auth.passwords import hashed
from web.door import Hent
from workflows.staff import operations as staff
from workflows.staff.models import User

PASSWORD = "dix-neuf goélands"  # noqa: S105 (nobody has it)


@pytest.fixture
def nurse(ward: Ward, database: sa.Engine) -> User:
    with transaction(database) as db:
        user = db.get_one(User, ward.nurse.id)
        user.password = hashed(PASSWORD)
        user.username = "anne.riou"
    return user


def _enter(client: FlaskClient, login: str, password: str, **more: str) -> int:
    answer = client.post("/connexion", data={"email": login, "password": password, **more})
    return answer.status_code


def test_the_right_password_opens_by_address_or_short_name(nurse: User, app: Hent) -> None:
    for login in (nurse.email, "Anne.Riou"):
        client = app.test_client()

        assert _enter(client, login, PASSWORD) == 302
        assert client.get("/taches").status_code == 200


def test_entering_throws_away_what_the_cookie_held(nurse: User, client: FlaskClient) -> None:
    with client.session_transaction() as planted:
        planted["planted"] = "by somebody else"

    _enter(client, nurse.email, PASSWORD)

    with client.session_transaction() as kept:
        assert "planted" not in kept


def test_a_wrong_password_and_an_unknown_account_read_the_same(
    nurse: User, client: FlaskClient, database: sa.Engine
) -> None:
    wrong = client.post("/connexion", data={"email": nurse.email, "password": "autre"})
    unknown = client.post("/connexion", data={"email": "qui@example.org", "password": "autre"})

    assert wrong.status_code == unknown.status_code == 422
    assert "ne convient pas" in wrong.text
    with transaction(database) as db:
        refused = db.scalars(sa.select(AuditEntry).filter_by(action="session.refused")).all()
    assert len(refused) == 2


def test_a_closed_account_stays_out_and_its_session_ends(
    nurse: User, client: FlaskClient, database: sa.Engine, ward: Ward
) -> None:
    _enter(client, nurse.email, PASSWORD)
    with transaction(database) as db:
        staff.set_active(db, user_id=nurse.id, active=False, actor="system", now=ward.now)

    assert client.get("/taches").status_code == 302
    assert _enter(client, nurse.email, PASSWORD) == 422


def test_a_session_without_gesture_ends_and_a_refreshing_page_is_no_gesture(
    ward: Ward, as_: Callable[[User], FlaskClient], clock: Time
) -> None:
    client = as_(ward.nurse)
    clock.now += timedelta(minutes=20)
    assert client.post("/taches/releve", headers={"Hent-Quiet": "1"}).status_code == 200

    clock.now += timedelta(minutes=11)

    assert client.get("/taches").status_code == 302


def test_a_gesture_keeps_the_session_but_not_for_ever(
    ward: Ward, as_: Callable[[User], FlaskClient], clock: Time
) -> None:
    client = as_(ward.nurse)
    for _ in range(28):
        clock.now += timedelta(minutes=25)
        assert client.post("/connexion/prolonger").status_code == 204

    clock.now += timedelta(minutes=25)

    assert client.get("/taches").status_code == 302


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "/\\x.example"]
)
def test_a_link_does_not_lead_out_of_the_site(
    nurse: User, client: FlaskClient, elsewhere: str
) -> None:
    data = {"email": nurse.email, "password": PASSWORD, "next": elsewhere}

    answer = client.post("/connexion", data=data)

    assert answer.headers["Location"] == "/taches"


def test_one_is_led_where_one_wanted_to_go(nurse: User, client: FlaskClient) -> None:
    asked = client.get("/taches?view=late").headers["Location"]

    answer = client.post(asked, data={"email": nurse.email, "password": PASSWORD})

    assert answer.headers["Location"] == "/taches?view=late"


def test_guesses_are_slowed(nurse: User, client: FlaskClient, app: Hent) -> None:
    from web.auth.views import limiter

    limiter.enabled = True
    limiter.reset()
    try:
        found = [_enter(client, nurse.email, f"essai {turn}") for turn in range(11)]
    finally:
        limiter.enabled = False

    assert found[:10] == [422] * 10
    assert found[10] == 429


def test_only_a_demonstration_lets_one_in_without_a_password(
    ward: Ward, client: FlaskClient, database: sa.Engine
) -> None:
    entry = {"user_id": ward.nurse.id}
    assert client.post("/connexion/demonstration", data=entry).status_code == 403
    with transaction(database) as db:
        staff.set_setting(db, name="demonstration", value=True, actor="system", now=ward.now)
    assert client.post("/connexion/demonstration", data=entry).status_code == 403  # real accounts

    with transaction(database) as db:
        db.execute(sa.update(User).values(is_demonstration=True))

    assert "Anne Riou" in client.get("/connexion").text
    assert client.post("/connexion/demonstration", data=entry).status_code == 302


def test_a_form_of_another_site_is_refused(
    ward: Ward, app: Hent, as_: Callable[[User], FlaskClient]
) -> None:
    client = as_(ward.nurse)
    app.config["WTF_CSRF_ENABLED"] = True

    answer = client.post("/deconnexion")

    assert answer.status_code == 400
    assert "rien n’a été enregistré" in answer.text


def test_the_key_is_made_once_and_read_by_its_owner_only(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from web.settings import kept_secret

    first = kept_secret(tmp_path)

    assert kept_secret(tmp_path) == first
    assert len(first) == 64
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
