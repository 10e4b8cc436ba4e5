"""What a step of the pathway hangs on is the patient's own date, not the day the step opened."""

from datetime import timedelta

from engine import runtime
from engine.db import transaction
from tests.workflows.pathway import Region
from tests.workflows.test_absence import watch

SURGERY, RADIOTHERAPY, HORMONES = "387713003", "C15313", "C15445"


def handed_over(region: Region, treatments: list[dict[str, str]]) -> None:
    region.open_case()
    region.announce()
    region.hold_rcp(8, SURGERY)
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")
    region.do("complete_pps_treatment", treatments=treatments)
    region.do("complete_pps_support")
    region.do("approve_pps")
    assert (region.due("hand_over_pps") - region.now.date()).days == 7
    region.do(
        "hand_over_pps",
        pps_handover_date=region.day(),
        handed_over_by=region.people["referring_physician"],
    )
    region.do("plan_appointments")


def test_prerequisites_are_due_three_days_before_the_first_treatment(region: Region) -> None:
    handed_over(
        region,
        [
            {"kind": RADIOTHERAPY, "status": "planned", "planned_start": region.day(60)},
            {"kind": SURGERY, "status": "planned", "planned_start": region.day(30)},
        ],
    )

    task = region.task("check_prerequisites")
    assert region.due("check_prerequisites").isoformat() == "2026-03-29"  # 1 April less three days
    assert "3 jours avant le premier traitement prévu du 1er avril 2026" in task.due_explanation


def test_without_a_date_in_the_plan_prerequisites_wait_three_days(region: Region) -> None:
    handed_over(region, [{"kind": SURGERY, "status": "planned"}])

    task = region.task("check_prerequisites")
    assert (region.due("check_prerequisites") - region.now.date()).days == 3
    assert "en attendant la date du premier traitement prévu" in task.due_explanation


def test_a_second_oral_treatment_hangs_on_its_own_start(region: Region) -> None:
    """Not on the start of the one before, long past."""
    region.open_case()
    with transaction(region.database) as db:
        for start in (10, 200):
            runtime.start_instance(
                db, case_id=region.case_id, definition="oral", actor="system", now=region.now,
                data={"oral_start_date": region.day(start), "treatment_kind": HORMONES},
            )  # fmt: skip
    region.on(0, hour=9)
    assert region.due("prescribe_oral").isoformat() == region.day(3)

    region.do("prescribe_oral", protocol="Tamoxifène", oral_start_date=region.day(10))
    later = region.day(193)
    region.on(190)

    assert region.due("prescribe_oral").isoformat() == later


def test_a_control_is_written_down_within_thirty_days_of_its_date(region: Region) -> None:
    """Opened late, it is not due later for that (F09, ±30 j)."""
    watch(region, control=10)
    region.on(0, hour=9)
    assert "record_control" in region.open()
    region.do(
        "record_control", control_date=region.day(), control_result="normal",
        surveillance_continues=True, next_control_date=region.day(20),
    )  # fmt: skip
    region.on(1)
    assert region.due("record_control") == region.now.date() + timedelta(days=49)
