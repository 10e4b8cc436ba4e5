"""A death recorded by mistake is taken back from the case's page, and what is lost is said."""

from collections.abc import Callable

from flask.testing import FlaskClient

from engine.db import transaction
from tests.web.conftest import Time
from tests.workflows.pathway import Region
from workflows.staff.models import User


def test_the_page_takes_back_a_death_and_says_what_cannot_come_back(
    region: Region, clock: Time, as_: Callable[[User], FlaskClient]
) -> None:
    region.open_case()
    region.announce()
    with transaction(region.database) as db:
        client = as_(region.person(db, "secretary"))
    clock.now = region.now
    page = f"/dossiers/{region.case_id}/annuler-deces"
    assert client.get(page).status_code == 404
    region.declare("death_declared", by="secretary")
    region.do("record_death", death_date=region.day())
    region.do("inform_after_death", death_gp_informed="yes", death_sites_informed="none")

    assert "Annuler un décès" in client.get(f"/dossiers/{region.case_id}").text
    assert "D’où vient l’erreur" in client.get(page).text
    assert client.post(page, data={"reason": ""}).status_code == 422
    shown = client.post(page, data={"reason": "Homonyme"}, follow_redirects=True).text

    assert "Le décès est annulé" in shown
    assert "rappelez-les" in shown
    assert region.case_state() == "open"
    assert "correct_after_death" in region.open()
