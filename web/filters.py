"""Dates, people and counts come in; the French words that every page shows go out."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from flask import Flask
from markupsafe import Markup

from web.door import now
from workflows.cases.models import Hold, TaskHold
from workflows.deadlines.wording import say_redating
from workflows.french import PARIS, plural, say_date, say_hour, say_sex
from workflows.patients.models import Patient
from workflows.roles import ROLES

_LONE_SIGN = re.compile(r" (?=[;:!?»])|(?<=«) ")
DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
LONG_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin",
    "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
ORGANS: dict[str, str] = {
    "breast": "Sein",
    "colon": "Côlon et rectum",
    "lung": "Poumon",
    "prostate": "Prostate",
    "urology": "Voies urinaires",
    "liver": "Foie et voies biliaires",
    "digestive": "Autre organe digestif",
    "gynaecology": "Gynécologie",
    "head_neck": "Tête et cou",
    "thyroid": "Thyroïde",
    "brain": "Système nerveux central",
    "blood": "Hématologie",
    "skin": "Peau",
    "sarcoma": "Sarcome",
    "other": "Autre organe",
}
# What a phase is called in a word; any other diagram keeps its own title.
PHASES: dict[str, str] = {
    "announcement": "Annonce",
    "rcp": "RCP",
    "pps": "PPS",
    "treatment": "Traitement",
    "after_treatment": "PPAC",
    "surveillance": "Surveillance",
}
INS: dict[str, tuple[str, str, str, str]] = {
    # status: icon, words, short words, tone
    "qualified": ("rosette-discount-check", "INS qualifiée", "INS", "done"),
    "validated": ("circle-x", "Identité validée, sans INS", "Sans INS", "today"),
    "retrieved": ("alert-circle", "INS récupérée, à vérifier", "INS à vérifier", "today"),
    "provisional": ("alert-circle", "INS provisoire", "INS provisoire", "today"),
}


@dataclass(frozen=True)
class Due:
    """How pressing: the tone and icon, « 4 j de retard », « sam. 22 nov. »."""

    tone: str
    icon: str
    words: str
    day: str


@dataclass(frozen=True)
class Held:
    """« bloquée · 3 j », « , à revoir le ven. 28 nov. »"""

    tone: str
    icon: str
    words: str
    until: str


def teach(app: Flask) -> None:
    app.jinja_env.filters.update(
        day=say_day,
        held=held,
        date=say_short,
        long_date=say_date,
        weekday=say_weekday,
        hour=say_hour,
        moment=say_moment,
        clock=lambda moment: f"{moment.astimezone(PARIS):%H:%M}",  # what a field of hour holds
        age=age,
        ins=say_ins,
        due=due,
        redating=say_redating,
        organ=say_organ,
        role=lambda code: ROLES[code].label if code in ROLES else code,
        thousands=thousands,
        svg=Markup,  # drawn by engine.drawing, whose texts are escaped there
        french=french,
        lower_first=lower_first,
        capitalize_first=lambda text: text[:1].upper() + text[1:],
    )
    app.jinja_env.globals.update(
        plural=plural,
        today=today,
        sex=lambda patient: say_sex(patient.sex),
        ins_words=ins_words,
        phase_name=phase_name,
        organs=lambda: sorted(ORGANS.items(), key=lambda one: one[1]),
        phase_labels=lambda phases: [(phase_name(p.definition, p.title), p.state) for p in phases],
        task_href=lambda task: f"/dossiers/{task.case_id}/taches/{task.id}",
        case_href=lambda case_id: f"/dossiers/{case_id}",
    )


def today() -> date:
    return now().astimezone(PARIS).date()


def local_day(day: date | datetime | str) -> date:
    """Moments are read on the clock of Paris; answers hold dates as ISO text."""
    if isinstance(day, str):
        return date.fromisoformat(day)
    return day.astimezone(PARIS).date() if isinstance(day, datetime) else day


def say_day(value: date | datetime | str) -> str:
    """« jeu. 27 nov. », with the year when it is not this one."""
    day = local_day(value)
    number = "1er" if day.day == 1 else str(day.day)
    year = "" if day.year == today().year else f" {day.year}"
    return f"{DAYS[day.weekday()]} {number} {MONTHS[day.month - 1]}{year}"


def say_weekday(value: date | datetime | str) -> str:
    """« jeudi 27 novembre 2025 »"""
    day = local_day(value)
    return f"{LONG_DAYS[day.weekday()]} {say_date(day)}"


def say_short(value: date | datetime | str) -> str:
    """« 27/11/2025 »; a partial date keeps what it has: « 11/2025 »."""
    if isinstance(value, str) and len(value) < 10:
        return "/".join(reversed(value.split("-")))
    return f"{local_day(value):%d/%m/%Y}"


def say_moment(value: datetime) -> str:
    """« aujourd’hui à 9 h 41 », « hier à 18 h 02 », « lun. 24 nov. à 8 h 00 »"""
    day = local_day(value)
    near = {today(): "aujourd’hui", today() - timedelta(days=1): "hier"}
    return f"{near.get(day) or say_day(day)} à {say_hour(value)}"


def age(patient: Patient) -> str:
    """« 58 ans »; months matter under three."""
    years = patient.age_on(today())
    if years >= 3:
        return f"{years} ans"
    end = min(today(), patient.death_date or today())
    months = (end.year - patient.birth_date.year) * 12 + end.month - patient.birth_date.month
    return f"{months - (end.day < patient.birth_date.day)} mois"


def say_ins(number: str) -> str:
    """« 2 73 09 29 999 001 51 »: as it is read aloud, and compared with a card."""
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return "\u202f".join(number[a:b] for a, b in pairwise(cuts) if number[a:b])


def due(value: datetime | None) -> Due:
    if value is None:
        return Due("none", "calendar", "sans échéance", "")
    moment, day = now(), local_day(value)
    gap = (day - today()).days
    if value < moment:
        return Due("late", "clock-exclamation", _lateness(value, moment, -gap), _near(day))
    if gap == 0:
        hour = value.astimezone(PARIS).hour
        words = "ce soir" if hour >= 19 else f"avant {_bare_hour(value)}"
        return Due("today", "calendar-event", words, say_day(day))
    words = "demain" if gap == 1 else f"dans {gap} j"
    return Due("soon", "calendar", words, say_day(day))


def held(hold: TaskHold) -> Held:
    """A day that has come is not said again: it is asked about now."""
    day = say_day(hold.until_date)
    if hold.kind == Hold.POSTPONED:
        return Held("draft", "calendar-time", "reportée", f", reprise {day}")
    days = (today() - local_day(hold.since_at)).days
    words = f"bloquée · {days} j" if days else "bloquée"
    until = f", à revoir {day}" if hold.until_date > today() else ", à revoir maintenant"
    return Held("blocked", "hand-stop", words, until)


def _lateness(value: datetime, moment: datetime, days: int) -> str:
    if days >= 1:
        return f"{days} j de retard"
    hours = (moment - value) // timedelta(hours=1)
    return f"{hours} h de retard" if hours else "en retard"


def _near(day: date) -> str:
    return {1: "hier", 0: "aujourd’hui"}.get((today() - day).days) or say_day(day)


def _bare_hour(value: datetime) -> str:
    """« 17 h », « 14 h 30 »"""
    local = value.astimezone(PARIS)
    return f"{local.hour} h {local.minute:02d}" if local.minute else f"{local.hour} h"


def say_organ(code: str) -> str:
    return ORGANS.get(code, code)


def phase_name(definition: str, title: str) -> str:
    return PHASES.get(definition, title)


def french(text: str) -> str:
    """What somebody typed, with the narrow space that keeps « ? » at the end of its line."""
    return _LONE_SIGN.sub("\u202f", text)


def lower_first(text: str) -> str:
    """For the middle of a sentence; an acronym keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def ins_words(patient: Patient) -> tuple[str, str, str, str]:
    return INS.get(patient.ins_status, INS["provisional"])


def thousands(number: Any) -> str:
    return f"{int(number):,}".replace(",", "\u202f")


def utc(moment: datetime) -> str:
    """For a `datetime` attribute."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
