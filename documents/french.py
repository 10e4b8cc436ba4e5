"""ISO dates, phone numbers, sentences come in; what a French reader expects on paper goes out."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

PARIS = ZoneInfo("Europe/Paris")
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_STARS = re.compile(r"\*\*(.+?)\*\*")


def day(text: str) -> str:
    """« 27/11/2025 »; « 11/2025 » when the day is not known."""
    return "/".join(reversed(_date_part(text).split("-")))


def said_day(text: str) -> str:
    """« 2 septembre 1959 »"""
    parts = _date_part(text).split("-")
    if len(parts) == 1:
        return parts[0]
    month = f"{_MONTHS[int(parts[1]) - 1]} {parts[0]}"
    if len(parts) == 2:
        return month
    number = "1er" if parts[2] == "01" else str(int(parts[2]))
    return f"{number} {month}"


def long_day(text: str) -> str:
    """« jeudi 27 novembre 2025 »"""
    only = _date_part(text)
    if len(only) < 10:
        return said_day(text)
    return f"{_DAYS[date.fromisoformat(only).weekday()]} {said_day(text)}"


def moment(text: str) -> str:
    """« 20/11/2025 à 15 h 12 »"""
    if len(text) <= 10:
        return day(text)
    local = datetime.fromisoformat(text).astimezone(PARIS)
    return f"{local:%d/%m/%Y} à {local.hour} h {local.minute:02d}"


def stamp(text: str) -> str:
    """To the second, as the metadata of a PDF want it."""
    return datetime.fromisoformat(text).isoformat(timespec="seconds")


def ins(number: str) -> str:
    """« 2 59 09 29 999 001 00 », as it is read aloud."""
    parts = (number[:1], number[1:3], number[3:5], number[5:7], number[7:10], number[10:13])
    return "\u00a0".join(filter(None, (*parts, number[13:])))


def phone(number: str) -> str:
    """Pairs stay on one line."""
    return number.replace(" ", "\u00a0")


def strong(text: str) -> Markup:
    """**What must stand out** in bold; everything else as it was typed, escaped."""
    return Markup(_STARS.sub(r"<strong>\1</strong>", str(escape(text))))  # noqa: S704 (escaped above)


def born(sex: str) -> str:
    return {"F": "née", "M": "né"}.get(sex, "né(e)")


def civility(sex: str) -> str:
    return {"F": "Mme ", "M": "M. "}.get(sex, "")


def _date_part(text: str) -> str:
    """A moment is read on the clock of Paris."""
    if len(text) <= 10:
        return text
    return datetime.fromisoformat(text).astimezone(PARIS).date().isoformat()


FILTERS = {
    "day": day,
    "said_day": said_day,
    "long_day": long_day,
    "moment": moment,
    "stamp": stamp,
    "ins": ins,
    "phone": phone,
    "strong": strong,
    "born": born,
    "civility": civility,
}
