"""Sessions that stop for more than three days are a physician's matter (T07, domain §11).

The rule is a row of the table of delays: the week that opens on an interruption is due so long
after the last session given, and the radiation oncologist is called then.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine.handlers import hook
from engine.models import Case, Task
from workflows.cases.steps import CompletedForm, effect
from workflows.deadlines.operations import follow_rule
from workflows.deadlines.steps import date_of_diagram
from workflows.pathways.reading import rows

WEEK, INTERRUPTED = "follow_radiotherapy_week", "radiotherapy_interrupted"
GIVEN = "done"


@effect(WEEK)
def date_last_session(db: Session, step: CompletedForm) -> None:
    """What the delay of an interruption is counted from."""
    given = [row["date"] for row in _dated(step.answers) if row.get("status") == GIVEN]
    if given:
        date_of_diagram(db, step, step.task.instance_id, "last_session", given[-1])


@hook("task_opened")
def call_physician_after_three_days(db: Session, case: Case, task: Task, now: datetime) -> None:
    """The week that follows sessions not given: nobody waits for its end to ask for an opinion."""
    if task.form != WEEK:
        return
    sessions = _dated(engine_queries.instance_data(db, task.instance_id))
    if sessions and sessions[-1].get("status") != GIVEN:
        follow_rule(db, case=case, task=task, deadline=INTERRUPTED, now=now)


def _dated(values: Any) -> list[dict[str, Any]]:
    return sorted(
        (row for row in rows(values, "sessions") if row.get("date")), key=lambda row: row["date"]
    )
