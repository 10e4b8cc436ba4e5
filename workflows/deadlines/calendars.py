"""An establishment comes in; the calendar its delays are counted on goes out.

Domain §11: deadlines are parameters per establishment. Alsace-Moselle has two more public holidays
(Good Friday and 26 December); a site may close on a bridge; opening hours bound working hours and
end the day.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from engine.calendar import Calendar
from engine.errors import Invalid
from workflows.staff import queries as staff_queries
from workflows.staff.operations import set_setting

SETTING = "calendar"
FRANCE = Calendar()
MOST_CLOSED_DAYS = 60


def calendar_of(db: Session, establishment_id: int) -> Calendar:
    """Read once per transaction: a step may open several tasks."""
    known: dict[int, Calendar] = db.info.setdefault("calendars", {})
    if establishment_id not in known:
        chosen = staff_queries.setting(db, SETTING, establishment_id=establishment_id, default={})
        known[establishment_id] = _read(chosen)
    return known[establishment_id]


def set_calendar(
    db: Session, *, establishment_id: int, calendar: Calendar, actor: str, now: datetime
) -> None:
    """Delays counted from now on; due dates already given stay until what they hang on moves."""
    set_setting(
        db,
        name=SETTING,
        value=_written(calendar),
        establishment_id=establishment_id,
        actor=actor,
        now=now,
    )
    db.info.pop("calendars", None)


def typed(values: Mapping[str, str]) -> Calendar:
    """What a form posted, or an Invalid that says what to type."""
    opens_at, closes_at = _hour(values, "opens_at"), _hour(values, "closes_at")
    if opens_at >= closes_at:
        raise Invalid(
            "L’heure de fermeture suit l’heure d’ouverture\u202f: par exemple de 08:00 à 18:00.",
            {"closes_at": "Après l’ouverture."},
        )
    return Calendar(
        alsace_moselle=values.get("alsace_moselle") == "yes",
        closed=frozenset(_days(values.get("closed", ""))),
        opens_at=opens_at,
        closes_at=closes_at,
    )


def _hour(values: Mapping[str, str], name: str) -> time:
    try:
        return time.fromisoformat(values.get(name, "").strip())
    except ValueError:
        raise Invalid("L’heure s’écrit 08:00.", {name: "Heure attendue."}) from None


def _days(text: str) -> list[date]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_CLOSED_DAYS:
        raise Invalid(
            f"{MOST_CLOSED_DAYS} jours de fermeture au plus\u202f: retirez les plus anciens.",
            {"closed": "Trop de lignes."},
        )
    return [_day(line) for line in lines]


def _day(line: str) -> date:
    try:
        return datetime.strptime(line, "%d/%m/%Y").date()  # noqa: DTZ007 (a day, no hour)
    except ValueError:
        raise Invalid(
            f"«\u202f{line[:40]}\u202f» n’est pas une date\u202f: écrivez un jour par ligne, "
            "par exemple 15/05/2026.",
            {"closed": "Un jour par ligne, par exemple 15/05/2026."},
        ) from None


def _read(chosen: Mapping[str, Any]) -> Calendar:
    return Calendar(
        alsace_moselle=bool(chosen.get("alsace_moselle", FRANCE.alsace_moselle)),
        closed=frozenset(map(date.fromisoformat, chosen.get("closed", ()))),
        opens_at=time.fromisoformat(chosen.get("opens_at", FRANCE.opens_at.isoformat())),
        closes_at=time.fromisoformat(chosen.get("closes_at", FRANCE.closes_at.isoformat())),
    )


def _written(calendar: Calendar) -> dict[str, Any]:
    return {
        "alsace_moselle": calendar.alsace_moselle,
        "closed": sorted(map(date.isoformat, calendar.closed)),
        "opens_at": calendar.opens_at.isoformat("minutes"),
        "closes_at": calendar.closes_at.isoformat("minutes"),
    }
