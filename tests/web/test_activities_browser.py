"""What may be done beside the pathway, on the page of a case: quiet, explained, one gesture away."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.test_first_day import Ward
from tests.workflows.pathway import Region

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_call_is_two_gestures_away_and_what_waits_says_why(
    region: Region, live_server: Any, page: Any, no_faults: Callable[[Any], None]
) -> None:
    ward = Ward(region, live_server, page)
    region.open_case()
    region.announce()
    ward.enter("idec")
    page.goto(f"{live_server.url}/dossiers/{region.case_id}")

    page.locator(".case-do summary").first.click()
    menu = page.locator(".menu-long")
    menu.wait_for()
    assert "Déplacer un cycle" not in menu.inner_text()  # not possible yet: folded
    menu.locator(".menu-later summary").click()
    assert "Un traitement doit être en cours." in menu.inner_text()
    no_faults(page)

    menu.get_by_text("Appeler le patient").click()
    page.locator(".declare .btn-primary").click()
    page.wait_for_load_state()
    ward.choose("call_outcome", "not_reached")
    page.locator("[data-submit]").click()
    page.wait_for_load_state()

    page.goto(f"{live_server.url}/dossiers/{region.case_id}/chronologie")
    assert "Journal des appels" in page.locator("main").inner_text()
    assert "Non joint" in page.locator("main").inner_text()
    no_faults(page)
