"""Treated before any RCP: the treatment is followed, an RCP discusses it within days (X10)."""

import pytest

from engine.errors import Invalid
from tests.workflows.pathway import Region

SURGERY, CHEMOTHERAPY = "387713003", "C15632"


@pytest.fixture
def region(region: Region) -> Region:
    region.open_case()
    region.do("check_identity", identity_check="verified")
    region.do("inform_patient", information_date=region.day(), sharing_opposition=False)
    return region


def operate(region: Region) -> None:
    region.declare("emergency_declared")
    region.do(
        "record_emergency",
        emergency_date=region.day(),
        emergency_reason="Occlusion.",
        emergency_treatment=SURGERY,
        emergency_precision="Colostomie",
    )


def confirm(region: Region) -> None:
    region.do(
        "attach_pathology_report",
        pathology_report_date=region.day(),
        pathology_result="malignant",
        topography="C18.7",
        morphology="8140/3",
    )
    region.do("announce_diagnosis", announcement_date=region.day())
    region.do("designate_team", team_idec=region.people["idec"])


def test_the_treatment_goes_on_beside_with_its_rcp(region: Region) -> None:
    operate(region)

    assert {"surgery", "emergency", "rcp", "announcement"} <= set(region.running())
    assert {"plan_surgery", "choose_rcp"} <= set(region.open())
    assert region.treatments()[0]["status"] == "in_progress"
    assert region.case_data()["emergency_rcp_latest_date"] == region.day(7)


def test_the_rcp_that_follows_discusses_and_never_registers(region: Region) -> None:
    operate(region)
    region.do("choose_rcp", rcp_session_id=region.plan_session(5))

    with pytest.raises(Invalid, match="discute"):
        region.do("register_for_rcp", question="Suite ?", case_status="registered")

    region.do("register_for_rcp", question="Suite ?", case_status="discussed")


def test_a_later_session_is_refused_until_somebody_says_why(region: Region) -> None:
    operate(region)
    late = region.plan_session(12)

    with pytest.raises(Invalid, match="au plus tard le 9 mars 2026"):
        region.do("choose_rcp", rcp_session_id=late)
    region.do("choose_rcp", rcp_session_id=late, late_session_reason="Anatomopathologie attendue")
    assert "register_for_rcp" in region.open()


def test_treated_once_inscribed_it_is_discussed_all_the_same(region: Region) -> None:
    confirm(region)
    session_id = region.plan_session(5)
    region.register(session_id, case_status="registered")
    operate(region)

    region.on(5)
    region.meet(session_id)

    assert "discuss_case" in region.open()
    assert "register_conforming_case" not in region.open()


def test_the_pathway_waits_for_the_rcp_already_asked_and_asks_no_other(region: Region) -> None:
    operate(region)
    confirm(region)
    assert region.open().count("choose_rcp") == 1

    region.hold_rcp(5, CHEMOTHERAPY)

    assert "propose_treatment" in region.open()
    assert "choose_rcp" not in region.open()
    assert "emergency" not in region.running()


def test_an_rcp_given_before_the_diagnosis_is_announced_counts_too(region: Region) -> None:
    operate(region)
    region.hold_rcp(5, CHEMOTHERAPY)

    confirm(region)

    assert "propose_treatment" in region.open()
    assert len(region.registrations()) == 1


def test_the_phase_of_treatment_waits_for_what_began_in_an_emergency(region: Region) -> None:
    operate(region)
    confirm(region)
    region.hold_rcp(5, SURGERY)
    surgery = region.treatments()[0]

    region.hand_over([surgery])
    assert "close_treatment" not in region.open()
    region.do("plan_surgery", surgery_planned_date=region.day())
    region.on(6)
    region.do("record_surgery", surgery_date=region.day())
    region.do("discharge_letter")
    region.do("attach_surgical_pathology")

    assert "close_treatment" in region.open()
    assert region.treatments()[0]["status"] == "done"


def test_a_later_rcp_of_the_same_case_is_an_ordinary_one(region: Region) -> None:
    operate(region)
    confirm(region)
    region.hold_rcp(5, CHEMOTHERAPY)
    region.declare("rcp_requested")

    region.do("choose_rcp", rcp_session_id=region.plan_session(40))
    region.do("register_for_rcp", question="Suite ?", case_status="registered")

    assert "complete_rcp_sheet" in region.open()


def hand_over_update(region: Region) -> None:
    region.declare("pps_update_requested", by="idec")
    region.do("revise_pps", treatments=[{"kind": SURGERY, "status": "in_progress"}])
    region.do("approve_pps")
    by = region.people["referring_physician"]
    region.do("hand_over_pps", pps_handover_date=region.day(), handed_over_by=by)


def test_a_pps_may_be_handed_over_before_the_rcp_only_then(region: Region) -> None:
    operate(region)
    hand_over_update(region)

    assert region.records("pps")[0].handed_over_date is not None


def test_without_an_emergency_it_waits_for_the_rcp(region: Region) -> None:
    region.send("pps_update_requested")
    region.do("revise_pps", treatments=[{"kind": SURGERY, "status": "planned"}])
    region.do("approve_pps")

    with pytest.raises(Invalid, match="Aucune RCP"):
        region.do(
            "hand_over_pps",
            pps_handover_date=region.day(),
            handed_over_by=region.people["referring_physician"],
        )


# ── A second emergency while the first is open ──────────────────────────────────────────────


def transfuse(region: Region) -> None:
    region.declare("emergency_declared")
    region.do(
        "record_emergency",
        emergency_date=region.day(),
        emergency_reason="Compression.",
        emergency_treatment="C15313",
    )


def test_one_rcp_discusses_both_within_the_delay_of_the_first(region: Region) -> None:
    operate(region)
    latest = region.case_data()["emergency_rcp_latest_date"]
    region.on(3)
    transfuse(region)

    assert region.open().count("choose_rcp") == 1
    assert region.case_data()["emergency_rcp_latest_date"] == latest
    assert {"surgery", "radiotherapy"} <= set(region.running())
    assert region.running().count("emergency") == 1


def test_the_first_rcp_goes_on_if_it_is_refused_once(region: Region) -> None:
    operate(region)
    transfuse(region)
    region.do("choose_rcp", rcp_session_id=region.plan_session(5))
    region.do("register_for_rcp", question="Suite ?", case_status="discussed")
    region.do("complete_rcp_sheet")
    region.do("attach_documents")
    region.do(
        "accept_registration",
        registration_accepted=False,
        registration_refusal_reason="other",
    )

    assert region.open().count("choose_rcp") == 1  # asked again, not forgotten
    confirm(region)
    region.hold_rcp(6, CHEMOTHERAPY)
    assert "propose_treatment" in region.open()
    assert "emergency" not in region.running()


def test_an_emergency_after_the_discussion_has_an_rcp_of_its_own(region: Region) -> None:
    operate(region)
    session_id = region.plan_session(5)
    region.register(session_id)
    region.on(5)
    region.meet(session_id)
    region.do("discuss_case", by="coordinator", opinion_given="yes")
    region.do("record_rcp_decision", rcp_proposal="treatment", proposals=[{"kind": CHEMOTHERAPY}])
    transfuse(region)

    assert "choose_rcp" in region.open()
    assert region.running().count("rcp") == 2
