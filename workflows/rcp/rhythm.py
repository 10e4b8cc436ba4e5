"""The rhythm of an RCP and a period come in; its dated slots, holidays moved or skipped, go out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from engine.calendar import Calendar
from workflows.rcp.models import HolidayRule

PARIS = ZoneInfo("Europe/Paris")
LAST = -1
FARTHEST_MOVE = timedelta(days=10)  # no run of holidays is longer


class Rhythm(Protocol):
    """What a slot depends on; an entry of the directory has it all."""

    first_date: date
    every_weeks: int
    month_weeks: list[int]
    on_holiday: str
    starts: time


@dataclass(frozen=True)
class Slot:
    """`date` is the one the rhythm gives, `starts_at` the moment people really meet."""

    date: date
    starts_at: datetime


def slots(
    rhythm: Rhythm, from_date: date, until: date, *, calendar: Calendar | None = None
) -> Iterator[Slot]:
    """Those whose meeting falls between the two dates, in order."""
    calendar = calendar or Calendar()
    for day in _days(rhythm, from_date - FARTHEST_MOVE, until + FARTHEST_MOVE):
        held = _held_on(day, rhythm.on_holiday, calendar)
        if held is not None and from_date <= held <= until:
            yield Slot(day, local_moment(held, rhythm.starts))


def local_moment(day: date, at: time) -> datetime:
    """A wall-clock time in France, as an aware UTC moment; 14 h stays 14 h all year."""
    return datetime.combine(day, at, tzinfo=PARIS).astimezone(UTC)


def first_on(weekday: int, since: date) -> date:
    """The first such weekday on or after a date: where a rhythm starts."""
    return since + timedelta(days=(weekday - since.weekday()) % 7)


def _days(rhythm: Rhythm, from_date: date, until: date) -> Iterator[date]:
    """Before any holiday: every n weeks from the first date, or the named weeks of each month."""
    start = max(from_date, rhythm.first_date)
    if rhythm.month_weeks:
        day = first_on(rhythm.first_date.weekday(), start)
        step = timedelta(weeks=1)
    else:
        step = timedelta(weeks=rhythm.every_weeks)
        day = rhythm.first_date - ((rhythm.first_date - start) // step) * step
    while day <= until:
        if not rhythm.month_weeks or _is_of_month(day, rhythm.month_weeks):
            yield day
        day += step


def _is_of_month(day: date, weeks: list[int]) -> bool:
    is_last = (day + timedelta(weeks=1)).month != day.month
    return (day.day - 1) // 7 + 1 in weeks or (is_last and LAST in weeks)


def _held_on(day: date, rule: str, calendar: Calendar) -> date | None:
    if not calendar.holiday(day):
        return day
    if rule == HolidayRule.SKIP:
        return None
    step = timedelta(days=-1 if rule == HolidayRule.PREVIOUS else 1)
    while not calendar.is_working_day(day):
        day += step
    return day
