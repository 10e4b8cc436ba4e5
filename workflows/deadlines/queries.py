"""Questions about dated facts: when a milestone was, for a running diagram or for the case."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Instance
from workflows.deadlines.models import Milestone, Redating
from workflows.french import PARIS

CASE = 0


def milestone(
    db: Session, *, case_id: int, name: str, instance_id: int = CASE
) -> Milestone | None:
    """The diagram's own, else its caller's, else the case's latest."""
    chain = [*callers(db, instance_id), CASE]
    found = {
        row.instance_id: row
        for row in db.scalars(
            sa.select(Milestone).where(
                Milestone.case_id == case_id,
                Milestone.name == name,
                Milestone.instance_id.in_(chain),
            )
        )
    }
    return next((found[place] for place in chain if place in found), None)


def milestones_of(db: Session, case_id: int) -> Sequence[Milestone]:
    """Every dated fact of a case, in the order they happened; each diagram's own apart."""
    return db.scalars(
        sa.select(Milestone)
        .where(Milestone.case_id == case_id)
        .order_by(Milestone.at, Milestone.name, Milestone.instance_id)
    ).all()


def redatings(db: Session, task_ids: Iterable[int]) -> dict[int, list[Redating]]:
    """Every time the due date of these tasks moved, the latest first."""
    found: dict[int, list[Redating]] = {}
    for moved in db.scalars(
        sa.select(Redating)
        .where(Redating.task_id.in_(list(task_ids)))
        .order_by(Redating.id.desc())
    ):
        found.setdefault(moved.task_id, []).append(moved)
    return found


def callers(db: Session, instance_id: int) -> list[int]:
    """A running diagram, the one that called it, and so on up."""
    chain: list[int] = []
    current = instance_id
    while current and (instance := db.get(Instance, current)) is not None:
        chain.append(instance.id)
        current = instance.parent_id or CASE
    return chain


def moment_of(value: object) -> tuple[datetime, bool] | None:
    """« 2026-03-02 », « 2026-03 » or a full moment, as (UTC moment, whether the hour is known)."""
    if isinstance(value, datetime):
        return value.astimezone(UTC), True
    if isinstance(value, date):
        return datetime.combine(value, time(), PARIS).astimezone(UTC), False
    if not isinstance(value, str) or not value:
        return None
    if len(value) > 10:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=PARIS)).astimezone(UTC), True
    year, month, day = (*map(int, value.split("-")), 1, 1)[:3]  # a partial date starts its month
    return moment_of(date(year, month, day))
