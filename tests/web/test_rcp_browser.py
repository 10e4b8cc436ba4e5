"""A meeting on the shared screen, with keys and a mouse; no fault for those who see little."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.web.conftest import Live, Time
from tests.web.rcp_room import Room
from tests.workflows.pathway import Region
from workflows.rcp.models import RegistrationState as State

pytestmark = pytest.mark.browser


@pytest.fixture
def room(region: Region) -> Room:
    return Room(region, region.plan_session(10))


def test_a_meeting_of_three_cases(
    room: Room, live_server: Live, page: Any, clock: Time, no_faults: Callable[[Any], None]
) -> None:
    first, second, third = (
        room.bring(name) for name in ("Anne Le Corre", "Maryse Kerbrat", "Léna Jézéquel")
    )
    room.sit("radiotherapist_member")
    clock.now = room.region.now + timedelta(minutes=5)
    live_server.sign_in(page, room.person("rcp_secretary"))
    page.goto(f"{live_server.url}/rcp/seances/{room.session_id}/reunion")

    # The first case waits for a radiation oncologist; what is typed meanwhile stays.
    assert page.locator("#quorum").inner_text().startswith("Quorum du dossier non atteint")
    no_faults(page)
    page.keyboard.press("1")
    page.get_by_label("Type", exact=True).select_option(label="Chimiothérapie")
    page.get_by_label("Précision").first.fill("EC puis paclitaxel")
    page.get_by_role("button", name="Valider et passer au suivant").click()
    page.get_by_text("il manque Radiothérapie").wait_for()
    assert page.get_by_label("Précision").first.input_value() == "EC puis paclitaxel"

    page.get_by_role("link", name="Présents").click()
    no_faults(page)
    page.get_by_role("button", name="Visio : Rose Cadiou").click()
    page.get_by_text("Quorum du dossier atteint").wait_for()
    page.get_by_role("link", name="Avis de la RCP").click()
    assert page.get_by_label("Précision").first.input_value() == "EC puis paclitaxel"
    page.get_by_label("Précision").first.press("Control+Enter")

    # The next one comes up by itself; N and P move without deciding.
    page.wait_for_url(f"**/reunion/{second.id}")
    assert room.registration(first.id).state == State.DISCUSSED
    page.keyboard.press("n")
    page.wait_for_url(f"**/reunion/{third.id}")
    page.keyboard.press("p")
    page.wait_for_url(f"**/reunion/{second.id}")

    page.get_by_label("Motif de non-discussion").select_option(label="Médecin demandeur absent")
    page.get_by_role("button", name="Mettre de côté").click()
    page.wait_for_url(f"**/reunion/{third.id}")
    assert room.registration(second.id).state == State.NOT_DISCUSSED

    # What is typed and left is there again, for a colleague too.
    page.keyboard.press("2")
    page.get_by_text("Enregistré à").wait_for()
    page.keyboard.press("g")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/reunion/{first.id}")
    page.get_by_text("Avis rendu").wait_for()
    no_faults(page)
    page.goto(f"{live_server.url}/rcp/seances/{room.session_id}/reunion/{third.id}")
    assert page.get_by_role("radio", name="Surveillance", exact=True).is_checked()

    page.get_by_role("button", name="Terminer", exact=True).click()
    page.get_by_role("button", name="Terminer la séance").click()
    page.get_by_role("heading", name="Non étudiés").wait_for()
    no_faults(page)
    assert room.registration(third.id).reason == "not_enough_time"


def test_pages_around_the_meeting_have_no_fault(
    room: Room, live_server: Live, page: Any, clock: Time, no_faults: Callable[[Any], None]
) -> None:
    first, second = room.bring("Anne Le Corre"), room.bring("Maryse Kerbrat", accept=False)
    live_server.sign_in(page, room.person("rcp_secretary"))
    session = f"/rcp/seances/{room.session_id}"

    for path in ("/rcp", "/rcp/annuaire", session):
        assert page.goto(live_server.url + path).ok
        no_faults(page)

    page.goto(live_server.url + session)
    page.get_by_role("button", name="Monter KERBRAT Maryse").click()
    page.wait_for_load_state()
    rows = page.locator("#agenda tbody tr").evaluate_all("rows => rows.map(row => row.id)")
    assert rows == [f"rang-{second.id}", f"rang-{first.id}"]
