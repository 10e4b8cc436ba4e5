"""A person comes in; the cases that person may read, by patient's name, page by page, go out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager

from engine.models import Case, CaseState, Instance, InstanceState, Task, TaskState
from workflows.access import Reach, reach_of
from workflows.cases.models import CaseAccess, Episode
from workflows.library import Titles
from workflows.patients import ins as ins_rules
from workflows.patients.models import Patient
from workflows.patients.names import normalised
from workflows.patients.queries import born_on, is_ins, starts
from workflows.staff.models import Unit, User

PAGE = 50


@dataclass(frozen=True)
class Filters:
    text: str = ""
    organ: str = ""
    unit_id: int | None = None
    state: str = CaseState.OPEN  # empty: closed ones too


@dataclass(frozen=True)
class Line:
    """All that one line of the patient list shows."""

    case: Case
    episode: Episode
    patient: Patient
    unit: Unit
    phases: Sequence[str]
    open_tasks: int
    late_tasks: int
    next_due_at: datetime | None


@dataclass(frozen=True)
class Page:
    lines: Sequence[Line]
    next: str | None = None


def caseload(
    db: Session,
    user: User,
    *,
    now: datetime,
    filters: Filters | None = None,
    after: str | None = None,
    limit: int = PAGE,
    reach: Reach | None = None,
) -> Page:
    """`after` is the `next` of the page before: a case's number, never a name."""
    filters = filters or Filters()
    picked = _picked(db, reach or reach_of(db, user), filters, after, limit)
    rows = db.execute(
        sa.select(Case, Episode, Patient, Unit)
        .select_from(picked)
        .join(Case, Case.id == picked.c.case_id)
        .join(Episode, Episode.case_id == Case.id)
        .join(Patient, Patient.id == Episode.patient_id)
        .join(Unit, Unit.id == Episode.unit_id)
        .join(Unit.establishment)
        .options(contains_eager(Unit.establishment))
        .order_by(picked.c.name_key, picked.c.case_id)
    ).all()
    ids = [case.id for case, *_rest in rows]
    work, phases = _work(db, ids, now), _phases(db, ids)
    lines = [
        Line(case, episode, patient, unit, phases[case.id], *work.get(case.id, (0, 0, None)))
        for case, episode, patient, unit in rows[:limit]
    ]
    return Page(lines, str(lines[-1].case.id) if len(rows) > limit else None)


def _picked(
    db: Session, reach: Reach, filters: Filters, after: str | None, limit: int
) -> sa.Subquery:
    """The keys of one page; a case reached twice, or found by both its names, comes once."""
    conditions = [*_chosen(filters), *_after(db, after)]
    best = [
        sa.select(CaseAccess.name_key, CaseAccess.case_id)
        .where(CaseAccess.scope_id == scope, *conditions)
        .order_by(CaseAccess.name_key, CaseAccess.case_id)
        .limit(2 * limit + 2)  # both names of a patient may match
        .subquery()
        for scope in sorted(reach.scopes)
    ]
    united = sa.union(*(sa.select(one) for one in best)).subquery()
    first = sa.func.min(united.c.name_key).label("name_key")
    return (
        sa.select(united.c.case_id, first)
        .group_by(united.c.case_id)
        .order_by(first, united.c.case_id)
        .limit(limit + 1)
        .subquery()
    )


def _chosen(filters: Filters) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    of_patient, words = _of_patient(filters.text)
    if words:
        found.append(starts(CaseAccess.name_key, words))
    else:
        found.append(CaseAccess.is_listed.is_(True))
    if of_patient:  # few: found first, then compared
        matching = sa.select(Episode.case_id).join(Patient).where(*of_patient)
        found.append(CaseAccess.case_id.in_(matching))
    # Most rows pass: looked at one by one, as far as the page needs.
    of_episode = [
        getattr(Episode, name) == value
        for name, value in (("organ", filters.organ), ("unit_id", filters.unit_id))
        if value
    ]
    if of_episode:
        found.append(sa.exists().where(Episode.case_id == CaseAccess.case_id, *of_episode))
    if filters.state:
        closed = filters.state == CaseState.CLOSED
        states = (CaseState.CLOSED,) if closed else (CaseState.OPEN, CaseState.SUSPENDED)
        found.append(sa.exists().where(Case.id == CaseAccess.case_id, Case.state.in_(states)))
    return found


def _of_patient(text: str) -> tuple[list[sa.ColumnElement[bool]], str]:
    """One box: an INS, a birth date, the beginning of a name, or the last two together."""
    if is_ins(text):
        return [Patient.ins.startswith(ins_rules.compact(text))], ""
    rest, born = born_on(text)
    return ([Patient.birth_date == born] if born else []), normalised(rest)


def _after(db: Session, after: str | None) -> Iterable[sa.ColumnElement[bool]]:
    if not after or not after.isdecimal():
        return []
    last = db.scalar(
        sa.select(Patient.name_key)
        .join(Episode, Episode.patient_id == Patient.id)
        .where(Episode.case_id == int(after))
    )
    if last is None:
        return []
    return [
        sa.tuple_(CaseAccess.name_key, CaseAccess.case_id)
        > sa.tuple_(sa.literal(last), sa.literal(int(after)))
    ]


def _work(db: Session, case_ids: list[int], now: datetime) -> dict[int, Any]:
    rows = db.execute(
        sa.select(
            Task.case_id,
            sa.func.count(),
            sa.func.count().filter(Task.due_at < now),
            sa.type_coerce(sa.func.min(Task.due_at), Task.due_at.type),
        )
        .where(Task.case_id.in_(case_ids), Task.state == TaskState.OPEN)
        .group_by(Task.case_id)
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def _phases(db: Session, case_ids: list[int]) -> dict[int, list[str]]:
    """The diagrams under way that have something of their own to say: those that call no other."""
    child = aliased(Instance)
    calls = sa.exists().where(child.parent_id == Instance.id, child.state == InstanceState.RUNNING)
    found: dict[int, list[str]] = defaultdict(list)
    titles = Titles(db)
    for case_id, definition, revision_id in db.execute(
        sa.select(Instance.case_id, Instance.definition, Instance.revision_id)
        .where(
            Instance.case_id.in_(case_ids),
            Instance.state == InstanceState.RUNNING,
            ~calls,
        )
        .order_by(Instance.id)
    ):
        title = titles.of(revision_id, definition)
        if title not in found[case_id]:
            found[case_id].append(title)
    return found
