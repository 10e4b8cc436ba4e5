"""The stop of treatments: an RCP first, then everything stops, and palliative care goes on (X04)."""

import pytest

from engine.errors import Invalid
from tests.workflows.pathway import Region

CHEMOTHERAPY, PALLIATIVE = "C15632", "C15252"
STOPPED = "MED-105"


@pytest.fixture
def region(region: Region) -> Region:
    region.open_case()
    region.announce()
    region.treat(CHEMOTHERAPY)
    return region


def ask(region: Region) -> None:
    region.declare("treatment_stop_declared")
    region.do("propose_stop", stop_question="ask", stop_reason="État général.")


def test_nothing_stops_before_the_rcp(region: Region) -> None:
    ask(region)

    assert {"systemic", "treatment", "rcp"} <= set(region.running())
    assert "choose_rcp" in region.open()
    assert region.answers(region.instances("rcp")[-1])["rcp_reason"] == "stop_treatment"
    region.declare("pps_update_requested", by="idec")
    with pytest.raises(Invalid, match="se décide d’abord en RCP"):
        region.do("revise_pps", treatments=region.treatments(), treatments_stopped="yes")


def test_an_rcp_that_goes_on_stops_nothing(region: Region) -> None:
    ask(region)
    region.hold_rcp(20, CHEMOTHERAPY)

    assert "treatment_stop" not in region.running()
    assert {"systemic", "treatment"} <= set(region.running())


def test_a_patient_who_objects_leaves_the_question_without_its_rcp(region: Region) -> None:
    """Nothing waits for an RCP that will not be held, and nothing is stopped without it."""
    ask(region)
    assert "choose_rcp" in region.open()

    region.declare("opposition_declared", by="idec")
    region.do(
        "record_opposition",
        opposition_date=region.day(),
        opposition_scope=["sharing"],
        opposition_by="patient",
    )

    assert not {"rcp", "treatment_stop"} & set(region.running())
    assert "announce_stop" not in region.open()


def test_a_question_withdrawn_asks_no_rcp(region: Region) -> None:
    region.declare("treatment_stop_declared")
    region.do("propose_stop", stop_question="withdrawn")

    assert {"treatment_stop", "rcp"} & set(region.running()) == set()


def test_after_the_rcp_treatments_stop_and_palliative_care_is_organised(region: Region) -> None:
    ask(region)
    region.hold_rcp(20, PALLIATIVE, proposal="stop_treatment")

    assert {"systemic", "treatment", "cancer"} & set(region.running()) == set()
    assert region.treatments()[0]["status"] == "stopped"
    region.do("announce_stop", stop_announcement_date=region.day())
    region.do(
        "organise_palliative_care",
        palliative_teams=["mobile_team"],
        advance_directives="written",
        next_palliative_review_date=region.day(14),
    )
    region.do("revise_pps", treatments=region.treatments(), treatments_stopped="yes")

    pps = region.records("pps")[-1]
    assert (pps.version, pps.update_reason) == (2, STOPPED)
    assert any(row["kind"] == "palliative_care" for row in region.case_data()["support_actions"])
    assert region.case_data()["treatments_stopped_date"] == region.day()
    assert region.case_state() == "open"


def test_palliative_care_is_followed_until_somebody_ends_it(region: Region) -> None:
    ask(region)
    region.hold_rcp(20, PALLIATIVE, proposal="stop_treatment")
    region.do("announce_stop", stop_announcement_date=region.day())
    with pytest.raises(Invalid, match="prochain point"):
        region.do("organise_palliative_care", advance_directives="discussed")
    region.do("organise_palliative_care", next_palliative_review_date=region.day(14))

    region.on(35)
    region.do(
        "review_palliative_care",
        palliative_care_continues="yes",
        next_palliative_review_date=region.day(14),
    )
    region.on(50)
    region.do("review_palliative_care", palliative_care_continues="no")

    assert "palliative_care" not in region.running()


def test_a_pathway_that_prepares_another_treatment_stops_too(region: Region) -> None:
    region.declare("progression_declared")
    region.do("record_progression", progression_date=region.day())
    region.do("choose_rcp", rcp_session_id=region.plan_session(30))
    region.do("register_for_rcp", question="Deuxième ligne ?")
    ask(region)
    session = region.plan_session(25)
    region.do("choose_rcp", rcp_session_id=session)
    region.do("register_for_rcp", question="Arrêt ?")
    for step in ("complete_rcp_sheet", "attach_documents"):
        for _ in range(2):
            region.do(step)
    region.do("accept_registration", registration_accepted=True)
    region.do("accept_registration", registration_accepted=True)
    region.on(25)
    region.meet(session)
    region.decide(PALLIATIVE, proposal="stop_treatment")

    assert "cancer" not in region.running()
    assert [row.state for row in region.registrations()] == ["discussed", "cancelled", "discussed"]
