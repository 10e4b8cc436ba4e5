"""A person and filters come in; how many tasks of each urgency, and what there is to choose, go out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.publishing import revision_in_service
from workflows.access import Reach, reach_of
from workflows.cases.inbox import Filters, chosen, of_view
from workflows.cases.models import TaskOffer
from workflows.cases.offers import NO_DUE
from workflows.library import Titles, library_of
from workflows.staff.models import Establishment, User


@dataclass(frozen=True)
class Urgency:
    """The groups of a list in the order they are read; `last_id` tells later what is new."""

    late: int
    today: int
    week: int  # after today
    later: int
    undated: int
    total: int
    last_id: int


@dataclass(frozen=True)
class Choice:
    """One value to filter by: what it is called, how many tasks it would show."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Choices:
    phases: Sequence[Choice]
    organs: Sequence[Choice]
    forms: Sequence[Choice]
    establishments: Sequence[Choice]


def urgency(
    db: Session, user: User, *, now: datetime, filters: Filters, reach: Reach | None = None
) -> Urgency:
    """Every task the filters let through, each once, in one pass."""
    found = _offered(user, filters, now, reach or reach_of(db, user)).subquery()
    due = found.c.due_at
    today, week = (sa.and_(*of_view(view, found.c, user, now)) for view in ("today", "week"))
    dated = due < NO_DUE - timedelta(days=1)
    row = db.execute(
        sa.select(
            sa.func.count().filter(due < now).label("late"),
            sa.func.count().filter(today).label("today"),
            sa.func.count().filter(week, sa.not_(today)).label("week"),
            sa.func.count()
            .filter(due >= now, dated, sa.not_(week), sa.not_(today))
            .label("later"),
            sa.func.count().filter(sa.not_(dated)).label("undated"),
            sa.func.count().label("total"),
            sa.func.coalesce(sa.func.max(found.c.task_id), 0).label("last_id"),
        ).select_from(found)
    ).one()
    return Urgency(**row._mapping)


def newer(db: Session, user: User, *, now: datetime, filters: Filters, after_id: int) -> int:
    """How many tasks joined the list since its newest one was shown."""
    found = _offered(user, filters, now, reach_of(db, user)).where(TaskOffer.task_id > after_id)
    return db.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0


def choices(db: Session, user: User, *, reach: Reach | None = None) -> Choices:
    """The phases, organs, forms and establishments of what is offered to this person."""
    reach = reach or reach_of(db, user)
    places = sorted(reach.audiences | reach.teams)
    names = ("phase", "organ", "form", "establishment_id")
    columns = [getattr(TaskOffer, name) for name in names]
    offered = (
        sa.select(TaskOffer.task_id, *columns)
        .where(TaskOffer.audience_id.in_(places))
        .distinct()
        .subquery()
    )
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    kept = [offered.c[name] for name in names]
    for *values, count in db.execute(sa.select(*kept, sa.func.count()).group_by(*kept)):
        for name, value in zip(names, values, strict=True):
            found[name][str(value)] = found[name].get(str(value), 0) + count
    return Choices(
        phases=_phases(db, found["phase"]),
        organs=[Choice(value, value, count) for value, count in found["organ"].items() if value],
        forms=_forms(db, found["form"]),
        establishments=_establishments(db, found["establishment_id"]),
    )


def _offered(
    user: User, filters: Filters, now: datetime, reach: Reach
) -> sa.Select[*tuple[Any, ...]]:
    places = reach.teams if filters.view == "team" else reach.audiences
    return (
        sa.select(
            TaskOffer.task_id, TaskOffer.due_at, TaskOffer.holder_id,
            TaskOffer.is_high_priority, TaskOffer.reminded_at, TaskOffer.hold, TaskOffer.held_until,
        )
        .where(
            TaskOffer.audience_id.in_(sorted(places)),
            *of_view(filters.view, TaskOffer, user, now),
            *chosen(filters),
        )
        .distinct()
    )  # fmt: skip


def _phases(db: Session, counts: dict[str, int]) -> list[Choice]:
    revision, titles = revision_in_service(db), Titles(db)
    named = [
        Choice(value, titles.of(revision.id, value) if revision else value, count)
        for value, count in counts.items()
    ]
    return sorted(named, key=lambda choice: choice.label)


def _forms(db: Session, counts: dict[str, int]) -> list[Choice]:
    """Called as the revision in service calls them; one it has no more keeps its name."""
    revision = revision_in_service(db)
    titles = {
        name: form.title
        for name, form in (library_of(db, revision.id).forms if revision else {}).items()
    }
    named = [Choice(value, titles.get(value, value), count) for value, count in counts.items()]
    return sorted(named, key=lambda choice: choice.label)


def _establishments(db: Session, counts: dict[str, int]) -> list[Choice]:
    rows = db.scalars(
        sa.select(Establishment)
        .where(Establishment.id.in_([int(value) for value in counts]))
        .order_by(Establishment.name)
    )
    return [Choice(str(one.id), one.short_name, counts[str(one.id)]) for one in rows]
