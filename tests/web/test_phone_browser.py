"""On a phone: a form beside its document is read from top to bottom, no question over another."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.test_first_day import Ward
from tests.workflows.pathway import Region

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SURGERY = "387713003"
PHONE = {"width": 390, "height": 844}


def test_the_questions_beside_a_document_stand_one_below_the_other(
    region: Region, live_server: Any, page: Any
) -> None:
    region.open_case()
    region.announce()
    region.hold_rcp(8, SURGERY)
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")
    region.do("complete_pps_treatment", treatments=[{"kind": SURGERY, "status": "planned"}])
    region.do("complete_pps_support")
    page.set_viewport_size(PHONE)
    ward = Ward(region, live_server, page)
    ward.enter("referring_physician")
    ward.open_task("approve_pps")
    page.locator("[name=correction_requested][value=true]").check()
    # A sentence said by the diagram stands above: the script still shows what is asked by now.
    expect(page.locator("#w-approval_comment")).to_be_visible()
    region.do("approve_pps")
    ward.open_task("hand_over_pps")

    places = page.eval_on_selector_all(
        ".form-grid > .f",
        "all => all.map((one) => one.getBoundingClientRect()).filter((box) => box.height)"
        ".map((box) => [box.left, box.top, box.right, box.bottom])",
    )

    assert len(places) >= 4
    for above, below in pairwise(places):
        assert below[1] >= above[3], "one below the other"
    assert all(right - left > 300 for left, _top, right, _bottom in places)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
