from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import PARIS, Calendar

FRANCE = Calendar()
days = st.dates(date(2024, 1, 1), date(2032, 12, 31))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
amounts = st.integers(-400, 400)


def paris(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


def test_working_days_skip_week_ends_and_public_holidays():
    friday_before_easter = date(2026, 4, 3)

    assert FRANCE.shift(friday_before_easter, 1, "working_days") == date(2026, 4, 7)
    assert FRANCE.shift(date(2026, 5, 13), 2, "working_days") == date(2026, 5, 18)
    assert FRANCE.shift(date(2026, 4, 7), -1, "working_days") == friday_before_easter


def test_alsace_moselle_has_two_more_holidays():
    alsace = Calendar(alsace_moselle=True)

    assert alsace.holiday(date(2026, 4, 3)) == "Vendredi saint"
    assert alsace.holiday(date(2025, 12, 26)) == "Saint-Étienne"
    assert FRANCE.is_working_day(date(2026, 4, 3))
    assert not alsace.is_working_day(date(2026, 4, 3))


def test_a_site_may_close_besides():
    bridge = date(2026, 5, 15)

    assert Calendar(closed=frozenset({bridge})).shift(
        date(2026, 5, 13), 1, "working_days"
    ) == date(2026, 5, 18)


def test_days_keep_the_hour_when_the_clocks_change():
    saturday_evening = paris(2026, 3, 28, 18)

    assert FRANCE.add(saturday_evening, 1, "days") == paris(2026, 3, 29, 18)
    assert FRANCE.add(saturday_evening, 1, "days") - saturday_evening == timedelta(hours=23)
    assert FRANCE.add(saturday_evening, 24, "hours") == paris(2026, 3, 29, 19)


def test_the_hour_the_clocks_skip_moves_forward():
    assert FRANCE.add(paris(2026, 3, 28, 2, 30), 1, "days") == paris(2026, 3, 29, 3, 30)


def test_months_end_on_the_last_day_of_a_shorter_month():
    assert FRANCE.shift(date(2026, 1, 31), 1, "months") == date(2026, 2, 28)
    assert FRANCE.shift(date(2028, 2, 29), 12, "months") == date(2029, 2, 28)
    assert FRANCE.shift(date(2026, 1, 15), -13, "months") == date(2024, 12, 15)


def test_working_hours_run_inside_opening_hours_only():
    friday_afternoon = paris(2026, 3, 6, 17)

    assert FRANCE.add(friday_afternoon, 2, "working_hours") == paris(2026, 3, 9, 9)
    assert FRANCE.add(paris(2026, 3, 7, 12), 1, "working_hours") == paris(2026, 3, 9, 9)
    assert FRANCE.add(paris(2026, 3, 9, 9), -2, "working_hours") == friday_afternoon
    assert FRANCE.add(paris(2026, 3, 7, 12), 0, "working_hours") == paris(2026, 3, 9, 8)


def test_a_moment_without_a_zone_and_an_unknown_unit_are_refused():
    with pytest.raises(ValueError, match="aware"):
        FRANCE.add(datetime(2026, 3, 2), 1, "days")  # noqa: DTZ001
    with pytest.raises(ValueError, match="unknown unit"):
        FRANCE.add(paris(2026, 3, 2), 1, "fortnights")
    with pytest.raises(ValueError, match="too far"):
        FRANCE.add(paris(2026, 3, 2), 10**9, "working_days")


@given(day=days, amount=st.integers(1, 300))
def test_working_days_come_back(day, amount):
    start = FRANCE.shift(day, 0, "working_days")

    there = FRANCE.shift(start, amount, "working_days")

    assert FRANCE.is_working_day(there)
    assert FRANCE.shift(there, -amount, "working_days") == start
    assert FRANCE.working_days_between(start, there) == amount


@given(moment=moments, amount=amounts)
def test_days_keep_the_clock_of_paris_or_move_past_the_skipped_hour(moment, amount):
    result = FRANCE.add(moment, amount, "days").astimezone(PARIS)
    start = moment.astimezone(PARIS)

    assert result.date() == start.date() + timedelta(days=amount)
    assert result.time() == start.time() or result.hour == start.hour + 1 == 3


@given(moment=moments, amount=st.integers(-5000, 5000))
def test_hours_are_exact(moment, amount):
    assert FRANCE.add(moment, amount, "hours") - moment == timedelta(hours=amount)


@given(moment=moments, one=st.integers(0, 60), two=st.integers(0, 60))
def test_working_hours_add_up(moment, one, two):
    in_two_steps = FRANCE.add(FRANCE.add(moment, one, "working_hours"), two, "working_hours")

    assert in_two_steps == FRANCE.add(moment, one + two, "working_hours") or (one == 0 or two == 0)


@given(
    moment=moments,
    amount=amounts,
    more=st.integers(0, 60),
    unit=st.sampled_from(["working_hours", "days", "working_days", "weeks", "months"]),
)
def test_a_longer_delay_never_ends_earlier(moment, amount, more, unit):
    assert FRANCE.add(moment, amount, unit) <= FRANCE.add(moment, amount + more, unit)
