"""A proposal put off to an agreed day is late after that day, not after the seven of P01.

A patient who reflects (P03), or who is called again after an absence (P01), is not late: the row of
the table is then another one, counted from the day agreed.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine.handlers import hook
from engine.models import Case, Task
from workflows.deadlines import queries
from workflows.deadlines.operations import follow_rule, set_milestone
from workflows.pathways.reading import today

FORM, AGAIN = "propose_treatment", "propose_again"
UNDECIDED = frozenset({"reflects", "absent"})
AGREED = "recontact"  # the milestone: the latest day agreed with the patient


@hook("task_opened")
def wait_for_the_agreed_day(db: Session, case: Case, task: Task, now: datetime) -> None:
    if task.form != FORM or not _is_undecided(db, task):
        return
    agreed = queries.milestone(db, case_id=case.id, name=AGREED)
    if agreed is None or today(agreed.at) < today(now):
        return
    set_milestone(
        db,
        case_id=case.id,
        instance_id=task.instance_id,
        name=AGREED,
        at=today(agreed.at),
        actor="system",
        now=now,
    )
    follow_rule(db, case=case, task=task, deadline=AGAIN, now=now)


def _is_undecided(db: Session, task: Task) -> bool:
    known = engine_queries.instance_data(db, task.instance_id)
    return known.get("patient_decision") in UNDECIDED
