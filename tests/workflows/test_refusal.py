"""A patient reflects, refuses, changes their mind: what stops, what goes on, what comes back."""

import pytest

from engine.errors import Conflict, Invalid
from tests.workflows.pathway import Region, planned

SURGERY, RADIOTHERAPY, CHEMOTHERAPY = "387713003", "C15313", "C15632"
REFUSED = "MED-104"


@pytest.fixture
def region(region: Region) -> Region:
    region.open_case()
    region.announce()
    return region


def refuse(region: Region, *kinds: str, outcome: str = "rcp", review: int = 30) -> None:
    region.do(
        "trace_refusal",
        refusal_date=region.day(),
        refusal_scope="one" if kinds else "all",
        refused_treatments=list(kinds),
        refusal_information="Le risque de rechute.",
        refusal_outcome=outcome,
        refusal_review_date=region.day(review),
    )


def refuse_at_the_proposal(region: Region, outcome: str, *, alternative: str = "") -> None:
    ranks = [{"kind": SURGERY, "intention_rank": "1"}]
    ranks += [{"kind": alternative, "intention_rank": "2"}] if alternative else []
    session_id = region.plan_session(8)
    region.register(session_id)
    region.on(8)
    region.meet(session_id)
    region.do("discuss_case", by="coordinator", opinion_given="yes")
    region.do("record_rcp_decision", rcp_proposal="treatment", proposals=ranks)
    region.do("approve_rcp_sheet")
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="refuses")
    refuse(region, SURGERY, outcome=outcome)


def test_a_refusal_leads_back_to_an_rcp_and_never_ends_the_pathway(region: Region) -> None:
    refuse_at_the_proposal(region, "rcp")

    assert "choose_rcp" in region.open()
    assert {"cancer", "refusal"} <= set(region.running())
    assert region.answers(region.instances("rcp")[-1])["rcp_reason"] == "refusal"


def test_the_alternative_of_the_rcp_goes_into_the_pps_which_says_the_refusal(
    region: Region,
) -> None:
    refuse_at_the_proposal(region, "alternative", alternative=RADIOTHERAPY)

    assert region.treatments() == [planned(RADIOTHERAPY)]
    region.do("complete_pps_treatment", treatments=region.treatments())
    region.do("complete_pps_support")
    (pps,) = region.records("pps")
    assert (pps.version, pps.update_reason) == (1, REFUSED)


def test_an_alternative_the_rcp_never_named_goes_back_to_it(region: Region) -> None:
    with pytest.raises(Invalid, match="aucune alternative"):
        refuse_at_the_proposal(region, "alternative")

    assert "trace_refusal" in region.open()


def test_a_refusal_says_when_the_patient_is_seen_again(region: Region) -> None:
    region.treat(SURGERY)
    region.declare("refusal_declared")

    with pytest.raises(Invalid, match="après aujourd’hui"):
        refuse(region, SURGERY, review=0)


def test_only_what_is_refused_stops(region: Region) -> None:
    region.treat(SURGERY, RADIOTHERAPY)
    region.do("nursing_time", nursing_time_date=region.day())
    region.declare("refusal_declared")

    refuse(region, SURGERY)

    assert "surgery" not in region.running()
    assert {"radiotherapy", "treatment", "accompaniment"} <= set(region.running())
    assert {"assess_support_needs", "choose_rcp", "revise_pps"} <= set(region.open())
    assert [row["status"] for row in region.treatments()] == ["stopped", "in_progress"]
    assert not [name for name in region.timers() if name.endswith("plan_surgery")]
    region.do("revise_pps", treatments=region.treatments())
    assert region.records("pps")[-1].update_reason == REFUSED


def test_a_refusal_of_everything_interrupts_the_phase_and_the_rcp_is_told(region: Region) -> None:
    region.treat(CHEMOTHERAPY)
    region.declare("refusal_declared")

    refuse(region)

    assert {"systemic", "treatment"} & set(region.running()) == set()
    assert region.open().count("choose_rcp") == 1
    assert "revise_pps" not in region.open()
    assert region.case_state() == "open"


def choose_the_alternative(region: Region) -> None:
    """Surgery under way is refused; the RCP had named radiotherapy beside it."""
    session_id = region.plan_session(8)
    region.register(session_id)
    region.on(8)
    region.meet(session_id)
    region.do("discuss_case", by="coordinator", opinion_given="yes")
    both = [
        {"kind": SURGERY, "intention_rank": "1"},
        {"kind": RADIOTHERAPY, "intention_rank": "2"},
    ]
    region.do("record_rcp_decision", rcp_proposal="treatment", proposals=both)
    region.do("approve_rcp_sheet")
    region.hand_over([planned(SURGERY)])
    region.declare("refusal_declared")
    refuse(region, outcome="alternative")


def update(region: Region, *added: dict[str, object]) -> None:
    region.do("revise_pps", treatments=[*region.treatments(), *added])
    region.do("approve_pps")
    by = region.people["referring_physician"]
    region.do("hand_over_pps", pps_handover_date=region.day(), handed_over_by=by)


def test_an_alternative_joins_the_phase_that_would_have_been_empty(region: Region) -> None:
    choose_the_alternative(region)

    update(region, planned(RADIOTHERAPY))

    assert {"radiotherapy", "treatment"} <= set(region.running())
    assert {"choose_rcp", "close_treatment"} & set(region.open()) == set()


def test_an_update_that_adds_nothing_lets_the_empty_phase_be_closed(region: Region) -> None:
    choose_the_alternative(region)

    update(region)

    assert "close_treatment" in region.open()


def test_the_patient_is_seen_again_and_may_maintain_the_refusal(region: Region) -> None:
    region.treat(SURGERY, RADIOTHERAPY)
    region.declare("refusal_declared")
    refuse(region, SURGERY, review=30)
    assert "review_refusal" not in region.open()

    region.on(34)
    assert region.due("review_refusal").isoformat() == "2026-04-11"
    assert region.task("review_refusal").remind_at is not None
    region.do(
        "review_refusal",
        refusal_reviewed_date=region.day(),
        refusal_maintained="yes",
        refusal_review_date=region.day(90),
    )
    region.on(118)
    region.do("review_refusal", refusal_reviewed_date=region.day(), refusal_maintained="yes")

    assert "refusal" not in region.running()
    assert region.case_state() == "open"


def test_a_patient_who_changes_their_mind_gets_the_treatment_back(region: Region) -> None:
    region.treat(SURGERY, RADIOTHERAPY)
    region.declare("refusal_declared")
    refuse(region, SURGERY)
    update(region)

    region.declare("refusal_retracted")
    region.do("review_refusal", refusal_maintained="no", retraction_outcome="resume")
    update(region)

    assert {"surgery", "radiotherapy"} <= set(region.running())
    assert [row["status"] for row in region.treatments()] == ["in_progress", "in_progress"]


def test_a_change_of_mind_nobody_awaits_is_not_offered(region: Region) -> None:
    region.treat(SURGERY)

    with pytest.raises(Conflict, match="n’est plus attendu"):
        region.declare("refusal_retracted")


def test_a_divergent_second_opinion_goes_to_the_rcp(region: Region) -> None:
    region.hold_rcp(8, SURGERY)
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="reflects")

    region.do("reflection", second_opinion_offered="requested", second_opinion_result="divergent")

    assert "choose_rcp" in region.open()
    assert region.answers(region.instances("rcp")[-1])["rcp_reason"] == "second_opinion"

    region.hold_rcp(20, RADIOTHERAPY)
    region.hand_over([planned(RADIOTHERAPY)])
    assert "radiotherapy" in region.running()


def test_a_concordant_one_lets_the_patient_decide(region: Region) -> None:
    region.hold_rcp(8, SURGERY)
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="reflects")

    region.do("reflection", second_opinion_offered="requested", second_opinion_result="concordant")

    assert "propose_treatment" in region.open()
