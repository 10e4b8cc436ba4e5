"""A step and its case come in; what is already known, dates and small groups, read one way, go out."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine.errors import Invalid
from workflows.cases.steps import CompletedForm
from workflows.french import PARIS


def known(db: Session, step: CompletedForm) -> dict[str, Any]:
    """The answers just given over those of the diagram, of its callers and of the case."""
    return {**engine_queries.instance_data(db, step.task.instance_id), **step.answers}


def is_no(value: Any) -> bool:
    """An explicit no; what was not asked is not a no."""
    return value in (False, "no", "false")


def rows(values: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A repeatable group; nothing at all counts as no row."""
    found = values.get(name)
    return [dict(row) for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def day(value: Any) -> date | None:
    """A whole date, or nothing for « mars 2026 » and for what is no date."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def first_day(value: Any) -> date | None:
    """The earliest day that a whole date or « 2027-03 » may mean."""
    return day(value) or day(f"{value}-01")


def today(now: datetime) -> date:
    return now.astimezone(PARIS).date()


def number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def refuse_future(step: CompletedForm, name: str, sentence: str) -> None:
    """A fact is recorded once it has happened."""
    given = day(step.answers.get(name))
    if given is not None and given > today(step.now):
        raise Invalid(sentence, {name: "Cette date est dans le futur."})
