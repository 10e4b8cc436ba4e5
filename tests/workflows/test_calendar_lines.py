"""Dates of a plan: when a line of the calendar calls and until when (§5), what is too late (P11)."""

from datetime import date

from workflows.pathways.appointments import later_than_proposed
from workflows.pathways.surveillance import next_visit, visits


def test_a_line_repeats_until_its_end_and_a_month_calls_from_its_first_day() -> None:
    line = {"first_due": "2026-03", "interval_months": 2, "until": "2026-07"}

    assert list(visits(line)) == [date(2026, 3, 1), date(2026, 5, 1), date(2026, 7, 1)]
    assert next_visit(line, date(2026, 5, 2)) == date(2026, 7, 1)
    assert next_visit(line, date(2026, 7, 2)) is None
    assert next_visit({"exam": "Mammographie"}, date(2026, 3, 1)) is None


def test_a_start_after_the_latest_of_the_rcp_is_beyond_the_target() -> None:
    proposals = [{"kind": "C15632", "latest": "2026-04"}, {"kind": "C15313"}]
    late = {"kind": "C15632", "status": "planned", "planned_start": "2026-05-04"}
    in_time = late | {"planned_start": "2026-04-28"}

    assert list(later_than_proposed([late, in_time], proposals)) == [
        ("C15632", "2026-05-04", "2026-04")
    ]
