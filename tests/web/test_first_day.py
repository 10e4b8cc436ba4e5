"""The first thing tried works: a nurse and a doctor take a patient from referral to a downloaded PPS."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.db import transaction
from tests.workflows.pathway import Region

SURGERY = "387713003"


class Ward:
    """People at one browser, each signed in in turn; what they do, in the words of the screen."""

    def __init__(self, region: Region, live: Any, page: Any) -> None:
        self.region, self.live, self.page = region, live, page

    def enter(self, who: str) -> None:
        self.live.app.config["CLOCK"].now = self.region.now
        with transaction(self.region.database) as db:
            self.live.sign_in(self.page, self.region.person(db, who))

    def open_task(self, element: str) -> None:
        task = self.region.task(element)
        self.page.goto(f"{self.live.url}/dossiers/{task.case_id}/taches/{task.id}")

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f'[name="{name}"][value="{value}"]').check(force=True)

    def write(self, **answers: str) -> None:
        for name, text in answers.items():
            self.page.locator(f'[name="{name}"]').fill(text)

    def validate(self, element: str) -> None:
        """The one filled button; the step is closed on the very next look."""
        self.page.locator("[data-submit]").click()
        self.page.wait_for_load_state()
        assert element not in self.region.open(), self.page.locator("main").inner_text()


@pytest.mark.browser
def test_from_referral_to_a_downloaded_pps(
    region: Region, live_server: Any, page: Any, no_faults: Callable[[Any], None]
) -> None:
    ward = Ward(region, live_server, page)
    region.open_case()

    ward.enter("secretary")
    page.goto(f"{live_server.url}/taches")
    assert "TEST-LANNIC" in page.locator("main").inner_text()
    ward.open_task("check_identity")
    ward.choose("identity_check", "verified")
    ward.validate("check_identity")

    ward.enter("referring_physician")
    ward.open_task("inform_patient")
    page.locator("[data-submit]").click()
    page.wait_for_load_state()
    assert "à corriger" in page.locator("main").inner_text().lower(), (
        "nothing is validated blindly"
    )
    ward.write(information_date="02/03/2026")
    ward.choose("sharing_opposition", "false")
    ward.validate("inform_patient")

    ward.enter("idec")
    ward.open_task("attach_pathology_report")
    ward.write(pathology_report_date="02/03/2026")
    ward.choose("pathology_result", "malignant")
    page.locator('select[name="topography"]').select_option("C50.4")
    ward.validate("attach_pathology_report")

    ward.enter("referring_physician")
    ward.open_task("announce_diagnosis")
    ward.write(announcement_date="02/03/2026")
    ward.validate("announce_diagnosis")
    region.do("designate_team", team_idec=region.people["idec"])
    region.hold_rcp(8, SURGERY)
    region.print()

    ward.enter("referring_physician")
    ward.open_task("propose_treatment")
    ward.choose("patient_decision", "accepts")
    ward.write(proposal_date=f"{region.now:%d/%m/%Y}")
    ward.validate("propose_treatment")
    ward.open_task("complete_pps_treatment")
    assert "repris" in page.locator("main").inner_text()
    ward.validate("complete_pps_treatment")

    ward.enter("idec")
    ward.open_task("complete_pps_support")
    ward.validate("complete_pps_support")
    region.print()

    ward.enter("referring_physician")
    ward.open_task("approve_pps")
    no_faults(page)
    ward.validate("approve_pps")
    region.print()
    page.goto(f"{live_server.url}/dossiers/{region.case_id}/documents")
    (record,) = region.records("pps")
    answer = page.request.get(f"{live_server.url}/documents/{record.id}.pdf")

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")
    assert record.approved_at is not None
