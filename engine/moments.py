"""What a timer says (a duration, a date, a moment) comes in; the moment it means goes out."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.calendar import PARIS, Calendar
from engine.expressions import ExpressionError

_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
MORNING = time(8)  # a timer that names only a date fires when the place opens


def moment_of(value: Any, now: datetime, calendar: Calendar | None = None) -> datetime:
    """An ISO duration counts from now; a date means its morning in Paris."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=PARIS).astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, MORNING, PARIS).astimezone(UTC)
    text = str(value or "").strip()
    match = _DURATION.fullmatch(text)
    if match and any(match.groups()[1:]):
        return _after(match, now, calendar or Calendar())
    try:
        if len(text) == len("2026-03-02"):
            return moment_of(date.fromisoformat(text), now)
        return moment_of(datetime.fromisoformat(text), now)
    except ValueError as error:
        raise ExpressionError(
            f"«\u202f{text}\u202f» n’est ni une durée ISO (P7D) ni une date (2026-03-02)."
        ) from error


def _after(match: re.Match[str], now: datetime, calendar: Calendar) -> datetime:
    sign = -1 if match[1] else 1
    years, months, weeks, days = (int(match[n] or 0) for n in range(2, 6))
    moment = calendar.add(now, sign * (years * 12 + months), "months")
    moment = calendar.add(moment, sign * (weeks * 7 + days), "days")
    clock = timedelta(
        hours=int(match[6] or 0), minutes=int(match[7] or 0), seconds=float(match[8] or 0)
    )
    return moment + sign * clock
