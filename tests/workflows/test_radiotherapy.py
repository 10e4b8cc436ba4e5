"""A radiotherapy that stops for more than three days calls the radiation oncologist (T07)."""

import pytest
import sqlalchemy as sa

from engine.db import transaction
from tests.workflows.pathway import Region
from workflows.notices.models import Notice

RADIOTHERAPY = "C15313"


@pytest.fixture
def region(region: Region) -> Region:
    """25 sessions planned, the first on day 14, a Monday."""
    region.open_case()
    region.announce()
    region.treat(RADIOTHERAPY)
    region.on(10, hour=9)
    region.do("prepare_radiotherapy", radiotherapy_start_date=region.day(4), fractions_planned=25)
    region.on(18, hour=16)
    return region


def trace_week(region: Region, *statuses: str) -> None:
    days = [
        {"date": region.day(offset - len(statuses) + 1), "status": status}
        for offset, status in enumerate(statuses)
    ]
    done = sum(status == "done" for status in statuses)
    region.do("follow_radiotherapy_week", sessions=days, fractions_done=done)


def called(region: Region) -> list[str]:
    """What the radiation oncologist was told about lateness."""
    with transaction(region.database) as db:
        wanted = sa.select(Notice.text).filter_by(
            user_id=region.people["radiation_oncologist"], kind="escalation"
        )
        return [text for text in db.scalars(wanted) if "semaine de séances" in text]


def test_a_week_of_sessions_given_leaves_seven_days_for_the_next(region: Region) -> None:
    trace_week(region, "done", "done", "done", "done", "done")

    assert region.due("follow_radiotherapy_week").isoformat() == "2026-03-27"
    region.on(23)
    assert called(region) == []


def test_three_days_without_a_session_call_the_radiation_oncologist(region: Region) -> None:
    trace_week(region, "done", "done", "done", "missed", "machine")  # last one on Wednesday 18

    task = region.task("follow_radiotherapy_week")
    assert task.due_at is not None
    assert task.due_at.date().isoformat() == "2026-03-21"
    assert "dernière séance réalisée du 18 mars" in task.due_explanation
    region.on(19, hour=12)
    assert called(region) == []
    region.on(20, hour=8)
    assert len(called(region)) == 1


def test_a_resumption_traced_in_time_calls_nobody(region: Region) -> None:
    trace_week(region, "done", "done", "done", "missed", "machine")
    region.on(19)
    trace_week(region, "done", "done", "done", "missed", "machine", "done")

    region.on(21)

    assert called(region) == []
    assert region.due("follow_radiotherapy_week").isoformat() == "2026-03-28"


def test_an_interruption_traced_late_calls_the_next_working_day(region: Region) -> None:
    trace_week(region, "done", "missed", "missed", "missed", "missed")

    region.on(21, hour=18)  # Monday

    assert len(called(region)) == 1
