"""Two patients of the domain's acceptance scenarios, from the first day to the last (§10, A and C)."""

from datetime import date

from engine.db import transaction
from tests.workflows.pathway import DAY_ZERO, Region, planned
from workflows.deadlines.queries import milestone

SURGERY, RADIOTHERAPY, CHEMOTHERAPY = "387713003", "C15313", "C15632"
IMMUNOTHERAPY, HORMONES = "C15262", "C15445"


def day_of(region: Region, name: str) -> int | None:
    """The day after the pathology report a milestone of the case was."""
    with transaction(region.database) as db:
        found = milestone(db, case_id=region.case_id, name=name)
        return (
            (found.at.date() - DAY_ZERO.date()).days + (0 if found.has_time else 1)
            if found
            else None
        )


def give_cycles(region: Region, *days: int) -> None:
    for day in days:
        region.on(day - 1, hour=9)
        region.do("pre_cycle_check", go_ahead=True)
        region.on(day, hour=9)
        region.do("administer_cycle", administration_date=region.day())
        while "reassess_response" in region.open():
            region.do("reassess_response", response="partial")


def test_a_breast_cancer_from_surgery_to_the_first_mammography(region: Region) -> None:
    region.open_case(born=date(1974, 1, 10))
    region.announce()
    region.on(5)
    region.do("nursing_time", nursing_time_date=region.day())
    region.do("assess_support_needs")
    region.hold_rcp(8, SURGERY)
    region.on(12)
    region.hand_over([planned(SURGERY)])
    region.do("plan_surgery", surgery_planned_date="2026-03-28")
    region.on(26)
    region.do("record_surgery", surgery_date="2026-03-28")
    region.do("discharge_letter")
    region.on(38)
    region.do("attach_surgical_pathology")
    region.do("close_treatment", treatment_outcome="rcp", treatment_end_date="2026-03-28")

    # Two days later the second RCP, with its own sheet; the PPS goes on as version 2.
    region.hold_rcp(40, CHEMOTHERAPY, RADIOTHERAPY, HORMONES)
    region.on(45)
    surgery = region.treatments()[0]
    assert (surgery["kind"], surgery["status"]) == (SURGERY, "done")
    region.hand_over(
        [
            surgery,
            planned(CHEMOTHERAPY, planned_start=region.day(10), cycles=4),
            planned(RADIOTHERAPY, planned_start=region.day(101), cycles=15),
            planned(HORMONES),
        ]
    )
    region.do(
        "prescribe_systemic",
        first_cycle_date=region.day(10),
        cycles_planned=4,
        cycle_interval_days=21,
    )
    give_cycles(region, 55)

    # Febrile neutropenia on day 64: the second cycle moves a week, the PPS becomes version 3.
    region.on(64)
    region.do("call_patient", call_outcome="reached", symptoms=["febrile_neutropenia"])
    region.do("rate_toxicity", toxicity_grade=3)
    region.do("adapt_treatment", adaptation="postpone", next_cycle_date="2026-05-24")
    region.do("revise_pps", pps_update_reason="GEN-176", treatments=region.treatments())
    region.do("approve_pps")
    by = region.people["referring_physician"]
    region.do("hand_over_pps", pps_handover_date=region.day(), handed_over_by=by)
    give_cycles(region, 83, 104, 125)

    region.on(146, hour=9)
    region.do("prepare_radiotherapy", fractions_planned=15, radiotherapy_start_date=region.day())
    region.on(150)
    for done in (5, 10, 15):
        region.do("follow_radiotherapy_week", fractions_done=done)
    region.on(166)
    region.do("record_radiotherapy_end")
    region.do(
        "close_treatment", treatment_outcome="after_treatment", treatment_end_date=region.day()
    )
    region.do("end_of_treatment_visit")
    calendar = region.case_data()["surveillance_plan"]
    region.do("prepare_ppac", surveillance_plan=calendar, next_control_date="2027-03-02")
    region.on(182)
    region.do("approve_ppac")
    region.on(185)
    region.do(
        "hand_over_ppac",
        ppac_handover_date=region.day(),
        handed_over_by=region.people["oncologist"],
    )
    region.do("prescribe_global_pathway")
    region.on(336)
    region.do(
        "record_control",
        control_result="normal",
        surveillance_continues=True,
        next_control_date="2028-03-02",
    )

    region.print()
    assert all(
        one.pdf_hash for kind in ("rcp_sheet", "pps", "ppac") for one in region.records(kind)
    )
    versions = region.records("pps")
    assert [one.version for one in versions] == [1, 2, 3]
    assert [one.replaces_id for one in versions] == [None, versions[0].id, versions[1].id]
    assert {one.set_id for one in versions} == {f"pps:{region.case_id}"}
    assert [one.update_reason for one in versions] == [None, "MED-560", "GEN-176"]
    assert len({one.set_id for one in region.records("rcp_sheet")}) == 2
    assert day_of(region, "surgery") == 26
    assert {row["exam"] for row in calendar} >= {"Consultation de suivi"}
    assert region.task("trace_proposal")
    assert region.running() == [
        "cancer",
        "follow_up",
        "follow_up",
        "oral",
        "reassessment",
        "surveillance",
    ]


def test_c_lung_cancer_without_quorum_then_two_progressions_and_a_death(region: Region) -> None:
    region.open_case(born=date(1960, 5, 2))
    region.announce()
    first, second = region.plan_session(7), region.plan_session(14)
    region.register(first)
    region.on(7)
    region.meet(first, without="radiotherapist_member")
    region.do("postpone", postponement="postponed")
    region.on(14)
    region.meet(second)
    region.decide(IMMUNOTHERAPY)
    region.on(17)
    region.hand_over([planned(IMMUNOTHERAPY)])
    region.do(
        "prescribe_systemic",
        first_cycle_date=region.day(7),
        cycles_planned=34,
        cycle_interval_days=21,
        reassessment_every=3,
    )
    give_cycles(region, *range(24, 200, 21))

    region.on(200)
    region.declare("progression_declared")
    region.do("record_progression", progression_date=region.day(), progression_kind="MED-248")
    region.on(203)
    region.do("announce_progression", announcement_date=region.day())
    region.hold_rcp(210, CHEMOTHERAPY)
    region.hand_over([*region.treatments(), planned(CHEMOTHERAPY)])
    region.do(
        "prescribe_systemic",
        first_cycle_date=region.day(5),
        cycles_planned=6,
        cycle_interval_days=21,
    )
    give_cycles(region, 215, 236, 257, 278)

    region.on(299, hour=9)
    region.declare("progression_declared")
    region.do("record_progression", progression_date=region.day())
    region.do("announce_progression", announcement_date=region.day())
    region.hold_rcp(306, "C15252", proposal="stop_treatment")
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")
    region.do("complete_pps_treatment", treatments=region.treatments(), treatments_stopped="yes")
    region.do("complete_pps_support")
    region.do("approve_pps")
    by = region.people["referring_physician"]
    region.do("hand_over_pps", pps_handover_date=region.day(), handed_over_by=by)
    region.do("plan_appointments")
    assert "cancer" not in region.running()

    region.on(341)
    region.declare("death_declared", by="secretary")
    region.do("record_death", death_date=region.day())
    region.do("inform_after_death", death_gp_informed="yes", death_sites_informed="none")

    assert [row.quorum and row.quorum["status"] for row in region.registrations()] == [
        "not_reached", "reached", "reached", "reached",
    ]  # fmt: skip
    assert [one.status for one in region.records("pps")] == ["replaced", "replaced", "approved"]
    assert region.records("pps")[1].update_reason == "MED-103"
    assert region.records("ppac") == []
    assert (region.open(), region.timers(), region.running()) == ([], [], [])
    assert region.case_state() == "closed"
