"""Dates, names, lists come in; the short French phrases of a document go out."""

from collections.abc import Iterable
from datetime import date, datetime

from workflows.french import PARIS, say_date

_DAYS = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche")
_SHORT_MONTHS = (
    "janv.", "févr.", "mars", "avril", "mai", "juin",
    "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip


def said(text: str) -> str:
    """« 8 décembre 2025 », « août 2026 » when the day is not known, « 2026 » when only the year."""
    if not text:
        return ""
    if len(text) >= 10:
        return say_date(day_of(text))
    year, *month = text.split("-")
    return say_date(date(int(year), int(month[0]), 2)).removeprefix("2 ") if month else year


def printed(text: str) -> str:
    """« 08/12/2025 », « 12/2025 »"""
    only = day_of(text).isoformat() if len(text) >= 10 else text
    return "/".join(reversed(only.split("-")))


def day_of(text: str) -> date:
    """The day of an ISO date, or of a moment read on the clock of Paris."""
    if len(text) == 10:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo is None else moment.astimezone(PARIS)).date()


def period(start: str, end: str) -> str:
    """« Du 2 mars au 18 mai 2026 », « De juin à juillet 2026 », « À partir d’août 2026 »"""
    if start and end and start != end:
        shown = said(start)
        if start[:4] == end[:4]:
            shown = shown.removesuffix(f" {start[:4]}")
        return f"{raised(_of(shown, start))} {_until(end)}"
    if start and end:
        return raised(since(start))
    if start:
        return f"À partir {_of(said(start), start)}"
    return f"Jusqu’{_until(end)}" if end else ""


def since(start: str) -> str:
    """« le 5 février 2026 », « en février 2026 »"""
    return f"le {said(start)}" if len(start) >= 10 else f"en {said(start)}"


def meeting(text: str) -> str:
    """« Vendredi 28 nov., 10 h 15 »; without an hour, the day alone."""
    day = day_of(text)
    number = "1er" if day.day == 1 else str(day.day)
    shown = f"{_DAYS[day.weekday()]} {number} {_SHORT_MONTHS[day.month - 1]}"
    if len(text) <= 10:
        return f"{shown} {day.year}"
    moment = datetime.fromisoformat(text)
    local = moment if moment.tzinfo is None else moment.astimezone(PARIS)
    return f"{shown}, {local.hour} h {local.minute:02d}"


def joined(parts: Iterable[str], by: str = ", ") -> str:
    return by.join(part for part in parts if part)


def lowered(text: str) -> str:
    """The first letter small, unless the word is an acronym."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def raised(text: str) -> str:
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Ended, whatever was typed."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else f"{text}."


def items(texts: list[str]) -> list[str]:
    """What follows « si »: small letters, a semicolon after each but the last."""
    short = [lowered(text.strip().rstrip(" .;")) for text in texts]
    return [f"{text}\u202f;" for text in short[:-1]] + [f"{text}." for text in short[-1:]]


def agreed(text: str, sex: str) -> str:
    """« essoufflé(e) » as it is said to a woman or to a man."""
    ending = {"F": "e", "M": ""}.get(sex)
    return text if ending is None else text.replace("(e)", ending)


def civility(sex: str) -> str:
    return {"F": "Mme", "M": "M."}.get(sex, "")


def with_article(name: str) -> str:
    """« le Dr Yann Kervella », as it follows « par »."""
    return f"le {name}" if name.startswith(("Dr ", "Pr ")) else name


def _of(shown: str, text: str) -> str:
    """« du 2 mars », « de juin », « d’août »"""
    if len(text) >= 10:
        return f"du {shown}"
    return f"d’{shown}" if shown[:1] in "ao" else f"de {shown}"


def _until(text: str) -> str:
    return f"au {said(text)}" if len(text) >= 10 else f"à {said(text)}"
