"""A case whose last diagram has ended closes by itself; what comes later opens the same case again."""

import pytest

from engine.errors import Conflict, Refusal
from tests.workflows.pathway import Region


def come_out(region: Region, result: str) -> None:
    """From the opening to the pathologist's answer."""
    region.open_case()
    region.do("check_identity")
    region.do("inform_patient", information_date=region.day())
    region.do(
        "attach_pathology_report", pathology_report_date=region.day(), pathology_result=result
    )


def test_a_benign_result_closes_the_case(region: Region) -> None:
    come_out(region, "benign")

    assert region.case_state() == "closed"
    assert region.open() == []


def test_a_malignant_one_goes_on(region: Region) -> None:
    come_out(region, "malignant")

    assert region.case_state() == "open"
    assert region.open() == ["announce_diagnosis"]


def test_an_rcp_asked_for_later_opens_the_same_case_again(region: Region) -> None:
    come_out(region, "benign")

    region.declare("rcp_requested")

    assert region.case_state() == "open"
    assert region.open() == ["choose_rcp"]


def test_nothing_is_declared_after_a_death(region: Region) -> None:
    come_out(region, "benign")
    region.declare("death_declared", by="secretary")
    region.do("record_death", death_date=region.day())
    region.do("inform_after_death", death_gp_informed="yes", death_sites_informed="none")
    assert region.case_state() == "closed"

    with pytest.raises(Conflict, match="plus rien ne se déclare"):
        region.declare("rcp_requested")


def test_a_plan_that_is_not_approved_is_not_handed_over(region: Region) -> None:
    """« Sans objet » leaves a draft: nothing of it is given, and no treatment begins from it."""
    come_out(region, "malignant")
    region.do("announce_diagnosis", announcement_date=region.day())
    region.do("designate_team")
    region.hold_rcp(8, "387713003")
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")
    region.do("complete_pps_treatment")
    region.do("complete_pps_support")

    region.skip("approve_pps")

    assert "hand_over_pps" not in region.open()
    with pytest.raises(Refusal, match="PPS"):
        region.do("check_prerequisites", prerequisites_outcome="met")
