"""Whatever the place, the day and the delay: what a working calendar must never get wrong."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import PARIS, Calendar

FIRST, LAST = date(2024, 1, 1), date(2034, 12, 31)
days = st.dates(FIRST, LAST)
moments = st.datetimes(
    datetime(2024, 1, 1), datetime(2034, 12, 31), timezones=st.just(UTC)  # noqa: DTZ001
)  # fmt: skip
places = st.builds(
    Calendar,
    alsace_moselle=st.booleans(),
    closed=st.frozensets(days, max_size=20),
    opens_at=st.sampled_from([time(7), time(8), time(9, 30)]),
    closes_at=st.sampled_from([time(16), time(18), time(20)]),
)
relaxed = settings(deadline=None)  # the first question about a year builds its holidays
FIXED = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}


def easter(year: int) -> date:
    """Anonymous Gregorian computus (Meeus): an oracle of our own, apart from the library used."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    correction = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * correction) // 451
    month, day = divmod(h + correction - 7 * m + 114, 31)
    return date(year, month, day + 1)


def is_french_holiday(day: date, *, alsace_moselle: bool) -> bool:
    """The eleven holidays of article L.3133-1 of the Code du travail; two more of L.3134-13."""
    moving = {easter(day.year) + timedelta(days=n) for n in (1, 39, 50)}
    fixed = set(FIXED)
    if alsace_moselle:
        moving.add(easter(day.year) - timedelta(days=2))
        fixed.add((12, 26))
    return day in moving or (day.month, day.day) in fixed


@relaxed
@given(day=days, alsace_moselle=st.booleans())
def test_public_holidays_are_those_of_the_law(day: date, alsace_moselle: bool) -> None:
    place = Calendar(alsace_moselle=alsace_moselle)

    assert bool(place.holiday(day)) == is_french_holiday(day, alsace_moselle=alsace_moselle)


@pytest.mark.parametrize("year", range(2024, 2035))
def test_easter_monday_ascension_and_whit_monday_of_each_year(year: int) -> None:
    found = [Calendar().holiday(easter(year) + timedelta(days=n)) for n in (1, 39, 50)]

    assert found == ["Lundi de Pâques", "Ascension", "Lundi de Pentecôte"]


@relaxed
@given(place=places, day=days, amount=st.integers(-250, 250))
def test_working_days_never_end_on_a_closed_day(place: Calendar, day: date, amount: int) -> None:
    there = place.shift(day, amount, "working_days")

    assert place.is_working_day(there)
    assert there.weekday() < 5
    assert there not in place.closed
    assert not is_french_holiday(there, alsace_moselle=place.alsace_moselle)


@relaxed
@given(place=places, day=days, amount=st.integers(1, 250))
def test_working_days_are_as_many_as_asked(place: Calendar, day: date, amount: int) -> None:
    there = place.shift(day, amount, "working_days")
    between = (day + timedelta(days=n) for n in range(1, (there - day).days + 1))

    assert sum(map(place.is_working_day, between)) == amount


@relaxed
@given(place=places, day=days, amount=st.integers(0, 250))
def test_working_days_come_back_and_add_up(place: Calendar, day: date, amount: int) -> None:
    start = place.shift(day, 0, "working_days")
    half = amount // 2

    there = place.shift(start, amount, "working_days")

    assert place.shift(there, -amount, "working_days") == start
    assert place.shift(
        place.shift(start, half, "working_days"), amount - half, "working_days"
    ) == (there)


@relaxed
@given(place=places, one=days, two=days, amount=st.integers(-200, 200))
def test_who_starts_earlier_never_ends_later(
    place: Calendar, one: date, two: date, amount: int
) -> None:
    first, second = sorted((one, two))
    for unit in ("days", "working_days", "weeks", "months"):
        assert place.shift(first, amount, unit) <= place.shift(second, amount, unit)


@relaxed
@given(place=places, moment=moments, hours=st.integers(1, 80))
def test_working_hours_end_while_the_place_is_open(
    place: Calendar, moment: datetime, hours: int
) -> None:
    there = place.add(moment, hours, "working_hours").astimezone(PARIS)

    assert place.is_working_day(there.date())
    assert place.opens_at <= there.time() <= place.closes_at


@relaxed
@given(place=places, moment=moments, hours=st.integers(1, 80))
def test_working_hours_come_back(place: Calendar, moment: datetime, hours: int) -> None:
    """From a moment the place is open; its closing and its next opening are the same moment."""
    start = place.add(moment, 1, "working_hours")

    back = place.add(place.add(start, hours, "working_hours"), -hours, "working_hours")

    assert back == start or place.add(back, 1, "hours") > start >= back
    assert place.add(back, hours, "working_hours") == place.add(start, hours, "working_hours")


@relaxed
@given(moment=moments, hours=st.integers(-3000, 3000))
def test_hours_do_not_care_for_the_clocks_of_paris(moment: datetime, hours: int) -> None:
    assert Calendar().add(moment, hours, "hours") - moment == timedelta(hours=hours)


@relaxed
@given(year=st.integers(2024, 2034), hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_day_is_23_or_25_hours_when_the_clocks_change(year: int, hour: int, minute: int) -> None:
    for month, length in ((3, 23), (10, 25)):
        sunday = max(day for n in range(25, 32) if (day := date(year, month, n)).weekday() == 6)
        start = datetime(sunday.year, month, sunday.day, hour, minute, tzinfo=PARIS)
        before = (start - timedelta(days=1)).astimezone(UTC)

        there = Calendar().add(before, 1, "days")

        skipped = month == 3 and hour == 2  # does not exist: moves forward with the clocks
        if hour >= 3 or skipped:
            assert there - before == timedelta(hours=length + skipped)
        if not skipped:
            assert there.astimezone(PARIS).time() == time(hour, minute)


@relaxed
@given(place=places, day=days)
def test_a_day_ends_when_the_place_closes_summer_and_winter(place: Calendar, day: date) -> None:
    end = place.end_of_day(day).astimezone(PARIS)

    assert (end.date(), end.time()) == (day, place.closes_at)
