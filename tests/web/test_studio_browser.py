"""In the browser: a diagram is changed by hand and by the panel, a delay too, and it is published."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from engine.db import transaction
from engine.publishing import artifacts_of
from tests.web.conftest import Live
from tests.web.studio_room import furnish
from workflows.revisions import delays
from workflows.revisions.steps import sheet

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)  # as long as any other wait: the whole release is checked


@pytest.fixture
def draft(live_server: Live, page: Page, database: sa.Engine) -> str:
    """The address of a draft of the quality manager, signed in; a refused style or script fails."""
    people = furnish(database)
    live_server.sign_in(page, people["manager"])
    page.on("pageerror", lambda error: live_server.refused.append(str(error)))
    page.on(
        "console",
        lambda line: live_server.refused.append(line.text) if line.type == "error" else None,
    )
    page.goto(f"{live_server.url}/parcours")
    page.get_by_role("button", name="Commencer un brouillon").click()
    page.wait_for_url("**/brouillons/1")
    return page.url


def open_editor(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("[data-ready]")).to_be_attached(timeout=15_000)


def panel(page: Page, label: str) -> Any:
    return page.get_by_role("complementary", name="Étape choisie").get_by_label(label, exact=True)


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_contain_text("Enregistré aujourd’hui", timeout=15_000)


def test_a_diagram_is_changed_checked_mended_and_published(
    draft: str, page: Page, live_server: Live, database: sa.Engine
) -> None:
    open_editor(page, f"{draft}/diagrammes/frailty")
    page.locator("[data-element-id=g8_score]").click()
    expect(panel(page, "Rôle")).to_be_visible()

    panel(page, "Ce que lisent les équipes").fill("Faire le score G8")
    panel(page, "Rôle").select_option(label="Oncogériatre")
    panel(page, "Ce que demande l’étape").select_option("")
    saved(page)

    # Told in French, closed with its reason, and shown where it is.
    expect(page.locator("#publish")).to_contain_text("1 point bloquant")
    expect(page.locator(".remark-badge")).to_have_text("Bloquant")
    page.get_by_role("tabpanel", name="Contrôles").get_by_role(
        "link", name="Faire le score G8"
    ).click()
    expect(page).to_have_url(f"{draft}/diagrammes/frailty")

    panel(page, "Ce que demande l’étape").select_option("g8_score")
    panel(page, "Délai").fill("8")
    panel(page, "Délai").press("Tab")
    expect(page.locator(".panel-said")).to_contain_text("8 jours après l’ouverture")
    expect(page.locator("#publish").get_by_role("link", name="Publier…")).to_be_visible(
        timeout=15_000
    )
    page.locator("#publish").get_by_role("link", name="Publier…").click()
    expect(page.get_by_role("heading", name="Publier le brouillon")).to_be_visible()
    page.get_by_role("button", name="Publier et mettre en service").click()
    expect(page.get_by_text("Révision 2 en service", exact=True).first).to_be_visible()

    with transaction(database) as db:
        content = {(a.kind, a.name): a.content for a in artifacts_of(db, 2)}
    step = sheet("frailty", content["diagram", "frailty"]).step("g8_score")
    assert step is not None
    assert (step.name, step.lane, step.form, step.deadline) == (
        "Faire le score G8", "Oncogériatre", "g8_score", "g8_score",
    )  # fmt: skip
    row = delays.row_of(content["table", "deadlines"], "g8_score")
    assert row is not None
    assert (row.delay.amount, row.delay.label) == (8, "G8 avant la fiche de RCP")
    assert live_server.refused == []


def test_what_is_not_touched_survives_the_editor(
    draft: str, page: Page, database: sa.Engine
) -> None:
    """A shape moved by hand: no property, condition, message or return is lost."""
    with transaction(database) as db:
        before = {a.name: a.content for a in artifacts_of(db, 1) if a.kind == "diagram"}
    for name in ("rcp", "systemic", "cancer"):
        open_editor(page, f"{draft}/diagrammes/{name}")
        page.evaluate(
            "() => { const m = window.hentModeler; const r = m.get('elementRegistry');"
            " const one = r.filter((e) => e.type.endsWith('Task') || e.type === 'bpmn:CallActivity')[0];"
            " m.get('modeling').moveElements([one], { x: 10, y: 0 }); }"
        )
        saved(page)
        answer = page.request.get(f"{draft}/fichiers/diagram/{name}")

        after = sheet(name, answer.body())
        assert set(after.steps) == set(sheet(name, before[name]).steps)
        for mark in (b"conditionExpression", b"messageRef", b'name="returns"', b'name="keep"'):
            assert answer.body().count(mark) == before[name].count(mark)


def test_the_table_is_changed_in_its_editor_and_keeps_its_rules(
    draft: str, page: Page, live_server: Live
) -> None:
    open_editor(page, f"{draft}/tables/deadlines")
    cell = page.locator("td[data-element-id=deadline_check_identity_amount] [role=textbox]")
    cell.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    saved(page)

    rows = delays.rows(page.request.get(f"{draft}/fichiers/table/deadlines").body())
    assert rows[0].delay.say() == "3 jours après l’ouverture"
    assert rows[0].delay.label == "identité vérifiée le jour même"
    assert all(row.delay.label for row in rows)
    page.get_by_role("link", name="Modifier en formulaire").click()
    expect(page.get_by_role("row", name="Vérifier l’identité INS")).to_contain_text("3 jours")
    assert live_server.refused == []


def test_the_editors_speak_french_and_show_whose_they_are(draft: str, page: Page) -> None:
    open_editor(page, f"{draft}/diagrammes/rcp")
    for element in ("record_rcp_decision", "registered_or_discussed", "agenda_closed"):
        shape = page.locator(f"[data-element-id={element}]")
        if shape.count():
            page.evaluate(
                "(id) => { const m = window.hentModeler; const e = m.get('elementRegistry').get(id);"
                " m.get('selection').select(e); m.get('popupMenu').open(e, 'bpmn-replace', { x: 300, y: 200 });"
                " m.get('popupMenu').close(); }",
                element,
            )
    assert page.evaluate("() => [...window.hentMissing]") == []
    _mark_is_not_covered(page, ".bjs-powered-by")

    open_editor(page, f"{draft}/tables/deadlines")
    assert page.evaluate("() => [...window.hentMissing]") == []
    _mark_is_not_covered(page, ".bjs-powered-by")


def _mark_is_not_covered(page: Page, selector: str) -> None:
    """The licence of the editors: their mark stays visible and nothing lies over it."""
    mark = page.locator(selector).first
    expect(mark).to_be_visible()
    assert mark.evaluate(
        "(one) => { const b = one.getBoundingClientRect();"
        " const top = document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2);"
        " return one === top || one.contains(top); }"
    )


def test_the_pages_have_no_accessibility_fault(
    draft: str, page: Page, no_faults: Callable[[Any], None]
) -> None:
    for address in (
        "",
        "/delais?step=g8_score&ouvrir=1",
        "/diagrammes/rcp/etapes",
        "/diagrammes/rcp/image",
        "/publier",
    ):
        page.goto(f"{draft}{address}")
        no_faults(page)
    page.goto(f"{draft.split('/brouillons')[0]}")
    no_faults(page)
    open_editor(page, f"{draft}/diagrammes/frailty")
    page.locator("[data-element-id=g8_score]").click()
    no_faults(page)
