"""A person comes in; the open tasks offered to that person, page by page, and their counts go out.

One ordered, limited question per audience, united, then limited again: the cost follows what one
person may see, not how much there is. Pages follow a key, so the next one costs the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager

from engine.errors import Invalid
from engine.models import Instance, Task
from workflows.access import Reach, person_audience, reach_of
from workflows.cases.models import Episode, Hold, TaskHold, TaskOffer
from workflows.french import PARIS
from workflows.library import Titles
from workflows.patients.models import Patient
from workflows.patients.names import normalised
from workflows.staff.models import Unit, User

VIEWS: dict[str, str] = {
    "all": "Toutes",
    "late": "En retard",
    "today": "Aujourd’hui",
    "week": "Cette semaine",
    "mine": "À mon nom",
    "unassigned": "À prendre",
    "high": "Prioritaires",
    "reminded": "Rappels",
    "blocked": "Bloquées",
    "postponed": "Reportées",
    "team": "Mon équipe",
}
SHOW_ALL = frozenset({"team", "late", "blocked", "postponed"})  # what was put off is there too
SORTS: dict[str, str] = {"due": "Échéance", "name": "Patient"}
PAGE = 50


@dataclass(frozen=True)
class Filters:
    """What a person asked to see; empty means everything, a comma means either."""

    view: str = "all"
    sort: str = "due"
    phase: str = ""
    organ: str = ""
    form: str = ""
    text: str = ""
    rcp_id: int | None = None
    establishment_id: int | None = None


@dataclass(frozen=True)
class Line:
    """All that one line of the inbox shows; `assignee` is whom it is for, by name."""

    task: Task
    patient: Patient
    unit: Unit
    phase: str
    organ: str
    assignee: User | None
    is_taken: bool
    is_late: bool
    is_reminded: bool
    hold: TaskHold | None = None


@dataclass(frozen=True)
class Page:
    lines: Sequence[Line]
    next: str | None = None


def inbox(
    db: Session,
    user: User,
    *,
    now: datetime,
    filters: Filters | None = None,
    after: str | None = None,
    limit: int = PAGE,
    reach: Reach | None = None,
) -> Page:
    """The tasks of a view; `after` is the `next` of the page before."""
    filters = filters or Filters()
    reach = reach or reach_of(db, user)
    picked = _picked(db, user, reach, filters, now, after, limit)
    rows = db.execute(_lines(picked, filters.sort)).all()
    titles = Titles(db)
    lines = [_line(titles, row, now) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(lines, _cursor(lines[-1], filters.sort) if more else None)


def counts(
    db: Session,
    user: User,
    *,
    now: datetime,
    reach: Reach | None = None,
    saved: Mapping[str, Filters] | None = None,
) -> dict[str, int]:
    """How many tasks each view holds, the saved ones too, in one pass over what one may see."""
    reach = reach or reach_of(db, user)
    wanted = {view: Filters(view=view) for view in VIEWS} | dict(saved or {})
    halves = [
        sa.select(
            *(
                sa.func.count()
                .filter(*of_view(one.view, offered.c, user, now), *chosen(one, offered.c))
                .label(name)
                for name, one in wanted.items()
                if (one.view == "team") is is_team
            )
        )
        .select_from(offered)
        .subquery()
        for is_team, offered in (
            (False, _distinct(TaskOffer.audience_id.in_(sorted(reach.audiences)))),
            (True, _distinct(TaskOffer.audience_id.in_(sorted(reach.teams)))),
        )
    ]
    found = db.execute(sa.select(*halves).select_from(halves[0].join(halves[1], sa.true()))).one()
    return {name: found._mapping[name] for name in wanted}


def _picked(
    db: Session,
    user: User,
    reach: Reach,
    filters: Filters,
    now: datetime,
    after: str | None,
    limit: int,
) -> sa.Subquery:
    """The keys of one page: best first of each audience, united, one more than the page holds."""
    key = TaskOffer.name_key if filters.sort == "name" else TaskOffer.due_at
    conditions = [*of_view(filters.view, TaskOffer, user, now), *chosen(filters)]
    if after:
        conditions.append(_beyond(db, key, after, filters.sort))
    places = {
        "mine": {person_audience(user.id)},  # who is designated or takes a task is offered it so
        "team": reach.teams,
    }.get(filters.view, reach.audiences)
    columns = (
        key.label("key"),
        TaskOffer.task_id,
        TaskOffer.holder_id,
        TaskOffer.assignee_id,
        TaskOffer.reminded_at,
    )
    best = [
        sa.select(*columns)
        .where(TaskOffer.audience_id == place, *conditions)
        .order_by(key, TaskOffer.task_id)
        .limit(limit + 1)
        .subquery()
        for place in sorted(places)
    ]
    if not best:
        best = [sa.select(*columns).where(sa.false()).subquery()]
    united = sa.union(*(sa.select(one) for one in best)).subquery()
    return sa.select(united).order_by(united.c.key, united.c.task_id).limit(limit + 1).subquery()


def _lines(picked: sa.Subquery, sort: str) -> sa.Select[*tuple[Any, ...]]:
    assignee = aliased(User)
    return (
        sa.select(
            Task,
            Patient,
            Unit,
            assignee,
            Episode.organ,
            picked.c.assignee_id,
            picked.c.reminded_at,
            Instance.revision_id,
            TaskHold,
        )
        .select_from(picked)
        .join(Task, Task.id == picked.c.task_id)
        .join(Instance, Instance.id == Task.instance_id)
        .join(Episode, Episode.case_id == Task.case_id)
        .join(Patient, Patient.id == Episode.patient_id)
        .join(Unit, Unit.id == Episode.unit_id)
        .join(Unit.establishment)
        .options(contains_eager(Unit.establishment))
        .outerjoin(assignee, assignee.id == picked.c.holder_id)
        .outerjoin(TaskHold, TaskHold.task_id == picked.c.task_id)
        .order_by(picked.c.key, picked.c.task_id)
    )


def _line(titles: Titles, row: Any, now: datetime) -> Line:
    task, patient, unit, assignee, organ, taken_by, reminded_at, revision_id, hold = row
    return Line(
        task=task,
        patient=patient,
        unit=unit,
        phase=titles.of(revision_id, task.definition),
        organ=organ,
        assignee=assignee,
        is_taken=taken_by is not None,
        is_late=task.due_at is not None and task.due_at < now,
        is_reminded=reminded_at is not None,
        hold=hold,
    )


def of_view(view: str, offer: Any, user: User, now: datetime) -> list[sa.ColumnElement[bool]]:
    today = datetime.combine(now.astimezone(PARIS).date(), time(), PARIS)
    tomorrow = today + timedelta(days=1)
    next_monday = today + timedelta(days=7 - today.weekday())
    views: dict[str, list[sa.ColumnElement[bool]]] = {
        "all": [],
        "team": [],
        "late": [offer.due_at < now],
        "today": [offer.due_at >= now, offer.due_at < tomorrow],
        "week": [offer.due_at >= now, offer.due_at < next_monday],
        "mine": [offer.holder_id == user.id],
        "unassigned": [offer.holder_id.is_(None)],
        "high": [offer.is_high_priority],
        "reminded": [offer.reminded_at.is_not(None)],
        "blocked": [offer.hold == Hold.BLOCKED],
        "postponed": [offer.hold == Hold.POSTPONED],
    }
    if view not in views:
        raise Invalid("Cette vue n’existe pas.")
    return views[view] if view in SHOW_ALL else [*views[view], _awake(offer, now)]


def _awake(offer: Any, now: datetime) -> sa.ColumnElement[bool]:
    """Not put off to a later day; a late task is never out of sight, whatever was put off."""
    return sa.or_(offer.hold != Hold.POSTPONED, offer.held_until <= now, offer.due_at < now)


def chosen(filters: Filters, offer: Any = TaskOffer) -> list[sa.ColumnElement[bool]]:
    found = [
        getattr(offer, name).in_(getattr(filters, name).split(","))
        for name in ("phase", "organ", "form")
        if getattr(filters, name)
    ]
    found += [
        getattr(offer, name) == getattr(filters, name)
        for name in ("rcp_id", "establishment_id")
        if getattr(filters, name)
    ]
    found += [
        (sa.literal(" ") + offer.name_key).contains(f" {word}", autoescape=True)
        for word in normalised(filters.text).split()
    ]
    return found


def _distinct(condition: sa.ColumnElement[bool]) -> sa.Subquery:
    return (
        sa.select(
            TaskOffer.task_id,
            TaskOffer.due_at,
            TaskOffer.holder_id,
            TaskOffer.is_high_priority,
            TaskOffer.reminded_at,
            TaskOffer.hold,
            TaskOffer.held_until,
            TaskOffer.form,
            TaskOffer.phase,
            TaskOffer.organ,
            TaskOffer.rcp_id,
            TaskOffer.establishment_id,
        )
        .where(condition)
        .distinct()
        .subquery()
    )


def _cursor(line: Line, sort: str) -> str:
    """Where the page ends. By name it holds no name: an address may end up in a log."""
    if sort == "name":
        return f"{line.task.case_id}~{line.task.id}"
    return f"{line.task.due_at.isoformat() if line.task.due_at else ''}~{line.task.id}"


def _beyond(db: Session, key: Any, after: str, sort: str) -> sa.ColumnElement[bool]:
    from workflows.cases.offers import NO_DUE

    where, _, task_id = after.partition("~")
    try:
        last: Any
        if sort == "name":
            last = db.scalar(
                sa.select(Patient.name_key)
                .join(Episode, Episode.patient_id == Patient.id)
                .where(Episode.case_id == int(where))
            )
        else:
            last = datetime.fromisoformat(where) if where else NO_DUE
        return sa.tuple_(key, TaskOffer.task_id) > sa.tuple_(
            sa.literal(last, key.type), sa.literal(int(task_id))
        )
    except ValueError as error:
        raise Invalid("Cette page de la liste n’existe pas\u202f: revenez au début.") from error
