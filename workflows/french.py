"""Dates and counts come in; the words a French reader expects go out."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def say_date(day: date) -> str:
    """« 1er mars 2026 »; a moment is read on the clock of Paris."""
    if isinstance(day, datetime):
        day = day.astimezone(PARIS).date()
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[day.month - 1]} {day.year}"


def say_hour(moment: datetime) -> str:
    """« 14 h 05 »"""
    local = moment.astimezone(PARIS)
    return f"{local.hour} h {local.minute:02d}"


def say_sex(sex: str) -> str:
    """As on a ward list: F, H, or I when undetermined."""
    return {"M": "H"}.get(sex, sex)


def plural(amount: float, singular: str, several: str | None = None) -> str:
    """« 1 jour », « 8 jours »: French is plural from two on."""
    shown = f"{amount:g}".replace(".", ",")
    return f"{shown} {singular if abs(amount) < 2 else several or singular + 's'}"


def listed(words: Sequence[str]) -> str:
    """« a, b et c »"""
    return " et ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
