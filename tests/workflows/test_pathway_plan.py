"""The PPS takes over what is known, and what is added to it late is neither lost nor early."""

import pytest

from engine.errors import Conflict
from tests.workflows.pathway import Region

SURGERY, RADIOTHERAPY, HORMONES = "387713003", "C15313", "C15445"


@pytest.fixture
def region(region: Region) -> Region:
    region.open_case()
    region.announce()
    return region


def planned(kind: str) -> dict[str, object]:
    return {"kind": kind, "status": "planned"}


def update(region: Region, *treatments: dict[str, object]) -> None:
    region.declare("pps_update_requested", by="idec")
    region.do("revise_pps", treatments=list(treatments))
    region.do("approve_pps")
    by = region.people["referring_physician"]
    region.do("hand_over_pps", pps_handover_date=region.day(), handed_over_by=by)


def propose(region: Region) -> None:
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")
    region.do("complete_pps_treatment", treatments=region.treatments())
    region.do("complete_pps_support")
    region.do("approve_pps")
    by = region.people["referring_physician"]
    region.do("hand_over_pps", pps_handover_date=region.day(), handed_over_by=by)
    region.do("plan_appointments")


def test_a_need_to_refer_is_already_an_action_of_the_pps(region: Region) -> None:
    region.do("nursing_time", nursing_time_date=region.day())
    region.do("assess_support_needs", need_pain="referral", need_nutrition="watch")
    region.hold_rcp(8, SURGERY)

    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")

    assert region.case_data()["support_actions"] == [{"kind": "ORG-035", "status": "planned"}]


def test_an_update_before_the_prerequisites_starts_nothing(region: Region) -> None:
    region.hold_rcp(8, SURGERY)
    propose(region)

    update(region, planned(SURGERY), planned(RADIOTHERAPY))

    assert {"surgery", "radiotherapy"} & set(region.running()) == set()
    region.do("check_prerequisites")
    assert {"surgery", "radiotherapy"} <= set(region.running())


def test_a_phase_is_not_closed_under_a_treatment_added_late(region: Region) -> None:
    region.hold_rcp(8, HORMONES)
    propose(region)
    region.do("check_prerequisites")
    update(region, planned(HORMONES), planned(SURGERY))

    with pytest.raises(Conflict, match="chirurgie"):
        region.do("close_treatment", treatment_outcome="rcp")

    region.do("plan_surgery", surgery_planned_date=region.day(1))
    region.on(10)
    region.do("record_surgery", surgery_date=region.day())
    region.do("discharge_letter")
    region.do("attach_surgical_pathology")
    region.do("close_treatment", treatment_outcome="rcp")
    assert "choose_rcp" in region.open()
