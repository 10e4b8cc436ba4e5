"""What people type as a date comes in, ISO text goes out; and back to how a Frenchman reads it."""

import re
from datetime import date, datetime

_DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")
_MONTH = re.compile(r"(\d{1,2})[/.\- ](\d{4})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{2})")
_MOMENT = re.compile(
    r"(.+?)(?:T|\s+(?:à\s+)?)(\d{1,2})\s*[h:]\s*(\d{2})?(?::\d{2})?(?:[+Z].*)?", re.I
)


def to_iso(text: str, *, partial: bool = False) -> str | None:
    """« 2/3/2026 » → « 2026-03-02 »; « 03/2026 » → « 2026-03 » where a month suffices; else None."""
    text = text.strip()
    if found := _DAY.fullmatch(text):
        return _iso(int(found[3]), int(found[2]), int(found[1]))
    if found := _ISO_DAY.fullmatch(text):
        return _iso(int(found[1]), int(found[2]), int(found[3]))
    if partial:
        for pattern, order in ((_MONTH, (2, 1)), (_ISO_MONTH, (1, 2))):
            if found := pattern.fullmatch(text):
                year, month = (int(found[place]) for place in order)
                return (
                    f"{year:04d}-{month:02d}" if 1 <= month <= 12 and 1850 < year < 2200 else None
                )
    return None


def moment_to_iso(text: str) -> str | None:
    """« 02/03/2026 à 14 h 30 » → « 2026-03-02T14:30 », on the clock of the place."""
    found = _MOMENT.fullmatch(text.strip())
    day = to_iso(found[1]) if found else None
    if found is None or day is None:
        return None
    hour, minute = int(found[2]), int(found[3] or 0)
    return f"{day}T{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None


def say(iso: object) -> str:
    """« 2026-03-02 » → « 02/03/2026 », « 2026-03 » → « 03/2026 », a moment with its hour."""
    text = str(iso)
    if "T" in text:
        moment = datetime.fromisoformat(text)
        return f"{moment:%d/%m/%Y} à {moment.hour} h {moment.minute:02d}"
    if _ISO_DAY.fullmatch(text):
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    if _ISO_MONTH.fullmatch(text):
        return f"{text[5:]}/{text[:4]}"
    return text


def first_day(iso: str) -> date:
    """The earliest day a full or partial date may mean."""
    return date.fromisoformat(iso[:10] if len(iso) >= 10 else f"{iso}-01")


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat() if 1850 < year < 2200 else None
    except ValueError:
        return None
