"""« Identités »: who may see it, what is settled there, and that the absorbed leads to the other."""

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.db import reading, transaction
from engine.models import AuditEntry
from tests.factories import make_patient
from tests.workflows.pathway import Region
from workflows.cases.models import Episode
from workflows.patients import doubts, retrieving
from workflows.patients.models import Patient, PatientMerge
from workflows.staff import operations as staff
from workflows.staff.models import User

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def known(region: Region) -> int:
    """Nolwenn Test-Lannic, with an open case."""
    region.open_case()
    with reading(region.database) as db:
        return db.get_one(Episode, region.case_id).patient_id


@pytest.fixture
def other(region: Region, known: int) -> int:
    with transaction(region.database) as db:
        return make_patient(db, "Nolwenn Test-Lanic", born=date(1974, 10, 1)).id


def person(region: Region, who: str) -> User:
    with reading(region.database) as db:
        return region.person(db, who)


@pytest.fixture
def cell(region: Region, as_: SignIn) -> FlaskClient:
    return as_(person(region, "identity_vigilance"))


@pytest.fixture
def desk(region: Region, as_: SignIn) -> FlaskClient:
    return as_(person(region, "secretary"))


def test_the_page_is_for_identitovigilance(cell: FlaskClient, desk: FlaskClient) -> None:
    assert "Identités" in cell.get("/taches", follow_redirects=True).text
    assert cell.get("/identites").status_code == 200
    refused = desk.get("/identites")
    assert refused.status_code == 403
    assert "corriger ou fusionner des identités" in refused.text
    assert 'href="/identites"' not in desk.get("/taches", follow_redirects=True).text


def test_a_doubt_shows_wherever_the_name_does(
    region: Region, known: int, cell: FlaskClient, desk: FlaskClient
) -> None:
    said = desk.post(
        f"/identites/{known}/doute", data={"reason": "Écart avec la carte"}, follow_redirects=True
    )
    assert "Doute signalé" in said.text

    for page in (
        desk.get(f"/dossiers/{region.case_id}"),
        desk.get("/patients"),
        desk.get("/taches", follow_redirects=True),
        desk.post("/dossiers/nouveau", data={"text": "test-lannic"}),
        cell.get("/identites"),
    ):
        assert "identité en doute" in page.text.lower(), page.request.path
    assert "rien n’est partagé sous son nom" in desk.get(f"/dossiers/{region.case_id}").text
    assert "Écart avec la carte" in cell.get("/identites").text


def test_a_doubt_from_the_case_says_why(
    region: Region, known: int, desk: FlaskClient, cell: FlaskClient
) -> None:
    place = f"/dossiers/{region.case_id}/evenements/identity_doubted"
    assert "Pourquoi" in desk.get(place).text
    assert desk.post(place, data={}).status_code == 422

    desk.post(place, data={"reason": "Deux prénoms différents"})

    assert "Deux prénoms différents" in cell.get("/identites").text
    task = region.task("settle_identity")
    page = cell.get(f"/dossiers/{region.case_id}/taches/{task.id}").text
    assert f'href="/identites/{known}"' in page


def test_settling_on_the_page_answers_the_step_of_the_case(
    region: Region, known: int, cell: FlaskClient, desk: FlaskClient
) -> None:
    desk.post(f"/identites/{known}/doute", data={"reason": "Écart avec la carte"})
    assert "settle_identity" in region.open()

    nothing = cell.post(f"/identites/{known}/decision", data={"reason": "Carte revue"})
    assert nothing.status_code == 422
    page = cell.post(
        f"/identites/{known}/decision",
        data={"decision": "confirmed", "reason": "Carte revue"},
        follow_redirects=True,
    )

    assert "le partage reprend" in page.text
    assert "settle_identity" not in region.open()


def test_correcting_says_what_is_wrong_and_keeps_what_was_typed(
    region: Region, known: int, cell: FlaskClient
) -> None:
    typed = {
        "birth_name": "Lannig", "first_names": "Nolwenn", "birth_date": "31/02/1974", "sex": "F",
        "reason": "Carte d’identité",
    }  # fmt: skip
    page = cell.post(f"/identites/{known}/correction", data=typed)
    assert page.status_code == 422
    assert "Saisissez la date de naissance comme 27/11/1961" in page.text
    assert 'value="Lannig"' in page.text

    done = cell.post(
        f"/identites/{known}/correction",
        data=typed | {"birth_date": "10/01/1974"},
        follow_redirects=True,
    )
    assert "Identité corrigée" in done.text
    assert "TEST-LANNIC → LANNIG" in done.text.replace("\n", "")


def test_a_merge_is_seen_before_it_is_done_and_the_absorbed_leads_to_the_other(
    region: Region, known: int, other: int, cell: FlaskClient, desk: FlaskClient
) -> None:
    place = f"/identites/{known}/comparer/{other}"
    assert cell.get(place).status_code == 200
    assert desk.get(place).status_code == 403

    asked = cell.post(place, data={"survivor": other, "reason": "Même carte"})
    assert asked.status_code == 422
    assert "Choisissez le bon trait partout" in asked.text
    chosen = {
        "survivor": str(other), "trait-birth_name": str(known), "trait-birth_date": str(known),
        "reason": "Même carte d’identité",
    }  # fmt: skip
    preview = cell.post(place, data=chosen)
    assert "Avant de fusionner" in preview.text
    with reading(region.database) as db:  # nothing yet
        assert db.scalar(sa.select(PatientMerge.id)) is None
        assert db.get_one(Patient, known).merged_into_id is None

    done = cell.post(place, data=chosen | {"confirmed": "1"}, follow_redirects=True)
    assert "Identités fusionnées" in done.text
    with reading(region.database) as db:
        survivor = db.get_one(Patient, other)
        assert (survivor.birth_name, survivor.birth_date) == ("Test-Lannic", date(1974, 1, 10))
        assert db.get_one(Episode, region.case_id).patient_id == other
        merge_id = db.scalar(sa.select(PatientMerge.id))
    assert cell.get(f"/identites/{known}").location == f"/identites/{other}"
    assert desk.get(f"/dossiers/nouveau/patient/{known}").location.endswith(f"/patient/{other}")
    assert cell.get(place).status_code == 409
    assert "a déjà été fusionnée" in cell.get(place).text

    undone = cell.post(
        f"/identites/fusions/{merge_id}/defaire",
        data={"reason": "Deux sœurs"},
        follow_redirects=True,
    )
    assert "chacune a retrouvé ses traits" in undone.text


def test_two_persons_are_said_so_once(
    region: Region, known: int, other: int, cell: FlaskClient
) -> None:
    assert f"/identites/{known}/comparer/{other}" in cell.get("/identites?vue=doubles").text

    cell.post(f"/identites/{known}/distinctes/{other}", data={"reason": "Deux cartes vues"})

    assert f"/comparer/{other}" not in cell.get("/identites?vue=doubles").text
    with reading(region.database) as db:
        assert db.get_one(Patient, known).is_homonym


def test_insi_that_is_not_there_stops_nothing(
    region: Region, known: int, desk: FlaskClient
) -> None:
    page = desk.post(f"/identites/{known}/insi")

    assert page.status_code == 503
    assert "pas raccordé" in page.text
    assert "le dossier se poursuit localement" in page.text
    region.do("check_identity", identity_check="verified")


def test_the_fake_insi_is_called_so_and_gives_a_test_number(
    region: Region, known: int, desk: FlaskClient
) -> None:
    with transaction(region.database) as db:
        staff.set_setting(
            db, name=retrieving.SETTING, value="fake", actor="system", now=region.now
        )
    page = desk.post(f"/identites/{known}/insi", follow_redirects=True)
    assert "INSi simulé" in page.text
    assert "Autorité de test" in page.text
    desk.post(f"/identites/{known}/piece", data={"document": "passport"})
    with reading(region.database) as db:
        patient = db.get_one(Patient, known)
        assert (patient.ins_status, patient.ins_oid) == ("qualified", "1.2.250.1.213.1.4.10")
        actions = set(db.scalars(sa.select(AuditEntry.action)))
    assert "patient.insi_asked" in actions
    vitale = desk.post(f"/identites/{known}/piece", data={"document": "vitale"})
    assert vitale.status_code == 422
    assert "carte Vitale" in vitale.text


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [("Panne", 503, "ne répond pas"), ("Inconnu", 302, "")],
)
def test_insi_silent_or_without_answer_changes_nothing(
    region: Region, desk: FlaskClient, name: str, status: int, said: str
) -> None:
    with transaction(region.database) as db:
        staff.set_setting(
            db, name=retrieving.SETTING, value="fake", actor="system", now=region.now
        )
        patient_id = make_patient(db, f"Anne {name}").id

    page = desk.post(f"/identites/{patient_id}/insi")

    assert page.status_code == status
    assert said in page.text
    with reading(region.database) as db:
        assert db.get_one(Patient, patient_id).ins is None


def test_a_case_for_somebody_very_like_is_opened_once_somebody_has_looked(
    region: Region, known: int, desk: FlaskClient
) -> None:
    with transaction(region.database) as db:
        patient = make_patient(db, "Nolwen Test-Lannic", born=date(1974, 1, 10))
        patient.is_homonym = False
        patient_id, unit = patient.id, region.people["unit"]
    asked = {"unit_id": unit, "organ": "breast"}

    page = desk.post(f"/dossiers/nouveau/patient/{patient_id}", data=asked)
    assert page.status_code == 409
    assert "peut-être déjà connue" in page.text
    assert f"/dossiers/nouveau/patient/{known}" in page.text

    opened = desk.post(f"/dossiers/nouveau/patient/{patient_id}", data=asked | {"confirmed": "on"})
    assert opened.location.startswith("/dossiers/")


def test_somebody_unsure_creates_the_identity_with_its_doubt(
    region: Region, known: int, desk: FlaskClient
) -> None:
    traits = {
        "birth_name": "Test Lannic", "first_names": "Nolwenn", "birth_date": "10/01/1974", "sex": "F",
    }  # fmt: skip
    assert desk.post("/dossiers/nouveau/identite", data=traits).status_code == 409

    created = desk.post("/dossiers/nouveau/identite", data=traits | {"doubt": "1"})

    patient_id = int(created.location.rsplit("/", 1)[1])
    with reading(region.database) as db:
        assert doubts.open_doubt(db, patient_id) is not None
