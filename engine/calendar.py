"""A moment, an amount and a unit come in, the moment that far away on a French calendar goes out.

Moments are aware; days, weeks and months are counted on the clock of Paris (a day is not always
24 hours), hours on the clock of the world. Working days skip week-ends and public holidays;
working hours run only inside the opening hours of working days.
"""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

PARIS = ZoneInfo("Europe/Paris")
SATURDAY = 5
UNITS = ("hours", "working_hours", "days", "working_days", "weeks", "months")
FARTHEST = {"hours": 2_000_000, "working_hours": 200_000, "months": 1_200}


@dataclass(frozen=True)
class Calendar:
    """The working calendar of a place."""

    alsace_moselle: bool = False
    closed: frozenset[date] = field(default_factory=frozenset)  # days a site closes besides
    opens_at: time = time(8)
    closes_at: time = time(18)
    zone: ZoneInfo = PARIS

    def add(self, moment: datetime, amount: int | float, unit: str) -> datetime:
        """The moment `amount` units later (earlier when negative), in UTC."""
        if moment.tzinfo is None:
            raise ValueError("a moment is aware of its zone")
        if unit not in UNITS:
            raise ValueError(f"unknown unit {unit!r}, one of {', '.join(UNITS)}")
        if abs(amount) > FARTHEST.get(unit, 40_000):
            raise ValueError(f"{amount} {unit} is too far away")
        if unit == "hours":
            return moment.astimezone(UTC) + timedelta(hours=amount)
        if unit == "working_hours":
            return self._add_working_hours(moment, timedelta(hours=amount))
        return self._on(moment, self.shift(moment.astimezone(self.zone).date(), int(amount), unit))

    def shift(self, day: date, amount: int, unit: str) -> date:
        """The same for dates: days, working days, weeks or months."""
        if unit == "months":
            return _add_months(day, amount)
        if unit == "working_days":
            return self._add_working_days(day, amount)
        return day + timedelta(days=amount * (7 if unit == "weeks" else 1))

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < SATURDAY and day not in self.closed and not self.holiday(day)

    def holiday(self, day: date) -> str:
        """The French name of the public holiday, or nothing."""
        return str(_holidays(day.year, self.alsace_moselle).get(day, "")).replace("'", "’")

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to `end`; negative when `end` comes first."""
        if end < start:
            return -self.working_days_between(end, start)
        span = range(1, (end - start).days + 1)
        return sum(self.is_working_day(start + timedelta(days=n)) for n in span)

    def end_of_day(self, day: date) -> datetime:
        """The moment the place closes that day, in UTC."""
        return self._at(day, self.closes_at)

    def _on(self, moment: datetime, day: date) -> datetime:
        """The same hour on another day; an hour the clocks skip moves forward with them."""
        return self._at(day, moment.astimezone(self.zone).time())

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour.replace(fold=0), self.zone).astimezone(UTC)

    def _add_working_days(self, day: date, amount: int) -> date:
        """Zero moves to the first working day at or after; so does starting on a holiday."""
        step = timedelta(days=1 if amount >= 0 else -1)
        while amount == 0 and not self.is_working_day(day):
            day += step
        for _ in range(abs(amount)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def _add_working_hours(self, moment: datetime, left: timedelta) -> datetime:
        moment = moment.astimezone(UTC)
        forward = left >= timedelta()
        left = abs(left)
        day = moment.astimezone(self.zone).date()
        while True:
            opening, closing = self._at(day, self.opens_at), self._at(day, self.closes_at)
            start = max(moment, opening) if forward else min(moment, closing)
            room = (closing - start) if forward else (start - opening)
            if self.is_working_day(day) and room >= left and (room > timedelta() or not left):
                return start + left if forward else start - left
            if self.is_working_day(day):
                left -= max(room, timedelta())
            day += timedelta(days=1 if forward else -1)


@lru_cache(maxsize=512)
def _holidays(year: int, alsace_moselle: bool) -> holidays.HolidayBase:
    subdivision = "57" if alsace_moselle else None
    return holidays.country_holidays("FR", subdiv=subdivision, years=year, language="fr")


def _add_months(day: date, amount: int) -> date:
    """The same day of the month, or its last day when the month is shorter."""
    months = day.year * 12 + day.month - 1 + amount
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
