"""In the browser: a delay is changed and published; new cases take it, those that run keep theirs."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine.db import transaction
from tests.factories import make_user
from tests.web.test_first_day import Ward
from tests.workflows.pathway import Region
from workflows.deadlines import operations as deadlines

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
STEP, RULE = "announce_diagnosis", "annonce sous quinze jours"


@pytest.fixture
def ward(region: Region, live_server: Any, page: Page) -> Ward:
    with transaction(region.database) as db:
        region.people["manager"] = make_user(
            db, "Sylvie Gourvennec", roles=("quality_manager",)
        ).id
    return Ward(region, live_server, page)


def test_a_delay_is_changed_and_published_for_the_cases_to_come(
    ward: Ward, region: Region, page: Page, live_server: Any
) -> None:
    region.open_case()
    region.confirm()
    first = region.case_id
    before = region.due(STEP)

    ward.enter("manager")
    page.goto(f"{live_server.url}/parcours")
    page.get_by_role("button", name="Commencer un brouillon").click()
    page.get_by_role("link", name="Délais").first.click()
    page.get_by_role("link", name="Modifier le délai de Annoncer le diagnostic").click()
    page.get_by_label("Délai", exact=True).fill("15")
    page.get_by_label("Règle, telle que les équipes la lisent").fill(RULE)
    page.get_by_role("button", name="Enregistrer le délai").click()
    expect(page.get_by_role("row", name=re.compile("Annoncer le diagnostic"))).to_contain_text(
        RULE
    )
    page.get_by_role("link", name="Relire et publier").click()
    page.get_by_role("button", name="Publier et mettre en service").click()
    expect(page.get_by_text("Révision 2 en service", exact=True).first).to_be_visible()

    region.open_case()
    region.confirm()
    assert (region.due(STEP) - before).days == 8  # fifteen days and no longer seven
    said = _case_page(ward, page, region.case_id)
    assert "15 jours après le compte rendu anatomopathologique" in said
    assert f"règle « {RULE} »" in said
    assert "table des délais, révision 2" in said

    # The case that ran keeps its date, and its rule even where its date moves afterwards.
    with transaction(region.database) as db:
        deadlines.set_milestone(
            db, case_id=first, name="pathology_report", at="2026-03-04",
            actor="user:1", now=region.now,
        )  # fmt: skip
    said = _case_page(ward, page, first)
    region.case_id = first
    assert (region.due(STEP) - before).days == 2
    assert "7 jours après le compte rendu anatomopathologique du 4 mars 2026" in said
    assert (RULE in said, "table des délais, révision 1" in said) == (False, True)


def _case_page(ward: Ward, page: Page, case_id: int) -> str:
    ward.enter("referring_physician")
    page.goto(f"{ward.live.url}/dossiers/{case_id}")
    return page.locator(".case-side").inner_text().replace("\u202f", " ").replace("\xa0", " ")
