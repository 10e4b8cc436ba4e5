"""A pause in the treatments: what is paused stands still, its dates later by as much (X03)."""

import pytest
import sqlalchemy as sa

from engine.db import transaction
from engine.errors import Conflict, Invalid
from engine.models import Timer
from tests.workflows.pathway import Region
from workflows.cases.models import TaskOffer

RADIOTHERAPY, CHEMOTHERAPY, WINDOW = "C15313", "C15632", "MED-556"


@pytest.fixture
def region(region: Region) -> Region:
    """Chemotherapy and radiotherapy under way; the second cycle is due on day 38."""
    region.open_case()
    region.announce()
    region.hold_rcp(8, CHEMOTHERAPY, RADIOTHERAPY)
    region.on(10)
    region.hand_over(
        [
            {"kind": CHEMOTHERAPY, "status": "planned"},
            {"kind": RADIOTHERAPY, "status": "planned", "planned_start": region.day(90)},
        ]
    )
    region.do(
        "prescribe_systemic",
        first_cycle_date=region.day(7),
        cycles_planned=4,
        cycle_interval_days=21,
    )
    region.on(16, hour=9)
    region.do("pre_cycle_check", go_ahead=True)
    region.on(17, hour=9)
    region.do("administer_cycle", administration_date=region.day())
    return region


def pause(region: Region, *diagrams: str, days: int = 30) -> None:
    region.declare("window_declared")
    region.do(
        "open_window",
        window_reason="Fatigue.",
        window_lines=region.lines(*diagrams),
        window_restart_date=region.day(days),
    )


def suspended(region: Region) -> int:
    with transaction(region.database) as db:
        wanted = sa.select(sa.func.count(Timer.id)).where(Timer.suspended.is_(True))
        return db.scalar(wanted) or 0


def test_what_is_paused_stands_still_and_the_rest_goes_on(region: Region) -> None:
    pause(region, "systemic")

    region.on(40)

    assert "pre_cycle_check" not in region.open()  # its day has passed
    assert suspended(region) > 0
    assert "prepare_radiotherapy" not in region.open()
    region.on(71)
    assert "prepare_radiotherapy" in region.open()


def test_the_pps_says_the_pause_and_the_end_is_reminded(region: Region) -> None:
    pause(region)
    region.do("revise_pps", treatments=region.treatments())

    assert region.records("pps")[-1].update_reason == WINDOW
    window = region.treatments()[-1]
    assert (window["kind"], window["planned_end"]) == (WINDOW, region.day(30))
    region.on(41)
    assert region.due("decide_restart").isoformat() == "2026-04-18"
    assert region.task("decide_restart").remind_at is not None


def test_dates_move_by_the_days_that_passed(region: Region) -> None:
    pause(region)
    region.on(47, hour=9)
    region.do("decide_restart", window_decision="resume", window_end_date=region.day())

    assert region.answers(region.instances("systemic")[0])["next_cycle_date"] == region.day(21)
    assert region.treatments()[-1]["status"] == "done"
    assert suspended(region) == 0
    region.on(66)
    assert "pre_cycle_check" not in region.open()
    region.on(67, hour=9)
    region.do("pre_cycle_check", go_ahead=True)
    assert "administer_cycle" in region.open()


def test_a_step_of_a_paused_treatment_is_neither_offered_nor_done(region: Region) -> None:
    region.on(37, hour=9)
    task = region.task("pre_cycle_check")
    pause(region)

    with transaction(region.database) as db:
        assert db.scalar(sa.select(TaskOffer.task_id).filter_by(task_id=task.id)) is None
    with pytest.raises(Conflict, match="en pause"):
        region.do("pre_cycle_check", go_ahead=True)

    region.on(60, hour=9)
    region.do("decide_restart", window_decision="resume", window_end_date=region.day())
    with transaction(region.database) as db:
        assert db.scalar(sa.select(TaskOffer.task_id).filter_by(task_id=task.id)) == task.id
    region.do("pre_cycle_check", go_ahead=True)


def test_a_pause_ends_before_its_date_or_lasts_longer(region: Region) -> None:
    pause(region)
    region.on(25)
    region.declare("window_ended")
    with pytest.raises(Invalid, match="reprise prévue"):
        region.do("decide_restart", window_decision="prolong", window_restart_date=region.day())
    region.do("decide_restart", window_decision="prolong", window_restart_date=region.day(40))
    assert "decide_restart" not in region.open()

    region.on(60)
    assert "decide_restart" in region.open()


def test_a_stop_wanted_asks_the_rcp_and_leaves_the_pause(region: Region) -> None:
    pause(region)
    region.on(41)
    region.do("decide_restart", window_decision="stop", window_restart_date=region.day(30))

    assert "propose_stop" in region.open()
    assert {"therapeutic_window", "systemic"} <= set(region.running())


def test_a_progression_ends_the_pause_with_the_treatment(region: Region) -> None:
    pause(region)
    region.declare("progression_declared")
    region.do("record_progression", progression_date=region.day())

    assert {"therapeutic_window", "systemic", "radiotherapy"} & set(region.running()) == set()
