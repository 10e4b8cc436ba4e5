"""A team that handed a case over reads what it did, and nothing of what came afterwards."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from engine.db import reading, transaction
from tests.factories import make_unit, make_user
from tests.web.conftest import Time
from tests.workflows.pathway import Region
from workflows.staff.models import User

SignIn = Callable[[User], FlaskClient]


def person(region: Region, who: str) -> User:
    with reading(region.database) as db:
        found = region.person(db, who)
        db.expunge(found)
        return found


@pytest.fixture
def moved(region: Region, clock: Time) -> Region:
    """A case announced in one hospital and accepted by another."""
    clock.now = region.now
    with transaction(region.database) as db:
        unit = make_unit(db, "Hématologie du CHU")
        region.people["chu"] = unit.id
        region.people["haematologist"] = make_user(
            db, "Enora Guivarch", unit=unit, roles=("referring_physician",)
        ).id
    region.open_case()
    region.announce()
    region.declare("transfer_declared")
    region.do(
        "propose_transfer",
        receiving_unit_id=region.people["chu"],
        transfer_reason="expertise",
        transfer_patient_agrees="yes",
        transfer_summary="Rechute",
    )
    return region


def test_the_receiver_answers_on_a_page_that_offers_its_own_team(
    moved: Region, as_: SignIn
) -> None:
    client = as_(person(moved, "haematologist"))
    task = moved.task("accept_transfer")

    page = client.get(f"/dossiers/{moved.case_id}/taches/{task.id}").text

    assert "Accepter ou refuser le dossier" in page
    assert "Enora Guivarch" in page
    assert "Test IDEC" not in page.split("receiving_physician", 1)[1].split("</select>")[0]


def test_the_former_team_finds_the_case_and_what_it_did(
    moved: Region, as_: SignIn, clock: Time
) -> None:
    moved.do(
        "accept_transfer",
        by="haematologist",
        transfer_accepted=True,
        receiving_physician=moved.people["haematologist"],
    )
    clock.now = moved.on(1).now
    moved.do("choose_rcp", by="haematologist", rcp_session_id=moved.plan_session(9))
    client = as_(person(moved, "idec"))

    assert client.get(f"/dossiers/{moved.case_id}").status_code == 403
    listed = client.get("/dossiers/transmis").text
    assert f"/dossiers/{moved.case_id}/avant-transfert" in listed
    page = client.get(f"/dossiers/{moved.case_id}/avant-transfert").text
    assert "Annoncer le diagnostic" in page
    assert "Accepter ou refuser" not in page
    assert "Choisir la RCP" not in page


def test_nobody_else_reads_the_past_of_a_case(moved: Region, as_: SignIn) -> None:
    with transaction(moved.database) as db:
        stranger = make_user(db, "Zoé Morvan", unit=make_unit(db, "Ailleurs"), roles=("idec",)).id
        moved.people["stranger"] = stranger
    client = as_(person(moved, "stranger"))

    assert client.get(f"/dossiers/{moved.case_id}/avant-transfert").status_code == 404
    assert f"/dossiers/{moved.case_id}/" not in client.get("/dossiers/transmis").text
