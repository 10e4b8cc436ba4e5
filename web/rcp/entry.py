"""An entry of the directory, as it was typed, comes in; its fields out, each checked or explained."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.errors import Invalid
from web.rcp.words import DAYS, KINDS
from web.typed import day
from workflows.rcp.models import HolidayRule, Rcp
from workflows.rcp.rhythm import first_on

TEXTS: dict[str, int] = {
    "name": 120, "organ": 80, "national_id": 40, "manager_id": 40, "network_id": 40,
    "host_name": 120, "host_address": 200, "place": 120, "video_link": 200,
}  # fmt: skip
NUMBERS = ("minutes", "months_ahead", "closing_days", "min_specialties", "min_persons")
RHYTHMS = {
    "1": "Chaque semaine",
    "2": "Toutes les deux semaines",
    "month": "Certaines semaines du mois",
}
WEEKS = {1: "1re", 2: "2e", 3: "3e", 4: "4e", 5: "5e", -1: "dernière"}
HOLIDAYS: dict[str, str] = {
    HolidayRule.NEXT: "Le jour ouvré suivant",
    HolidayRule.PREVIOUS: "Le jour ouvré précédent",
    HolidayRule.SKIP: "Pas de séance",
}
EMPTY: dict[str, Any] = {
    "kind": "standard", "rhythm": "1", "weekday": 1, "starts": "14:00", "minutes": 120,
    "months_ahead": 6, "closing_days": 2, "on_holiday": "next", "min_specialties": 3,
    "min_persons": 3, "month_weeks": [1, 3], "groups": [{}, {}, {}],
}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """What the form shows: values as typed, and what is wrong with each."""

    values: Mapping[str, Any]
    problems: Mapping[str, str] = field(default_factory=dict)
    message: str = ""


def shown(rcp: Rcp) -> dict[str, Any]:
    """An entry as its form shows it."""
    names = (*TEXTS, *NUMBERS, "kind", "is_expert", "is_paediatric", "written_opinions",
             "on_holiday", "max_cases")  # fmt: skip
    return {name: getattr(rcp, name) for name in names} | {
        "rhythm": "month" if rcp.month_weeks else str(rcp.every_weeks),
        "month_weeks": rcp.month_weeks or [1, 3],
        "weekday": rcp.first_date.weekday(),
        "first_date": rcp.first_date.isoformat(),
        "starts": rcp.starts.strftime("%H:%M"),
        "groups": rcp.quorum_groups or [{}],
    }


def typed(given: MultiDict[str, str]) -> dict[str, Any]:
    """The same, from what a browser sent, readable or not."""
    return given.to_dict() | {
        "is_expert": "is_expert" in given,
        "is_paediatric": "is_paediatric" in given,
        "written_opinions": "written_opinions" in given,
        "weekday": given.get("weekday", type=int),
        "month_weeks": given.getlist("month_weeks", type=int),
        "groups": _groups(given),
    }


def read(given: MultiDict[str, str], *, today: date) -> dict[str, Any]:
    """Fields of the entry; the sentences of all that cannot be read come together."""
    values, problems = typed(given), dict[str, str]()

    def take(name: str, reader: Callable[[str], Any], sentence: str) -> Any:
        text = str(given.get(name, "")).strip()
        with suppress(ValueError):
            return reader(text)
        problems[name] = sentence
        return None

    fields: dict[str, Any] = {
        name: str(given.get(name, "")).strip()[:longest] for name, longest in TEXTS.items()
    }
    fields |= {name: values[name] for name in ("is_expert", "is_paediatric", "written_opinions")}
    fields |= {name: take(name, int, "Saisissez un nombre entier.") for name in NUMBERS}
    fields["max_cases"] = take(
        "max_cases", lambda text: int(text) if text else None, "Un nombre, ou rien."
    )
    fields["starts"] = take("starts", time.fromisoformat, "L’heure s’écrit comme 14:30.")
    since = take("first_date", lambda text: _since(text, today), "La date s’écrit 02/03/2026.")
    if values["weekday"] not in range(5):
        problems["weekday"] = "Choisissez un jour, du lundi au vendredi."
    elif since:
        fields["first_date"] = first_on(values["weekday"], since)
    problems |= _choices(given, fields)
    if given.get("rhythm") == "month" and not values["month_weeks"]:
        problems["month_weeks"] = "Choisissez au moins une semaine du mois."
    fields["month_weeks"] = values["month_weeks"] if given.get("rhythm") == "month" else []
    fields["every_weeks"] = 2 if given.get("rhythm") == "2" else 1
    fields["quorum_groups"] = [
        one for one in values["groups"] if one.get("label") or one["specialties"]
    ]
    if (link := fields["video_link"]) and not link.startswith("https://"):
        problems["video_link"] = "Le lien de visioconférence commence par https://"
    if problems:
        raise Invalid("Des champs sont à corriger.", problems)
    return fields


def code_of(name: str) -> str:
    """« Sénologie Rennes » → « senologie-rennes »: what the entry is called in files."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40]


def _choices(given: MultiDict[str, str], fields: dict[str, Any]) -> dict[str, str]:
    problems = {}
    for name, known, sentence in (
        ("kind", KINDS, "Choisissez le type de RCP."),
        ("on_holiday", HOLIDAYS, "Dites ce que devient une séance un jour férié."),
    ):
        fields[name] = given.get(name, "")
        if fields[name] not in known:
            problems[name] = sentence
    if given.get("rhythm") not in RHYTHMS:
        problems["rhythm"] = "Choisissez le rythme."
    return problems


def _groups(given: MultiDict[str, str]) -> list[dict[str, Any]]:
    """« group-0-label » and the boxes « group-0-specialties »; removed rows leave no hole."""
    numbers = sorted(
        {int(one[1]) for name in given if (one := re.match(r"group-(\d{1,2})-", name))}
    )
    return [
        {
            "label": given.get(f"group-{number}-label", "").strip()[:60],
            "specialties": given.getlist(f"group-{number}-specialties"),
        }
        for number in numbers
    ]


def _since(text: str, today: date) -> date:
    found = day(text) if text else today
    if found is None:
        raise ValueError
    return found


__all__ = [
    "DAYS",
    "EMPTY",
    "HOLIDAYS",
    "RHYTHMS",
    "WEEKS",
    "Typed",
    "code_of",
    "read",
    "shown",
    "typed",
]
