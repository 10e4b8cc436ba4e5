"""A patient who does not come to a consultation or a control is called, then looked for."""

from datetime import timedelta

import pytest

from engine import runtime
from engine.db import transaction
from engine.errors import Invalid
from tests.workflows.pathway import Region


def watch(region: Region, control: int = 40) -> None:
    """A case of which only the surveillance is left; the control is so many days away."""
    region.open_case()
    with transaction(region.database) as db:
        data = {"next_control_date": region.day(control)}
        runtime.put_data(db, case_id=region.case_id, values=data, actor="system", now=region.now)
        runtime.start_instance(
            db, case_id=region.case_id, definition="surveillance", actor="system", now=region.now
        )


def test_a_missed_control_is_followed_up_fifteen_days_later(region: Region) -> None:
    watch(region)
    region.on(54, hour=22)
    assert "record_control" in region.open()
    region.on(55, hour=22)

    assert "record_control" not in region.open()
    assert region.task("recall_absent_patient").documentation == "F10"
    region.do(
        "recall_absent_patient",
        recall_date=region.day(),
        recall_outcome="rescheduled",
        next_control_date=region.day(20),
    )
    region.on(56)
    assert "record_control" in region.open()


def test_three_recalls_fifteen_days_apart_lead_to_the_search(region: Region) -> None:
    watch(region)
    region.on(56)
    for day in (56, 72, 88):
        region.on(day)
        region.do("recall_absent_patient", recall_date=region.day(), recall_outcome="not_reached")

    assert {"contact_patient", "plan_next_control"} <= set(region.open())
    assert "recall_absent_patient" not in region.open()
    region.do("plan_next_control", next_control_date=region.day(10))
    region.on(89)
    assert "record_control" in region.open()


def test_a_control_that_took_place_is_written_down_after_the_recall(region: Region) -> None:
    watch(region)
    region.on(56)
    region.do("recall_absent_patient", recall_date=region.day(), recall_outcome="done")
    region.on(60)

    region.do(
        "record_control",
        control_date=region.day(-20),
        control_result="normal",
        surveillance_continues=True,
        next_control_date=region.day(180),
    )
    assert "recall_absent_patient" not in region.open()


def test_a_control_put_off_without_a_date_to_come_is_refused(region: Region) -> None:
    watch(region)
    region.on(56)

    with pytest.raises(Invalid, match="prochain contrôle"):
        region.do("recall_absent_patient", recall_date=region.day(), recall_outcome="rescheduled")
    assert region.due("recall_absent_patient") > (region.now - timedelta(days=1)).date()


def test_a_second_missed_consultation_leads_to_the_search(region: Region) -> None:
    region.open_case()
    region.announce()
    region.hold_rcp(8, "387713003")
    region.do("propose_treatment", patient_decision="absent")
    task = region.task("recall_patient")
    assert (task.documentation, task.lane) == ("P01", "IDEC")
    assert task.due_at
    assert (task.due_at.date() - region.now.date()).days == 2
    agreed = region.day(20)
    region.do(
        "recall_patient", recall_date=region.day(), recall_reached="reached",
        recall_appointment_date=agreed,
    )  # fmt: skip

    assert region.due("propose_treatment").isoformat() == agreed
    assert "contact_patient" not in region.open()
    region.do("propose_treatment", patient_decision="absent")
    assert {"contact_patient", "propose_treatment"} <= set(region.open())
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")
    assert "complete_pps_treatment" in region.open()
