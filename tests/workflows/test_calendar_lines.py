"""A line of the calendar of surveillance: when it calls, again, and until when (domain §5)."""

from datetime import date

from workflows.pathways.surveillance import next_visit, visits


def test_a_line_repeats_until_its_end_and_a_month_calls_from_its_first_day() -> None:
    line = {"first_due": "2026-03", "interval_months": 2, "until": "2026-07"}

    assert list(visits(line)) == [date(2026, 3, 1), date(2026, 5, 1), date(2026, 7, 1)]
    assert next_visit(line, date(2026, 5, 2)) == date(2026, 7, 1)
    assert next_visit(line, date(2026, 7, 2)) is None
    assert next_visit({"exam": "Mammographie"}, date(2026, 3, 1)) is None
