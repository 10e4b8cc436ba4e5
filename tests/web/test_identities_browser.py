"""Identitovigilance merges two identities with the keyboard, sees it beforehand, and undoes it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from engine.db import reading, transaction
from tests.factories import make_patient
from tests.web.conftest import Live
from tests.workflows.pathway import Region
from workflows.cases.models import Episode
from workflows.patients.models import Patient

pytestmark = pytest.mark.browser


def test_a_merge_from_the_list_to_its_undoing(
    region: Region, live_server: Live, page: Any, no_faults: Callable[[Any], None]
) -> None:
    region.open_case()
    with transaction(region.database) as db:
        known = db.get_one(Episode, region.case_id).patient_id
        other = make_patient(db, "Nolwenn Test-Lanic", born=date(1974, 10, 1), phone="02 99 00").id
    with reading(region.database) as db:
        cell = region.person(db, "identity_vigilance")
    live_server.sign_in(page, cell)

    page.goto(f"{live_server.url}/identites?vue=doubles")
    no_faults(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Comparer deux identités").wait_for()
    no_faults(page)

    # Nothing is chosen beforehand; what is missing is named, what was typed stays.
    assert page.get_by_role("radio", checked=True).count() == 0
    page.get_by_role("radio", name="TEST-LANNIC Nolwenn").check()
    page.get_by_role("textbox", name="Motif de la fusion").fill("Même carte d’identité")
    page.get_by_role("button", name="Voir ce qui va se passer").click()
    page.get_by_text("Choisissez le bon trait partout").wait_for()
    assert page.get_by_role("radio", name="TEST-LANNIC Nolwenn").is_checked()
    page.get_by_role("radio", name="TEST-LANNIC", exact=True).check()
    page.get_by_role("radio", name="10/01/1974").check()
    page.keyboard.press("Enter")

    page.get_by_role("heading", name="Avant de fusionner").wait_for()
    no_faults(page)
    with reading(region.database) as db:
        assert db.get_one(Patient, other).merged_into_id is None
    page.get_by_role("button", name="Fusionner les deux identités").click()
    page.get_by_text("Identités fusionnées").wait_for()
    assert page.url.endswith(f"/identites/{known}")
    no_faults(page)
    page.goto(f"{live_server.url}/identites/{other}")
    assert page.url.endswith(f"/identites/{known}")

    page.get_by_role("button", name="Défaire la fusion").click()
    page.get_by_role("textbox", name="Motif", exact=False).last.fill("Deux sœurs")
    page.locator("dialog[open]").get_by_role("button", name="Défaire la fusion").click()
    page.get_by_text("chacune a retrouvé ses traits").wait_for()
    assert page.url.endswith(f"/identites/{other}")


def test_the_pages_hold_on_a_phone(
    region: Region, live_server: Live, page: Any, no_faults: Callable[[Any], None]
) -> None:
    region.open_case()
    region.declare("identity_doubted", by="secretary", identity_doubt_reason="Deux prénoms")
    with transaction(region.database) as db:
        known = db.get_one(Episode, region.case_id).patient_id
        other = make_patient(db, "Nolwenn Test-Lanic", born=date(1974, 10, 1)).id
    with reading(region.database) as db:
        cell = region.person(db, "identity_vigilance")
    live_server.sign_in(page, cell)
    page.set_viewport_size({"width": 390, "height": 844})

    for path in (
        "/identites",
        "/identites?vue=provisional",
        f"/identites/{known}",
        f"/identites/{known}/correction",
        f"/identites/{known}/comparer/{other}",
    ):
        assert page.goto(live_server.url + path).ok
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        no_faults(page)
