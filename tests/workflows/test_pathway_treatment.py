"""From the PPS to what follows a treatment: versions, cycles, toxicity, interruptions, a death."""

from datetime import date

import pytest

from engine.db import transaction
from engine.errors import Conflict, Invalid
from tests.workflows.pathway import Region, planned
from workflows.cases import lifecycle
from workflows.cases.audience import people_offered

SURGERY, RADIOTHERAPY, CHEMOTHERAPY, HORMONES = "387713003", "C15313", "C15632", "C15445"
IMMUNOTHERAPY = "C15262"


@pytest.fixture
def region(region: Region) -> Region:
    region.open_case()
    region.announce()
    return region


def start_line(region: Region, *, cycles: int = 4, in_days: int = 7) -> None:
    region.treat(CHEMOTHERAPY)
    region.prescribe(cycles=cycles, in_days=in_days, reassessment_every=3)


def give_cycle(region: Region, day: int) -> None:
    region.on(day - 1, hour=9)
    region.do("pre_cycle_check", go_ahead=True)
    region.on(day, hour=9)
    region.do("administer_cycle", administration_date=region.day())


def test_what_the_rcp_proposed_is_already_in_the_pps(region: Region) -> None:
    region.hold_rcp(8, SURGERY, CHEMOTHERAPY, "C15252")

    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")

    assert region.case_data()["treatments"] == [planned(SURGERY), planned(CHEMOTHERAPY)]


def test_a_patient_who_reflects_is_seen_again(region: Region) -> None:
    region.hold_rcp(8, SURGERY)
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="reflects")

    region.do("reflection", recontact_date=region.day(12))

    assert region.due("propose_treatment").isoformat() == region.day(12)  # and not late before


def test_handing_over_needs_a_date_a_person_and_an_rcp_before(region: Region) -> None:
    region.hold_rcp(8, SURGERY)
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")
    region.do("complete_pps_treatment", treatments=[planned(SURGERY)])
    region.do("complete_pps_support")
    region.do("approve_pps")
    by = region.people["referring_physician"]

    with pytest.raises(Invalid, match="date de remise"):
        region.do("hand_over_pps", handed_over_by=by)
    with pytest.raises(Invalid, match="personne"):
        region.do("hand_over_pps", pps_handover_date=region.day())
    with pytest.raises(Invalid, match="précède la RCP"):
        region.do("hand_over_pps", pps_handover_date=region.day(-1), handed_over_by=by)

    region.do("hand_over_pps", pps_handover_date=region.day(), handed_over_by=by)
    (pps,) = region.records("pps")
    assert (pps.handed_over_by, pps.distributed_at is not None) == ("Test Médecin référent", True)


def test_a_pps_sent_back_is_completed_again_by_both(region: Region) -> None:
    region.hold_rcp(8, SURGERY)
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")
    region.do("complete_pps_treatment", treatments=[planned(SURGERY)])
    region.do("complete_pps_support")

    region.do("approve_pps", correction_requested=True)
    region.do("complete_pps_support")
    region.do("complete_pps_treatment", treatments=[planned(SURGERY)])
    region.do("approve_pps")

    assert [record.status for record in region.records("pps")] == ["replaced", "approved"]
    assert "hand_over_pps" in region.open()  # and nothing is to complete again
    assert "complete_pps_treatment" not in region.open()


def test_each_planned_treatment_runs_beside_and_the_phase_waits_for_all(region: Region) -> None:
    region.hold_rcp(8, SURGERY, RADIOTHERAPY)
    region.on(10)
    region.hand_over(
        [
            planned(SURGERY),
            planned(RADIOTHERAPY, planned_start=region.day(90), cycles=15),
            planned(HORMONES),
        ]
    )

    assert region.running() == [
        "accompaniment", "cancer", "follow_up", "oral", "radiotherapy", "surgery",
        "synthesis_visit", "treatment",
    ]  # fmt: skip
    assert "prepare_radiotherapy" not in region.open()  # three months ahead: not yet
    statuses = [row["status"] for row in region.case_data()["treatments"]]
    assert statuses == ["in_progress", "in_progress", "in_progress"]

    region.do("plan_surgery", by="secretary", surgery_planned_date=region.day(5))
    region.on(15)
    region.do("record_surgery", surgery_date=region.day())
    region.do("discharge_letter")
    region.do("attach_surgical_pathology")
    assert "close_treatment" not in region.open()

    region.on(71)
    region.do("prepare_radiotherapy", fractions_planned=7, radiotherapy_start_date=region.day(10))
    region.on(81)
    region.do("follow_radiotherapy_week", fractions_done=5)
    region.do("follow_radiotherapy_week", fractions_done=7)
    region.do("record_radiotherapy_end")

    assert "close_treatment" in region.open()
    statuses = [row["status"] for row in region.case_data()["treatments"]]
    assert statuses == ["done", "done", "in_progress"]  # hormones go on


def test_a_plan_with_nothing_to_follow_goes_straight_to_its_closing(region: Region) -> None:
    region.hold_rcp(8, HORMONES)
    region.hand_over([planned(HORMONES)])

    assert "close_treatment" in region.open()


def test_cycles_come_one_after_the_other_on_the_eve(region: Region) -> None:
    start_line(region)
    region.on(15)
    assert "pre_cycle_check" not in region.open()

    give_cycle(region, 17)

    region.on(36)
    assert "pre_cycle_check" not in region.open()
    region.on(37, hour=9)
    assert region.due("pre_cycle_check") == date(2026, 4, 8)


def test_the_nurse_calls_after_the_first_cycle_and_plans_the_next_call(region: Region) -> None:
    start_line(region)
    give_cycle(region, 17)
    region.on(19, hour=9)

    region.do("call_patient", call_outcome="reached", symptoms=[], next_call_date=region.day(5))
    assert "call_patient" not in region.open()
    region.on(24, hour=9)
    region.do("call_patient", call_outcome="reached", symptoms=["fatigue"])

    assert "rate_toxicity" in region.open()
    assert "follow_up_call" not in region.running()


def test_a_call_back_on_the_same_day_waits_at_once(region: Region) -> None:
    start_line(region)
    give_cycle(region, 17)
    region.on(19, hour=9)

    region.do("call_patient", call_outcome="relative", symptoms=[], next_call_date=region.day(0))
    region.on(19, hour=10)

    assert "call_patient" in region.open()


def test_a_severe_toxicity_moves_the_cycle_and_updates_the_pps(region: Region) -> None:
    start_line(region)
    give_cycle(region, 17)
    region.on(26)
    region.declare("toxicity_declared", by="idec")
    region.do("rate_toxicity", toxicity_grade=3)

    region.do("adapt_treatment", adaptation="postpone", next_cycle_date="2026-04-16")
    region.do("revise_pps", pps_update_reason="GEN-176", treatments=region.treatments())
    region.give_pps()

    first, second = region.records("pps")
    assert (first.version, first.status) == (1, "replaced")
    assert (second.version, second.status, second.update_reason) == (2, "approved", "GEN-176")
    region.on(43)
    assert "pre_cycle_check" not in region.open()
    region.on(44, hour=9)
    assert region.due("pre_cycle_check") == date(2026, 4, 15)


def test_a_mild_toxicity_changes_nothing(region: Region) -> None:
    start_line(region)
    region.declare("toxicity_declared", by="idec")

    region.do("rate_toxicity", toxicity_grade=2)

    assert "toxicity" not in region.running()
    assert "adapt_treatment" not in region.open()


def test_a_postponed_cycle_needs_a_date_to_come(region: Region) -> None:
    start_line(region)
    region.on(16, hour=9)
    region.do("pre_cycle_check", go_ahead=False)

    with pytest.raises(Invalid, match="nouvelle date"):
        region.do("adapt_treatment", adaptation="postpone", next_cycle_date=region.day(-1))

    region.do("adapt_treatment", adaptation="postpone", next_cycle_date=region.day(8))
    assert "administer_cycle" not in region.open()
    region.on(23, hour=9)
    assert "pre_cycle_check" in region.open()


def test_a_stopped_line_leads_to_an_rcp(region: Region) -> None:
    start_line(region)
    region.declare("toxicity_declared", by="idec")
    region.do("rate_toxicity", toxicity_grade=4)
    region.do("handle_emergency", emergency_destination="emergency_room")
    region.do("adapt_treatment", adaptation="stop")

    with pytest.raises(Invalid, match="se décide en RCP"):
        region.do("close_treatment", treatment_outcome="after_treatment")

    region.do("close_treatment", treatment_outcome="rcp")
    assert "choose_rcp" in region.open()


def test_the_number_of_cycles_is_read_when_it_matters(region: Region) -> None:
    start_line(region, cycles=2)
    give_cycle(region, 17)
    give_cycle(region, 38)

    assert "close_treatment" in region.open()


def test_a_treatment_added_to_the_pps_joins_the_phase(region: Region) -> None:
    start_line(region)
    region.declare("pps_update_requested", by="idec")
    region.do("revise_pps", treatments=[*region.treatments(), planned(RADIOTHERAPY)])
    region.give_pps()

    assert "radiotherapy" in region.running()
    region.on(10, hour=9)
    assert "prepare_radiotherapy" in region.open()
    assert len(region.instances("systemic")) == 1


def test_a_reaction_during_a_cycle_is_graded(region: Region) -> None:
    start_line(region)
    region.on(17, hour=9)
    region.do("pre_cycle_check", go_ahead=True)

    region.do("administer_cycle", administration_date=region.day(), administration_incident="yes")

    region.do("rate_toxicity", toxicity="fatigue", toxicity_grade=3)
    assert "adapt_treatment" in region.open()


def test_a_progression_stops_the_treatment_and_opens_an_rcp(region: Region) -> None:
    start_line(region)
    give_cycle(region, 17)
    region.on(30)
    region.declare("progression_declared")

    region.do("record_progression", progression_date=region.day())

    assert "systemic" not in region.running()
    assert "treatment" not in region.running()
    assert {"choose_rcp", "announce_progression"} <= set(region.open())
    assert region.treatments()[0]["status"] == "stopped"
    region.on(60)
    assert "pre_cycle_check" not in region.open()
    region.do("announce_progression", announcement_date=region.day())
    assert region.open().count("nursing_time") == 2


def test_a_progression_during_the_proposal_asks_for_an_rcp_beside(region: Region) -> None:
    region.hold_rcp(8, SURGERY)
    region.declare("progression_declared")

    region.do("record_progression", progression_date=region.day())

    assert {"choose_rcp", "propose_treatment"} <= set(region.open())


@pytest.mark.parametrize(("treated", "reason"), [(False, "relapse"), (True, "progression")])
def test_a_relapse_and_an_evolution_under_treatment_are_told_apart(
    region: Region, treated: bool, reason: str
) -> None:
    """Two reasons for the next PPS: « rechute », « non-réponse ou évolution sous traitement »."""
    if treated:
        start_line(region)
    else:
        region.hold_rcp(8, SURGERY)
    region.declare("progression_declared")

    region.do("record_progression", progression_date=region.day(), cancer_phase="MED-244")

    assert region.answers(region.instances("rcp")[-1])["rcp_reason"] == reason


def test_a_progression_in_the_future_is_refused(region: Region) -> None:
    region.declare("progression_declared")

    with pytest.raises(Invalid, match="une fois constatée"):
        region.do("record_progression", progression_date=region.day(1))


def test_a_decision_to_stop_ends_in_palliative_care_without_ppac(region: Region) -> None:
    region.hold_rcp(8, "C15252", proposal="stop_treatment")
    region.agree([])

    region.do("plan_appointments")

    assert region.instances("cancer")[0].outcome == "palliative"
    assert region.records("ppac") == []


def test_a_progression_after_the_pathway_has_ended_starts_it_again_at_the_rcp(
    region: Region,
) -> None:
    test_a_decision_to_stop_ends_in_palliative_care_without_ppac(region)
    region.declare("progression_declared")

    region.do("record_progression", progression_date=region.day())

    assert "choose_rcp" in region.open()
    assert len(region.instances("cancer")) == 2
    assert len(region.instances("announcement")) == 1


def test_a_death_stops_everything_then_closes_the_case(region: Region) -> None:
    start_line(region)
    region.declare("rcp_requested")
    region.register(region.plan_session(20))
    region.declare("death_declared")
    with pytest.raises(Invalid, match="futur"):
        region.do("record_death", death_date=region.day(1))

    region.do("record_death", death_date=region.day())

    assert region.open() == ["inform_after_death"]
    assert region.running() == ["death"]
    assert all(timer.endswith(":inform_after_death") for timer in region.timers())
    assert region.registrations()[-1].state == "cancelled"
    assert region.registrations()[-1].reason == "patient_deceased"
    region.do("inform_after_death", death_gp_informed="yes", death_sites_informed="none")
    assert region.running() == []
    assert region.case_state() == "closed"
    with pytest.raises(Conflict):
        region.declare("rcp_requested")


def test_a_sheet_already_written_is_still_approved_after_a_death(region: Region) -> None:
    region.hold_rcp(8, SURGERY)
    region.declare("rcp_requested")
    session = region.plan_session(15)
    region.register(session)
    region.on(15)
    region.meet(session)
    region.do("discuss_case", by="coordinator", opinion_given="yes")
    region.do("record_rcp_decision", proposals=[{"kind": SURGERY}], rcp_proposal="treatment")
    with transaction(region.database) as db:
        doctor = region.person(db, "referring_physician")
        lifecycle.suspend(db, case_id=region.case_id, reason="Voyage", user=doctor, now=region.now)
    region.declare("death_declared")

    region.do("record_death", death_date=region.day())

    assert region.open() == ["approve_rcp_sheet", "inform_after_death"]
    with transaction(region.database) as db:  # by those who were asked before the case stood still
        asked = people_offered(db, region.task("approve_rcp_sheet").id)
        assert [one.id for one in asked] == [region.people["coordinator"]]


def test_after_treatment_the_ppac_is_shared_handed_over_and_watched(region: Region) -> None:
    region.hold_rcp(8, HORMONES)
    region.hand_over([planned(HORMONES)])
    region.do(
        "close_treatment", treatment_outcome="after_treatment", treatment_end_date=region.day()
    )
    region.do("end_of_treatment_visit")
    region.do(
        "prepare_ppac",
        surveillance_plan=[{"exam": "Mammographie", "first_due": region.day(200)}],
    )
    region.on(24)  # the general practitioner has not answered
    region.do("approve_ppac")
    region.do(
        "hand_over_ppac",
        ppac_handover_date=region.day(),
        handed_over_by=region.people["oncologist"],
    )
    region.do("prescribe_global_pathway")
    assert "record_control" not in region.open()

    region.on(179)
    region.do(
        "record_control",
        control_result="normal",
        surveillance_continues=True,
        next_control_date=region.day(365),
    )
    assert region.running() == ["accompaniment", "cancer", "follow_up", "oral", "surveillance"]
    region.on(179 + 336)
    region.do("record_control", control_result="suspicion", surveillance_continues=True)
    region.do("explore_suspicion", relapse_confirmed=True)
    region.do("record_progression", progression_date=region.day())

    assert "choose_rcp" in region.open()
    assert "surveillance" not in region.running()
    assert [record.status for record in region.records("ppac")] == ["approved"]


def test_what_the_diagram_turns_on_is_passed_over_by_saying_which_way(region: Region) -> None:
    region.hold_rcp(8, SURGERY)

    with pytest.raises(Invalid, match="comment le parcours continue"):
        region.skip("propose_treatment")
    with pytest.raises(Invalid, match="décision du patient"):
        region.do("propose_treatment", proposal_date=region.day())


def test_a_surveillance_that_goes_on_says_when(region: Region) -> None:
    region.hold_rcp(8, "MED-226", proposal="surveillance")
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")
    region.do("complete_pps_treatment", treatments=[])
    region.do("complete_pps_support")
    region.do("approve_pps")
    by = region.people["referring_physician"]
    region.do("hand_over_pps", pps_handover_date=region.day(), handed_over_by=by)
    region.do("plan_appointments")
    region.on(9)

    with pytest.raises(Invalid, match="prochain contrôle"):
        region.do("record_control", control_result="normal", surveillance_continues=True)


def test_a_report_that_arrives_by_itself_dates_the_first_day(region: Region) -> None:
    region.open_case()
    region.do("check_identity")
    region.do("inform_patient", information_date=region.day(), sharing_opposition=False)

    region.send(
        "pathology_report", pathology_report_date="2026-02-25", pathology_result="malignant"
    )

    assert "attach_pathology_report" not in region.open()
    assert region.due("announce_diagnosis") == date(2026, 3, 4)


def test_a_patient_absent_from_two_cycles_is_recalled_then_looked_for(region: Region) -> None:
    """T11: absent, called again (P01's recall), absent once more: X07."""
    start_line(region)
    region.on(16, hour=9)
    region.do("pre_cycle_check", go_ahead=True)
    region.on(17, hour=9)
    region.do("administer_cycle", cycle_not_given="absent")

    assert "recall_patient" in region.open()
    region.do("recall_patient")
    region.do("adapt_treatment", adaptation="postpone", next_cycle_date=region.day(3))
    assert "lost" not in region.running()
    region.on(19, hour=9)
    region.do("pre_cycle_check", go_ahead=True)
    region.on(20, hour=9)
    region.do("administer_cycle", cycle_not_given="absent")

    assert "recall_patient" not in region.open()
    assert {"contact_patient", "adapt_treatment"} <= set(region.open())
    assert "lost" in region.running()


def test_a_reassessment_to_present_asks_for_the_rcp_and_the_cycles_go_on(region: Region) -> None:
    """T18 → R01: the opinion is awaited by nobody, the next cycle keeps its date."""
    start_line(region, cycles=6)
    for day in (17, 38, 59):
        give_cycle(region, day)
    region.do("reassess_response", response="stable", reassessment_rcp="yes")

    assert "choose_rcp" in region.open()
    assert "systemic" in region.running()
    region.on(79, hour=9)
    assert "pre_cycle_check" in region.open()
