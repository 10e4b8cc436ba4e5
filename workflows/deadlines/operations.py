"""Milestones are set and due dates found; when a milestone moves, what hangs on it moves too."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit, rows, runtime
from engine import queries as engine_queries
from engine.decisions import Outcome
from engine.handlers import Due, hook
from engine.models import Case, Task, TaskState
from workflows.cases.episodes import episode_of
from workflows.cases.models import TaskOffer
from workflows.deadlines import queries
from workflows.deadlines.calendars import calendar_of
from workflows.deadlines.models import Milestone, Redating, TaskDeadline
from workflows.deadlines.queries import CASE
from workflows.deadlines.rules import ESTABLISHMENT, OPENED, Rule, dates
from workflows.deadlines.wording import explain
from workflows.library import library_of_task

REGION = 0


@hook("deadline_facts")
def deadline_facts(db: Session, case: Case) -> dict[str, str]:
    """Where the case is followed: an establishment may have rows of its own."""
    episode = episode_of(db, case.id)
    return {} if episode is None else {ESTABLISHMENT: episode.unit.establishment.code}


@hook("resolve_due")
def resolve_due(db: Session, case: Case, task: Task, row: Outcome, now: datetime) -> Due | None:
    """The row of the table, as dates people can plan by and a sentence they can check."""
    if not row.values:
        return None
    return _due(db, task, Rule.read(row.values, row_id=row.row_id, row_label=row.row_label))


@hook("task_dated")
def keep_rule(db: Session, task: Task, due: Due) -> None:
    """So that the due date is found again when what it hangs on moves."""
    if due.rule is not None:
        kept = {"task_id": task.id, "case_id": task.case_id, "anchor": due.anchor}
        rows.add(db, TaskDeadline, [{**kept, "rule": dict(due.rule)}])


def set_milestone(
    db: Session,
    *,
    case_id: int,
    name: str,
    at: datetime | date | str,
    actor: str,
    now: datetime,
    instance_id: int = CASE,
    task_id: int | None = None,
    reason: str = "",
) -> list[int]:
    """Date a fact and re-date the open tasks that hang on it; their ids come back.

    A diagram's own milestone is also the latest the case knows: diagrams started beside read it.
    """
    moment = queries.moment_of(at)
    if moment is None:
        raise ValueError(f"not a date: {at!r}")
    moved = False
    for place in {instance_id, CASE}:
        moved |= _keep(db, case_id, place, name, moment, task_id=task_id, actor=actor, now=now)
    if not moved:
        return []
    db.flush()
    redated = [
        task.id
        for task, deadline in _hanging_on(db, case_id, name)
        if _redate(db, task, Rule(**deadline.rule), actor=actor, now=now)
    ]
    audit.record(
        db,
        actor=actor,
        action="milestone.set",
        now=now,
        case_id=case_id,
        object=f"milestone:{name}",
        detail={"instance": instance_id, "tasks": redated, "reason": reason},
    )
    return redated


def forget_milestone(db: Session, *, case_id: int, name: str, actor: str, now: datetime) -> None:
    """A fact that did not happen, dated by mistake."""
    db.execute(sa.delete(Milestone).filter_by(case_id=case_id, name=name))
    audit.record(
        db,
        actor=actor,
        action="milestone.forgotten",
        now=now,
        case_id=case_id,
        object=f"milestone:{name}",
    )


def due_by(db: Session, *, case: Case, deadline: str, since: str) -> date | None:
    """The last day a row of the table gives from a date, for what no single step holds."""
    release = engine_queries.release_of(db, case.id)
    facts = {**deadline_facts(db, case), "deadline": deadline}
    row, anchor = release.deadline(facts), queries.moment_of(since)
    if row is None or anchor is None:
        return None
    calendar = calendar_of(db, _establishment(db, case.id))
    found = dates(
        Rule.read(row.values), anchor_at=anchor[0], opened_at=anchor[0], calendar=calendar
    )
    return found.due_at.astimezone(calendar.zone).date()


def follow_rule(db: Session, *, case: Case, task: Task, deadline: str, now: datetime) -> None:
    """An open task hangs on another row of the table from now on, its alarms too."""
    release = engine_queries.release_of(db, case.id)
    row = release.deadline({**deadline_facts(db, case), "deadline": deadline})
    if row is None or not row.values:
        return
    rule = Rule.read(row.values, row_id=row.row_id, row_label=row.row_label)
    kept = {"anchor": rule.anchor, "rule": rule.as_json()}
    rows.delete(db, TaskDeadline, task_id=task.id)
    rows.add(db, TaskDeadline, [{"task_id": task.id, "case_id": case.id, **kept}])
    _move(db, task, _due(db, task, rule), actor="system", now=now)


def _keep(
    db: Session,
    case_id: int,
    instance_id: int,
    name: str,
    moment: tuple[datetime, bool],
    *,
    task_id: int | None,
    actor: str,
    now: datetime,
) -> bool:
    """True when this is news."""
    at, has_time = moment
    known = db.get(Milestone, (case_id, instance_id, name))
    if known is not None and (known.at, known.has_time) == moment:
        return False
    milestone = known or Milestone(case_id=case_id, instance_id=instance_id, name=name)
    milestone.at, milestone.has_time = at, has_time
    milestone.task_id, milestone.set_by, milestone.set_at = task_id, actor, now
    db.add(milestone)
    return True


def _due(db: Session, task: Task, rule: Rule) -> Due:
    known = None if rule.anchor == OPENED else _hung_on(db, task, rule.anchor)
    anchor_at = known or task.opened_at
    found = dates(
        rule if known else _from_opening(rule),
        anchor_at=anchor_at,
        opened_at=task.opened_at,
        calendar=calendar_of(db, _establishment(db, task.case_id)),
    )
    waits = known is None and rule.anchor != OPENED
    return Due(
        due_at=found.due_at,
        remind_at=found.remind_at,
        escalate_at=found.escalate_at,
        anchor=rule.anchor,
        explanation=explain(rule, anchor_at, waits=waits),
        rule=rule.as_json(),
    )


def _hung_on(db: Session, task: Task, anchor: str) -> datetime | None:
    """The diagram's own date, the one it was started with before any form asks it, else the case's.

    The second oral treatment of a case hangs on its own planned start, not on the first one's.
    """
    known = queries.milestone(db, case_id=task.case_id, instance_id=task.instance_id, name=anchor)
    if known is not None and known.instance_id != CASE:
        return known.at
    return _told_at_start(db, task, anchor) or (known.at if known else None)


def _told_at_start(db: Session, task: Task, anchor: str) -> datetime | None:
    asked = [
        name
        for name, datum in library_of_task(db, task).dictionary.items()
        if datum.milestone == anchor and datum.scope == "instance"
    ]
    values = engine_queries.instance_data(db, task.instance_id) if asked else {}
    told = (queries.moment_of(values.get(name)) for name in asked)
    return next((moment[0] for moment in told if moment), None)


def _establishment(db: Session, case_id: int) -> int:
    episode = episode_of(db, case_id)
    return episode.establishment_id if episode else REGION


def _from_opening(rule: Rule) -> Rule:
    """Until the milestone is known: so long after the opening, and never before it."""
    values: dict[str, Any] = rule.as_json() | {"anchor": OPENED, "amount": abs(rule.amount)}
    return Rule(**values)


def _hanging_on(db: Session, case_id: int, anchor: str) -> list[tuple[Task, TaskDeadline]]:
    found = db.execute(
        sa.select(Task, TaskDeadline)
        .join(TaskDeadline, TaskDeadline.task_id == Task.id)
        .where(
            TaskDeadline.case_id == case_id,
            TaskDeadline.anchor == anchor,
            Task.state == TaskState.OPEN,
        )
        .order_by(Task.id)
    )
    return [(task, deadline) for task, deadline in found]


def _redate(db: Session, task: Task, rule: Rule, *, actor: str, now: datetime) -> bool:
    """Move one task, its reminders and its offers; False when nothing changes."""
    due = _due(db, task, rule)
    before = (task.due_at, task.remind_at, task.escalate_at)
    if before == (due.due_at, due.remind_at, due.escalate_at):
        task.due_explanation = due.explanation
        return False
    db.add(
        Redating(
            task_id=task.id,
            milestone=rule.anchor,
            due_before=task.due_at,
            due_after=due.due_at,
            actor=actor,
            at=now,
        )
    )
    _move(db, task, due, actor=actor, now=now)
    return True


def _move(db: Session, task: Task, due: Due, *, actor: str, now: datetime) -> None:
    runtime.set_due(db, task_id=task.id, due=due, actor=actor, now=now)
    db.execute(
        sa.update(TaskOffer)
        .where(TaskOffer.task_id == task.id)
        .values(due_at=due.due_at, reminded_at=None)
        .execution_options(synchronize_session=False)
    )
