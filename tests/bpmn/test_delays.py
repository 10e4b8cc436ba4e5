"""The delays that ship are those of the domain (§7 and the column « Échéance » of §11)."""

import pytest

from engine.decisions import load_decisions
from workflows.revisions import release

TABLE = load_decisions((release.ROOT / "bpmn/rules/deadlines.dmn").read_bytes())["deadlines"]
# Row of the table → counted from, how many, of what: as §11 says it.
DELAYS: dict[str, tuple[str, float, str]] = {
    "check_identity": ("opened", 0, "days"),  # A02 même jour
    "attach_awaited_document": ("awaited_document", 10, "days"),  # A05 relance 10 j par examen
    "announce_diagnosis": ("pathology_report", 7, "days"),  # A07 D0+7
    "designate_team": ("opened", 0, "days"),  # A08 même jour
    "nursing_time": ("opened", 7, "days"),  # A09
    "geriatric_assessment": ("opened", 15, "days"),  # A12
    "arrange_referral": ("opened", 15, "days"),  # A14
    "record_synthesis": ("proposal", 30, "days"),  # A15 P01+30
    "choose_rcp": ("opened", 3, "working_days"),  # R01 3 jo
    "register_for_rcp": ("rcp_session", -3, "working_days"),  # R02
    "complete_rcp_sheet": ("rcp_session", -2, "working_days"),  # R03
    "attach_documents": ("rcp_session", -2, "working_days"),  # R04
    "accept_registration": ("opened", 1, "working_days"),  # R06
    "discuss_case": ("rcp_session", 0, "days"),  # R12 en séance
    "register_conforming_case": ("rcp_session", 0, "days"),  # R13 en séance
    "record_rcp_decision": ("rcp_session", 0, "days"),  # R14 en séance
    "postpone": ("opened", 0, "days"),  # R15 même jour
    "refer_to_expert": ("opened", 2, "working_days"),  # R16
    "approve_rcp_sheet": ("rcp_session", 2, "working_days"),  # R18, §7 validation ≤ 2 jo
    "trace_proposal": ("rcp_approved", 45, "days"),  # R20
    "propose_treatment": ("rcp_approved", 7, "days"),  # P01
    "propose_again": ("recontact", 0, "days"),  # P03 date de recontact
    "recall_patient": ("opened", 2, "working_days"),  # P01 absence
    "reflection": ("opened", 15, "days"),  # P03
    "trace_refusal": ("opened", 0, "days"),  # P04
    "complete_pps_treatment": ("opened", 0, "days"),  # P06, as P01
    "complete_pps_support": ("proposal", 5, "days"),  # P07 P01+5
    "approve_pps": ("opened", 0, "days"),  # P08, as P01
    "hand_over_pps": ("proposal", 7, "days"),  # P09 P01, max +7
    "plan_appointments": ("opened", 5, "days"),  # P11
    "revise_pps": ("opened", 7, "days"),  # P13
    "check_prerequisites": ("first_treatment", -3, "days"),  # T01 J−3
    "record_surgery": ("opened", 8, "days"),  # T03, opened on the day planned
    "discharge_letter": ("opened", 0, "days"),  # T04
    "attach_surgical_pathology": ("surgery", 21, "days"),  # T05
    "follow_radiotherapy_week": ("opened", 7, "days"),  # T07
    "record_radiotherapy_end": ("opened", 15, "days"),  # T08
    "pre_cycle_check": ("next_cycle", -1, "days"),  # T10 J−1
    "administer_cycle": ("next_cycle", 0, "days"),  # T11 J1
    "call_patient": ("opened", 24, "hours"),  # T12
    "call_after_alert": ("opened", 4, "working_hours"),  # T14
    "handle_emergency": ("opened", 1, "hours"),  # T15 G4
    "adapt_after_toxicity": ("opened", 0, "days"),  # T15 G3
    "adapt_treatment": ("opened", 1, "working_days"),  # T16
    "record_admission": ("opened", 1, "working_days"),  # T17
    "record_check": ("next_check", 15, "days"),  # T19
    "close_treatment": ("opened", 30, "days"),  # T20
    "end_of_treatment_visit": ("treatment_end", 45, "days"),  # F02
    "prepare_ppac": ("opened", 15, "days"),  # F03
    "agree_with_gp": ("opened", 15, "days"),  # F04
    "prescribe_global_pathway": ("treatment_end", 12, "months"),  # F05
    "hand_over_ppac": ("treatment_end", 90, "days"),  # F06
    "record_control": ("next_control", 30, "days"),  # F09 ±30 j
    "explore_suspicion": ("opened", 15, "days"),  # F11
    "accompany_return": ("opened", 3, "months"),  # F12
    "emergency_rcp": ("emergency", 7, "days"),  # X10
}


@pytest.mark.parametrize("step", DELAYS)
def test_a_step_has_the_delay_of_the_domain(step: str) -> None:
    row = TABLE.answer({"deadline": step}).values

    assert (row["anchor"], row["amount"], row["unit"]) == DELAYS[step]


def test_a_step_of_a_drawing_to_come_has_a_week() -> None:
    """No gap: a quality manager draws a step before writing its delay."""
    row = TABLE.answer({"deadline": "a_step_nobody_wrote"}).values

    assert (row["anchor"], row["amount"], row["reminder"]) == ("opened", 7, "80%")
