"""« Comptes »: an establishment starts from one administrator made on the command line."""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.db import reading, transaction
from engine.errors import Conflict, Invalid
from tests.factories import make_unit, make_user
from web.auth.passwords import matches
from web.commands import create_administrator
from web.commands.create_administrator import add_arguments
from workflows import migrations
from workflows.demonstration import loading
from workflows.staff import operations as staff
from workflows.staff import queries
from workflows.staff.models import Membership, User

GOOD = "goéland phare ajonc"


@pytest.fixture
def admin(database: sa.Engine) -> User:
    with transaction(database) as db:
        return make_user(db, "Paul Lannuzel", roles=("administrator",))


@pytest.fixture
def office(admin: User, as_: Callable[[User], FlaskClient]) -> FlaskClient:
    return as_(admin)


def command(database: sa.Engine, *more: str) -> int:
    parser = ArgumentParser()
    add_arguments(parser)
    given = ["chef@example.org", "Paul", "Lannuzel", "--database-url", str(database.url), *more]
    return create_administrator.run(parser.parse_args(given))


@pytest.fixture
def migrated(tmp_path: Path) -> sa.Engine:
    from engine.db import connect

    database = connect(f"sqlite:///{tmp_path / 'real.sqlite3'}")
    migrations.upgrade(database)
    return database


def test_the_first_administrator_comes_from_the_command_line(
    migrated: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_text(f"{GOOD}\n", "utf-8")

    assert command(migrated, "--password-file", str(file)) == 0

    with reading(migrated) as db:
        user = queries.user_by_email(db, "chef@example.org")
        assert user is not None
        assert user.role_codes == {"administrator"}
        assert (user.password or "").startswith("$argon2id$")
        assert matches(user.password, GOOD)
        assert not user.is_demonstration
    monkeypatch.setenv("HENT_ADMINISTRATOR_PASSWORD", GOOD)
    with pytest.raises(Conflict, match="existe déjà"):
        command(migrated)


def test_what_is_typed_twice_must_be_the_same_and_long(
    migrated: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter([GOOD, "autre chose", "court", "court"])
    monkeypatch.setattr(create_administrator, "getpass", lambda _prompt: next(typed))

    with pytest.raises(Invalid, match="diffèrent"):
        command(migrated)
    with pytest.raises(Invalid, match="12 caractères"):
        command(migrated)
    with reading(migrated) as db:
        assert db.scalar(sa.select(User.id)) is None


def test_no_real_account_among_fictional_people(
    migrated: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(migrated) as db:
        staff.set_setting(
            db,
            name=loading.PROPERTY,
            value=True,
            actor="system",
            now=datetime(2026, 1, 1, tzinfo=UTC),
        )
    monkeypatch.setenv("HENT_ADMINISTRATOR_PASSWORD", GOOD)

    with pytest.raises(Conflict, match="démonstration"):
        command(migrated)


def test_a_site_is_set_up_from_nothing(
    office: FlaskClient, database: sa.Engine, client: FlaskClient
) -> None:
    office.post("/comptes/etablissements", data={"name": "CH de Kerlann", "city": "Kerlann"})
    with reading(database) as db:
        site = queries.establishments(db)[0].id
    assert "CH de Kerlann" in office.get("/comptes").text
    office.post("/comptes/unites", data={"site_id": site, "name": "Sénologie"})
    refused = office.post("/comptes/unites", data={"site_id": site, "name": "Sénologie"})
    assert refused.status_code == 409
    person = {
        "first_name": "Anne", "last_name": "Riou", "email": "anne@example.org", "password": "court",
    }  # fmt: skip
    short = office.post("/comptes/nouveau", data=person)
    assert short.status_code == 422
    assert "12 caractères" in short.text
    assert 'value="Riou"' in short.text
    assert "court" not in short.text.replace("Nom court", "")
    made = office.post("/comptes/nouveau", data=person | {"password": GOOD})
    place = made.location
    with reading(database) as db:
        unit = queries.units(db)[0].id
    office.post(f"{place}/roles", data={"role": "idec", "unit_id": unit})

    assert "IDEC" in office.get(place).text
    signed = client.post("/connexion", data={"email": "anne@example.org", "password": GOOD})
    assert signed.status_code == 302
    assert client.get("/taches").status_code == 200

    office.post(f"{place}/fermer")
    assert client.get("/taches").status_code == 302  # to the door
    again = client.post("/connexion", data={"email": "anne@example.org", "password": GOOD})
    assert again.status_code == 422
    office.post(f"{place}/rouvrir")
    office.post(f"{place}/mot-de-passe", data={"password": "bigorneau marée dune"})
    with reading(database) as db:
        user = queries.user_by_email(db, "anne@example.org")
        assert user is not None
        assert matches(user.password, "bigorneau marée dune")
    office.post(f"{place}/roles/retirer", data={"role": "idec", "unit_id": unit})
    with reading(database) as db:
        held = db.scalars(sa.select(Membership.role)).all()
        assert set(held) == {"administrator"}


def test_the_last_administrator_stays(office: FlaskClient, admin: User) -> None:
    place = f"/comptes/{admin.id}"

    assert office.post(f"{place}/fermer").status_code == 409
    kept = office.post(f"{place}/roles/retirer", data={"role": "administrator", "unit_id": ""})
    assert kept.status_code == 409
    assert "dernier administrateur" in kept.text


@pytest.mark.parametrize("path", ["/comptes", "/comptes/nouveau", "/comptes/1"])
def test_accounts_are_the_administrator_s(
    database: sa.Engine, as_: Callable[[User], FlaskClient], path: str
) -> None:
    with transaction(database) as db:
        nurse = make_user(db, "Anne Riou", unit=make_unit(db), roles=("idec",))

    refused = as_(nurse).get(path)

    assert refused.status_code == 403
    assert "gérer les comptes" in refused.text
