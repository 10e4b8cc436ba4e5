"""Treatments side by side: taken at home, watched, done in hospital; each has its own diagram."""

from datetime import date

import pytest

from engine.errors import Invalid
from tests.workflows.pathway import Region, planned
from workflows.pathways.modalities import TREATMENTS, diagram_of, holds_phase

SURGERY, CHEMOTHERAPY, HORMONES = "387713003", "C15632", "C15445"
WATCH, TRANSPLANT, TARGETED = "424313000", "MED-126", "C93352"


@pytest.fixture
def region(region: Region) -> Region:
    region.open_case()
    region.announce()
    return region


def plan(region: Region, *rows: dict[str, object]) -> None:
    region.hold_rcp(8, *{str(row["kind"]) for row in rows})
    region.on(10)
    region.hand_over(list(rows))


def start_oral(region: Region, **answers: object) -> None:
    plan(region, planned(CHEMOTHERAPY, mode="oral", precision="Capécitabine"))
    region.on(10, hour=9)  # no date in the plan: prescribed at once
    region.do("prescribe_oral", oral_start_date=region.day(4), **answers)


# ── Which diagram follows a planned line ────────────────────────────────────────────────────


def test_every_national_type_of_treatment_has_its_answer() -> None:
    assert len(TREATMENTS) == 15
    assert {kind for kind, name in TREATMENTS.items() if name is None} == {"MED-556"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"kind": CHEMOTHERAPY}, "systemic"),
        ({"kind": CHEMOTHERAPY, "mode": "oral"}, "oral"),
        ({"kind": TARGETED, "mode": "subcutaneous"}, "systemic"),
        ({"kind": HORMONES, "mode": "intramuscular"}, "oral"),
        ({"kind": "GEN-092.03.01"}, "procedure"),
        ({"kind": "GEN-092.03.01", "mode": "intravenous"}, "systemic"),
        ({"kind": "GEN-092.03.01", "mode": "oral"}, "oral"),
        ({"kind": "MED-226"}, "active_surveillance"),
        ({"kind": "MED-556"}, None),
        ({}, None),
    ],
)
def test_the_way_it_is_given_chooses_the_diagram(
    row: dict[str, object], expected: str | None
) -> None:
    assert diagram_of(row) == expected


def test_maintenance_does_not_hold_the_phase_but_a_first_line_does() -> None:
    assert not holds_phase({"kind": HORMONES})
    assert not holds_phase({"kind": CHEMOTHERAPY, "line": "maintenance"})
    assert holds_phase({"kind": HORMONES, "line": "line_1"})
    assert holds_phase({"kind": CHEMOTHERAPY})


# ── Oral ────────────────────────────────────────────────────────────────────────────────────


def test_an_oral_treatment_is_followed_at_seven_days_then_monthly(region: Region) -> None:
    start_oral(region)
    region.on(21, hour=9)
    assert region.due("follow_oral") == date(2026, 3, 24)

    region.do("follow_oral", observance="good", follow_up_date=region.day(), symptoms=[])

    region.on(50)
    assert "follow_oral" not in region.open()
    region.on(51, hour=9)
    assert "follow_oral" in region.open()


def test_the_pharmacist_holds_three_interviews(region: Region) -> None:
    start_oral(region)
    for held_on in (17, 77, 137):
        region.on(held_on, hour=9)
        region.do("hold_interview", interview_status="done", interview_date=region.day())

    assert "pharmacist_interviews" not in region.running()


def test_an_interview_put_off_is_not_counted(region: Region) -> None:
    start_oral(region)
    region.on(17, hour=9)
    with pytest.raises(Invalid, match="nouvelle date"):
        region.do("hold_interview", interview_status="postponed")
    region.do("hold_interview", interview_status="postponed", next_interview_date=region.day(5))

    region.on(22, hour=9)
    region.do("hold_interview", interview_status="refused")
    assert "pharmacist_interviews" not in region.running()


def test_a_patient_who_stops_alone_is_the_oncologist_s_question(region: Region) -> None:
    start_oral(region)
    region.on(21, hour=9)
    region.do("follow_oral", observance="stopped", stopped_since=region.day(-2))
    assert "adapt_treatment" in region.open()

    region.do("adapt_treatment", adaptation="postpone", next_cycle_date=region.day(10))
    region.on(30, hour=9)
    assert "follow_oral" not in region.open()
    region.on(31, hour=9)
    region.do("follow_oral", observance="stopped", stopped_since=region.day(-1))
    region.do("adapt_treatment", adaptation="stop")

    assert "close_treatment" in region.open()
    with pytest.raises(Invalid, match="se décide en RCP"):
        region.do("close_treatment", treatment_outcome="after_treatment")


def test_an_oral_line_ends_when_it_is_said_to(region: Region) -> None:
    start_oral(region)
    region.on(21, hour=9)
    region.do("follow_oral", observance="good", oral_ended=True)

    assert "close_treatment" in region.open()
    assert [row["status"] for row in region.treatments()] == ["done"]


def test_hormones_go_on_beside_what_comes_after(region: Region) -> None:
    plan(region, planned(SURGERY), planned(HORMONES, precision="Tamoxifène"))
    region.do("plan_surgery", surgery_planned_date=region.day(5))
    region.on(15)
    region.do("record_surgery", surgery_date=region.day())
    region.do("discharge_letter")
    region.do("attach_surgical_pathology")

    region.do(
        "close_treatment", treatment_outcome="after_treatment", treatment_end_date="2026-03-17"
    )

    assert "oral" in region.running()
    assert "end_of_treatment_visit" in region.open()


def test_hormones_stopped_after_the_phase_ask_for_an_rcp_at_once(region: Region) -> None:
    plan(region, planned(HORMONES), planned(SURGERY))
    region.on(10, hour=9)
    region.do("prescribe_oral", oral_start_date=region.day())
    region.on(17, hour=9)
    region.do("follow_oral", observance="stopped", stopped_since=region.day())

    region.do("adapt_treatment", adaptation="stop")

    assert "choose_rcp" in region.open()
    assert "surgery" in region.running()


# ── Surveillance in place of a treatment ────────────────────────────────────────────────────


def test_a_surveillance_waits_for_its_checks_although_nothing_is_given(region: Region) -> None:
    plan(region, planned(WATCH))
    region.do(
        "plan_watch",
        watch_plan=[{"exam": "PSA", "next_due": region.day(180), "interval_months": 6}],
    )

    assert "close_treatment" not in region.open()
    assert any("check_near" in timer for timer in region.timers())
    region.on(10 + 165, hour=9)
    assert region.due("record_check") == date(2026, 9, 23)  # fifteen days after the date


def test_a_check_done_comes_back_and_a_dateless_calendar_is_refused(region: Region) -> None:
    plan(region, planned(WATCH))
    with pytest.raises(Invalid, match="au moins un contrôle"):
        region.do("plan_watch", watch_plan=[])
    region.do(
        "plan_watch",
        watch_plan=[{"exam": "PSA", "next_due": region.day(30), "interval_months": 6}],
    )
    region.on(40, hour=9)
    check = {
        "check_done_date": region.day(),
        "check_exam": "PSA",
        "check_result": "stable",
        "reclassified": False,
        "watch_continues": True,
    }

    region.do("record_check", **check)

    assert "record_check" not in region.open()
    (watch,) = region.instances("active_surveillance")
    assert region.answers(watch)["next_check_date"] == "2026-10-11"


def test_a_reclassification_leads_to_an_rcp(region: Region) -> None:
    plan(region, planned(WATCH))
    region.do("plan_watch", watch_plan=[{"exam": "Biopsies", "next_due": region.day(30)}])
    region.on(40, hour=9)

    region.do(
        "record_check", check_done_date=region.day(), check_result="changed", reclassified=True
    )

    assert "choose_rcp" in region.open()
    assert "treatment" not in region.running()
    assert [row["status"] for row in region.treatments()] == ["done"]


# ── Procedures ──────────────────────────────────────────────────────────────────────────────


def start_procedure(region: Region, aplasia: str) -> None:
    plan(region, planned(TRANSPLANT, precision="Autogreffe"))
    region.do("plan_procedure", procedure_planned_date=region.day(10), aplasia_expected=aplasia)
    region.on(20, hour=9)


def test_aplasia_is_followed_until_it_is_over(region: Region) -> None:
    start_procedure(region, "yes")
    done = {"procedure_status": "done", "procedure_date": region.day()}
    with pytest.raises(Invalid, match="jusqu’à sa sortie"):
        region.do("record_procedure", **done)
    region.do("record_procedure", **done, next_aplasia_date=region.day(7))
    region.on(27, hour=9)
    region.do("follow_aplasia", aplasia_over=False, next_aplasia_date=region.day(5))
    region.on(32, hour=9)
    region.do("follow_aplasia", aplasia_over=True)

    region.send("procedure_report", procedure_report_conclusion="Prise de greffe.")

    assert "close_treatment" in region.open()
    assert [row["status"] for row in region.treatments()] == ["done"]


def test_a_procedure_given_up_is_not_done_and_leads_to_an_rcp(region: Region) -> None:
    start_procedure(region, "no")
    region.do("record_procedure", procedure_status="postponed", procedure_reason="Fièvre")
    assert "plan_procedure" in region.open()
    region.do("plan_procedure", procedure_planned_date=region.day(3), aplasia_expected="no")
    region.on(23, hour=9)

    region.do("record_procedure", procedure_status="cancelled", procedure_reason="Refus")

    assert [row["status"] for row in region.treatments()] == ["not_done"]
    with pytest.raises(Invalid, match="se décide en RCP"):
        region.do("close_treatment", treatment_outcome="after_treatment")


@pytest.mark.parametrize("status", ["postponed", "cancelled"])
def test_an_operation_that_did_not_take_place(region: Region, status: str) -> None:
    """T02: postponed, it is planned anew and the PPS is written again; given up, an RCP follows."""
    plan(region, planned(SURGERY))
    region.do("plan_surgery", surgery_planned_date=region.day(10))
    region.on(25)

    region.do("record_surgery", surgery_status=status, surgery_status_reason="Fièvre")

    if status == "postponed":
        assert {"plan_surgery", "revise_pps"} <= set(region.open())
        region.do("plan_surgery", surgery_planned_date=region.day(7))
        assert "record_surgery" not in region.open()
        region.on(33)
        region.do("record_surgery", surgery_status="done", surgery_date=region.day())
        assert "discharge_letter" in region.open()
    else:
        assert region.treatments()[0]["status"] == "not_done"
        with pytest.raises(Invalid, match="la suite se décide en RCP"):
            region.do("close_treatment", treatment_outcome="after_treatment")
