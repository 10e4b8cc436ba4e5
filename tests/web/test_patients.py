"""Finding a patient, and opening a case: identity first, duplicates shown, a second tumour confirmed."""

from collections.abc import Callable

import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.db import reading
from engine.models import AuditEntry
from tests.workflows.ward import Ward
from workflows.cases.models import Episode
from workflows.patients.models import Patient
from workflows.staff.models import User

As = Callable[[User], FlaskClient]
TRAITS = {
    "birth_name": "Test-Kerbrat",
    "first_names": "Rozenn Marie",
    "birth_date": "1961-03-12",
    "sex": "F",
}


def test_patients_are_those_of_ones_teams(ward: Ward, as_: As) -> None:
    assert "LE BIHAN" in as_(ward.nurse).get("/patients").text
    assert "LE BIHAN" not in as_(ward.stranger).get("/patients").text


def test_one_box_finds_by_name_or_birth_date(ward: Ward, as_: As) -> None:
    client = as_(ward.nurse)

    for text in ("le bih", "14/05/1958"):
        assert "Maïwenn" in client.post("/patients", data={"text": text}).text
    assert "Aucun dossier ne correspond" in client.post("/patients", data={"text": "madec"}).text


def test_looking_an_identity_up_is_written_down(ward: Ward, as_: As, database: sa.Engine) -> None:
    answer = as_(ward.stranger).post("/dossiers/nouveau", data={"text": "le bihan"})

    assert "LE BIHAN" in answer.text
    with reading(database) as db:
        assert db.scalar(sa.select(AuditEntry.id).filter_by(action="patient.looked_up"))


def test_who_opens_no_case_looks_nobody_up(ward: Ward, as_: As, database: sa.Engine) -> None:
    from engine.db import transaction
    from tests.factories import make_user
    from workflows.staff.models import Unit

    with transaction(database) as db:
        radiographer = make_user(
            db, "Luc Abalain", unit=db.get_one(Unit, ward.unit.id), roles=("radiographer",)
        )

    assert as_(radiographer).post("/dossiers/nouveau", data={"text": "le"}).status_code == 403


def test_a_new_patient_gets_a_case_whose_first_task_waits(
    ward: Ward, as_: As, database: sa.Engine
) -> None:
    client = as_(ward.nurse)

    created = client.post("/dossiers/nouveau/identite", data=TRAITS)
    opened = client.post(
        created.headers["Location"], data={"unit_id": ward.unit.id, "organ": "lung"}
    )

    with reading(database) as db:
        episode = db.scalars(sa.select(Episode).order_by(Episode.case_id.desc())).first()
    assert episode is not None
    assert opened.headers["Location"] == f"/dossiers/{episode.case_id}"
    assert "TEST-KERBRAT" in client.get("/taches?organ=lung").text


def test_a_likeness_is_shown_and_only_a_person_sets_it_aside(
    ward: Ward, as_: As, database: sa.Engine
) -> None:
    client = as_(ward.nurse)
    client.post("/dossiers/nouveau/identite", data=TRAITS)

    alike = TRAITS | {"birth_name": "Test-Kerbra"}
    warned = client.post("/dossiers/nouveau/identite", data=alike)
    confirmed = client.post("/dossiers/nouveau/identite", data=alike | {"confirmed": "on"})

    assert warned.status_code == 409
    assert "C’est cette personne" in warned.text
    assert confirmed.status_code == 302
    with reading(database) as db:
        found = db.scalars(sa.select(Patient).filter_by(birth_name="Test-Kerbra")).one()
    assert found.is_homonym


def test_what_is_wrong_is_said_beside_the_field_and_typing_is_kept(ward: Ward, as_: As) -> None:
    answer = as_(ward.nurse).post(
        "/dossiers/nouveau/identite", data=TRAITS | {"birth_date": "2031-01-01"}
    )

    assert answer.status_code == 422
    assert "La date de naissance n’est pas possible." in answer.text
    assert "Test-Kerbrat" in answer.text


def test_a_second_case_of_the_same_organ_is_confirmed_first(
    ward: Ward, as_: As, database: sa.Engine
) -> None:
    with reading(database) as db:
        patient_id = db.scalars(sa.select(Episode.patient_id)).one()
    client, address = as_(ward.nurse), f"/dossiers/nouveau/patient/{patient_id}"
    given = {"unit_id": ward.unit.id, "organ": "breast"}

    warned = client.post(address, data=given)
    confirmed = client.post(address, data=given | {"confirmed": "on"})

    assert warned.status_code == 409
    assert "seconde tumeur" in warned.text
    assert confirmed.status_code == 302
    second = client.get(confirmed.headers["Location"], follow_redirects=True)
    assert "Seconde tumeur, confirmée à l’ouverture du dossier" in second.text
    assert "Voir l’autre dossier" in second.text
    assert "a son propre dossier" in client.get(f"/dossiers/{ward.case_id}").text
