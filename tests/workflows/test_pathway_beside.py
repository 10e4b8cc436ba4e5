"""What is done beside the pathway: calls, alerts, stays, referrals, letters, a cycle that moves."""

from datetime import date

import pytest
import sqlalchemy as sa

from engine import runtime
from engine.db import transaction
from engine.errors import Conflict, Invalid
from tests.workflows.pathway import Region, planned
from workflows.cases import events
from workflows.staff.models import Membership

CHEMOTHERAPY, RADIOTHERAPY = "C15632", "C15313"


@pytest.fixture
def region(region: Region) -> Region:
    region.open_case()
    region.announce()
    return region


def start_line(region: Region, *more: dict[str, object]) -> None:
    region.hold_rcp(8, CHEMOTHERAPY)
    region.on(10)
    region.hand_over([planned(CHEMOTHERAPY), *more])
    region.prescribe()


def give_first_cycle(region: Region) -> None:
    region.on(16, hour=9)
    region.do("pre_cycle_check", go_ahead=True)
    region.on(17, hour=9)
    region.do("administer_cycle", administration_date=region.day())


def planned_dates(region: Region) -> list[str]:
    (line,) = region.instances("systemic")
    return [row["date"] for row in region.answers(line)["planned_cycles"]]


# ── Cycles ──────────────────────────────────────────────────────────────────────────────────


def test_moving_a_cycle_moves_those_that_follow(region: Region) -> None:
    start_line(region)
    give_first_cycle(region)
    assert planned_dates(region) == ["2026-03-19", "2026-04-09", "2026-04-30", "2026-05-21"]

    region.declare("cycle_move_requested", by="idec")
    region.do("move_cycle", next_cycle_date="2026-04-16", adaptation_reason="Voyage")

    assert planned_dates(region) == ["2026-03-19", "2026-04-16", "2026-05-07", "2026-05-28"]
    assert region.treatments()[0]["planned_end"] == "2026-05-28"
    (update,) = region.instances("pps_update")
    answers = region.answers(update)
    assert answers["pps_update_reason"] == "GEN-176"  # the calendar
    assert "retardés de 7 jours" in answers["pps_update_detail"]
    assert "Voyage" in answers["pps_update_detail"]


def test_a_cycle_moved_while_it_is_checked_dates_the_open_task_anew(region: Region) -> None:
    start_line(region)
    region.on(16, hour=9)
    assert region.due("pre_cycle_check") == date(2026, 3, 18)

    region.declare("cycle_move_requested", by="idec")
    region.do("move_cycle", next_cycle_date="2026-03-26", adaptation_reason="Voyage")

    assert region.due("pre_cycle_check") == date(2026, 3, 25)


def test_two_changes_make_one_update_of_the_pps(region: Region) -> None:
    start_line(region)
    for day, why in (("2026-03-26", "Voyage"), ("2026-03-27", "Férié")):
        region.declare("cycle_move_requested", by="idec")
        region.do("move_cycle", next_cycle_date=day, adaptation_reason=why)

    (update,) = region.instances("pps_update")
    detail = region.answers(update)["pps_update_detail"]
    assert "Voyage" in detail
    assert "Férié" in detail


def test_with_two_treatments_a_decision_names_its_own(region: Region) -> None:
    start_line(region, planned(RADIOTHERAPY, planned_start="2026-03-20"))
    region.on(11)
    region.do("prepare_radiotherapy", fractions_planned=10, radiotherapy_start_date="2026-03-20")
    give_first_cycle(region)
    region.declare("toxicity_declared", by="idec")
    region.do("rate_toxicity", toxicity_grade=3)

    with pytest.raises(Invalid, match="Plusieurs traitements"):
        region.do("adapt_treatment", adaptation="stop")
    region.do("adapt_treatment", adaptation="stop", adapted_lines=region.lines("systemic"))

    assert "choose_rcp" in region.open()  # radiotherapy holds the phase: the RCP does not wait
    assert "radiotherapy" in region.running()


# ── Toxicity, calls, alerts, stays ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(("grade", "expected"), [(3, "adapt_treatment"), (4, "handle_emergency")])
def test_the_grade_says_how_fast(region: Region, grade: int, expected: str) -> None:
    start_line(region)
    region.declare("toxicity_declared", by="idec")

    region.do("rate_toxicity", toxicity_grade=grade)

    assert region.due(expected) <= region.now.date()


def test_a_fatal_toxicity_opens_the_record_of_the_death(region: Region) -> None:
    start_line(region)
    region.declare("toxicity_declared", by="idec")

    region.do("rate_toxicity", toxicity_grade=5)

    assert "record_death" in region.open()


def test_a_mild_toxicity_may_still_be_put_to_the_oncologist(region: Region) -> None:
    start_line(region)
    region.declare("toxicity_declared", by="idec")

    region.do("rate_toxicity", toxicity="hand_foot", toxicity_grade=2, adaptation_requested="yes")

    assert "adapt_treatment" in region.open()
    assert [row["grade"] for row in region.case_data()["toxicity_history"]] == [2]


def test_nobody_answers_twice_and_the_patient_is_looked_for(region: Region) -> None:
    region.declare("follow_up_call_requested", by="idec")
    region.do("call_patient", call_outcome="voicemail")
    assert "call_patient" not in region.open()
    region.on(1, hour=9)  # tried again the next working day

    region.do("call_patient", call_outcome="not_reached")

    assert "lost" in region.running()
    assert [row["outcome"] for row in region.case_data()["call_log"]] == [
        "voicemail",
        "not_reached",
    ]


def test_an_alert_is_called_back_within_four_opening_hours(region: Region) -> None:
    start_line(region)
    region.declare("pps_update_requested", by="idec")
    with pytest.raises(Invalid, match="l’accord du patient"):
        region.do("revise_pps", telemonitoring="accepted")
    region.do(
        "revise_pps", telemonitoring="accepted", telemonitoring_tool="Plateforme",
        telemonitoring_consent_date=region.day(),
    )  # fmt: skip
    region.on(12, hour=21)  # a Saturday evening
    region.send("telemonitoring_alert", alert_summary="Fièvre")

    assert region.due("call_after_alert") == date(2026, 3, 16)
    (alert,) = region.instances("telemonitoring")
    said = region.answers(alert)
    assert (said["alert_out_of_hours"], said["alert_source"]) == ("yes", "Plateforme")
    region.do("call_after_alert", call_outcome="reached", symptoms=["fever"])
    assert "rate_toxicity" in region.open()


def test_a_stay_ends_after_it_began_and_a_call_follows(region: Region) -> None:
    region.declare("unplanned_stay_declared", by="idec")
    region.do("record_admission", stay_admission_date=region.day(), stay_reason="infection")
    region.on(4)
    with pytest.raises(Invalid, match="précède l’entrée"):
        region.do("record_stay_end", stay_end_date=region.day(-9), stay_outcome="home")

    region.do("record_stay_end", stay_end_date=region.day(), stay_outcome="home")

    region.on(6, hour=9)
    assert "call_patient" in region.open()


def test_a_death_in_hospital_opens_its_record(region: Region) -> None:
    region.declare("unplanned_stay_declared", by="idec")
    region.do("record_admission", stay_admission_date=region.day(), stay_reason="disease")

    region.do("record_stay_end", stay_end_date=region.day(), stay_outcome="death")

    assert "record_death" in region.open()


# ── Support care and the rest ───────────────────────────────────────────────────────────────


def test_each_need_opens_its_own_referral_once(region: Region) -> None:
    region.do("nursing_time")
    region.do("assess_support_needs", need_pain="referral", need_nutrition="referral")
    assert region.open().count("arrange_referral") == 2

    region.declare("nursing_time_requested", by="idec")
    region.do("nursing_time")
    region.do("assess_support_needs", need_pain="referral")

    assert region.open().count("arrange_referral") == 2


def test_an_appointment_that_waits_is_asked_for_again(region: Region) -> None:
    region.declare("referral_requested", by="idec")
    region.do("arrange_referral", support_wanted="ORG-035", support_status="waiting")
    assert "arrange_referral" not in region.open()
    region.on(15, hour=9)

    region.do(
        "arrange_referral",
        support_wanted="ORG-035",
        support_status="booked",
        support_appointment_date=region.day(3),
    )
    region.on(18, hour=9)
    region.do("report_referral", support_report_status="done")

    assert region.case_data()["support_actions"] == [
        {"kind": "ORG-035", "status": "in_progress", "start": "2026-03-20"}
    ]


def test_the_gp_is_asked_once_and_an_answer_that_never_comes_ends_it(region: Region) -> None:
    start_line(region)
    assert region.due("record_synthesis") == date(2026, 4, 11)  # thirty days after the proposal

    region.on(10 + 61)

    assert "synthesis_visit" not in region.running()


def test_without_a_gp_one_is_proposed_first(region: Region) -> None:
    start_line(region)
    region.do("record_synthesis", synthesis_date=region.day(), synthesis_summary="Vu.")
    with transaction(region.database) as db:
        runtime.put_data(
            db, case_id=region.case_id, values={"gp_known": "none"}, actor="system", now=region.now
        )
    region.declare("synthesis_visit_requested", by="idec")

    region.do("propose_gp", gp_known="none")

    assert "synthesis_visit" not in region.running()


def test_a_trial_is_asked_again_after_a_week_of_reflection(region: Region) -> None:
    region.hold_rcp(8, CHEMOTHERAPY, trial_inclusion="proposed")
    assert "propose_trial" in region.open()

    region.do("propose_trial", trial_name="BREIZH-1", trial_answer="reflects")
    region.on(15, hour=17)
    region.do("propose_trial", trial_name="BREIZH-1", trial_answer="included")

    assert region.case_data()["trial_inclusion"] == "included"
    assert "trial" not in region.running()


def test_what_waits_says_what_it_waits_for(region: Region) -> None:
    with transaction(region.database) as db:
        idec = region.person(db, "idec")
        offered = events.events_offered(db, case_id=region.case_id, user=idec)
        withheld = events.activities_withheld(db, case_id=region.case_id, user=idec)

    assert "follow_up_call_requested" in {one.message for one in offered}
    reasons = {one.message: reason for one, reason in withheld}
    assert reasons["cycle_move_requested"] == "Un traitement doit être en cours."
    with pytest.raises(Conflict, match="doit être en cours"):
        region.declare("cycle_move_requested", by="idec")


def test_a_role_nobody_holds_is_covered(region: Region) -> None:
    """A site without a dietitian's account: the nurse writes the report, the step waits for somebody."""
    with transaction(region.database) as db:
        db.execute(sa.delete(Membership).where(Membership.role == "support_care"))
    region.declare("referral_requested", by="idec")
    region.do(
        "arrange_referral",
        support_wanted="ORG-036",
        support_status="booked",
        support_appointment_date=region.day(),
    )
    region.on(0, hour=9)

    region.do("report_referral", by="idec", support_report_status="done")

    assert "referral" not in region.running()
