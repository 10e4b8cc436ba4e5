"""The pages in Chromium, under the real policy: nothing refused, no fault for axe-core, keys and swaps."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from engine.db import reading, transaction
from tests.web.conftest import Live
from tests.workflows.ward import Ward
from workflows.cases import hands
from workflows.staff import operations as staff
from workflows.staff.models import User

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Check = Callable[[Any], None]


@pytest.fixture
def watched(page: Any) -> Any:
    """A page whose console must stay silent: a refused style or script speaks there."""
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    assert said == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_free_of_faults_in_both_themes(
    ward: Ward, live_server: Live, watched: Any, no_faults: Check, theme: str
) -> None:
    watched.emulate_media(color_scheme=theme)
    watched.goto(f"{live_server.url}/connexion")
    no_faults(watched)
    live_server.sign_in(watched, ward.nurse)
    for address in ("/taches", "/taches/terminees", "/patients", "/dossiers/nouveau",
                    "/dossiers/nouveau/identite", "/alertes"):  # fmt: skip
        watched.goto(live_server.url + address)
        assert watched.locator("h1").count() == 1
        no_faults(watched)
    watched.goto(f"{live_server.url}/taches")
    watched.locator(".task-link").first.click()
    watched.locator(".preview-foot").wait_for()
    no_faults(watched)
    watched.keyboard.press("a")
    watched.locator("#sheet[open] .people").wait_for()
    no_faults(watched)


def test_no_fault_on_a_phone(
    ward: Ward, live_server: Live, watched: Any, no_faults: Check
) -> None:
    watched.set_viewport_size({"width": 390, "height": 844})
    live_server.sign_in(watched, ward.nurse)
    watched.goto(f"{live_server.url}/taches")

    no_faults(watched)
    assert watched.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_hand_stays_on_the_keyboard(ward: Ward, live_server: Live, watched: Any) -> None:
    live_server.sign_in(watched, ward.nurse)
    watched.goto(f"{live_server.url}/taches")

    watched.keyboard.press("j")
    watched.locator("#preview .identity").wait_for()
    watched.keyboard.press("x")
    selected = watched.locator(".selection").inner_text()
    watched.keyboard.press("Escape")
    watched.keyboard.press("?")
    help_is_open = watched.locator("#keys[open]").count()
    watched.keyboard.press("Escape")
    watched.keyboard.press("/")
    watched.keyboard.type("jjx")  # in a field, letters are letters

    assert "1 tâche sélectionnée" in selected
    assert help_is_open == 1
    assert watched.locator("#filter-text").input_value() == "jjx"


def test_enter_opens_the_task(ward: Ward, live_server: Live, page: Any) -> None:
    live_server.sign_in(page, ward.nurse)
    page.goto(f"{live_server.url}/taches")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dossiers/*/taches/*")


def test_taking_a_task_swaps_the_pane_and_the_row(
    ward: Ward, live_server: Live, watched: Any, database: sa.Engine
) -> None:
    live_server.sign_in(watched, ward.nurse)
    watched.goto(f"{live_server.url}/taches")
    watched.locator(".task-link").first.click()

    watched.get_by_role("button", name="Prendre").click()

    watched.get_by_role("button", name="Rendre").wait_for()
    watched.locator(".toast-line").wait_for()
    watched.locator("tr.task .person", has_text="Anne Riou").first.wait_for(state="attached")
    with reading(database) as db:
        assert hands.assignee_of(db, _first(watched)) == ward.nurse.id


def test_a_task_is_blocked_and_taken_up_again_from_the_keyboard(
    ward: Ward, live_server: Live, watched: Any, no_faults: Check
) -> None:
    live_server.sign_in(watched, ward.nurse)
    watched.goto(f"{live_server.url}/taches")

    watched.keyboard.press("j")
    watched.locator("#preview .identity").wait_for()
    watched.keyboard.press("b")
    watched.locator("#sheet[open] #hold-reason:focus").wait_for()
    no_faults(watched)
    watched.keyboard.type("Compte rendu attendu")
    watched.keyboard.press("Enter")
    watched.locator("tr.task .held-line", has_text="Compte rendu attendu").wait_for()
    watched.locator("#preview .held-box").wait_for()
    no_faults(watched)
    watched.keyboard.press("z")

    watched.locator("#toasts", has_text="reprise").wait_for()
    watched.locator("tr.task").first.wait_for()
    assert watched.locator(".held-line").count() == 0


def test_filters_change_the_address_and_back_works(
    ward: Ward, live_server: Live, watched: Any
) -> None:
    live_server.sign_in(watched, ward.nurse)
    watched.goto(f"{live_server.url}/taches")

    watched.locator("#rail a", has_text="En retard").click()
    watched.locator("h1", has_text="En retard").wait_for()
    late = watched.url
    watched.go_back()
    watched.locator("h1", has_text="Toutes").wait_for()

    assert late.endswith("/taches?view=late")
    assert watched.url.endswith("/taches")


def test_a_name_typed_in_the_filter_stays_out_of_the_address(
    ward: Ward, live_server: Live, watched: Any
) -> None:
    live_server.sign_in(watched, ward.nurse)
    watched.goto(f"{live_server.url}/taches")

    watched.fill("#filter-text", "personne")
    watched.keyboard.press("Enter")

    watched.get_by_text("Aucune tâche ne correspond").wait_for()
    assert "personne" not in watched.url


def test_the_inbox_works_without_javascript(
    ward: Ward, live_server: Live, browser: Any, database: sa.Engine
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    live_server.sign_in(page, ward.nurse)

    page.goto(f"{live_server.url}/taches")
    page.locator(".task-link").first.click()
    page.get_by_role("button", name="Prendre").click()

    page.get_by_role("button", name="Rendre").wait_for()  # one, and only once the page is there
    with reading(database) as db:
        assert hands.assignee_of(db, _first(page)) == ward.nurse.id
    context.close()


def test_the_theme_one_chose_wins_over_the_system(
    ward: Ward, live_server: Live, watched: Any, database: sa.Engine
) -> None:
    with transaction(database) as db:
        staff.set_preference(db, user=db.get_one(User, ward.nurse.id), name="theme", value="dark")
    watched.emulate_media(color_scheme="light")
    live_server.sign_in(watched, ward.nurse)

    watched.goto(f"{live_server.url}/taches")

    ground = watched.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(14, 21, 23)"


def _first(page: Any) -> int:
    return int(page.locator("tr.task").first.get_attribute("id").removeprefix("task-"))
