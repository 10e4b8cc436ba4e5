"""Calls of the nurse (T12): each attempt is written down; two that reach nobody are said at once."""

from sqlalchemy.orm import Session

from workflows.cases.steps import CompletedForm, effect
from workflows.pathways.reading import day, today


@effect("follow_up_call")
def plan_next_call(db: Session, step: CompletedForm) -> None:
    """Without a later date the calls end: the date of this one is not a next one."""
    wanted = day(step.answers.get("next_call_date"))
    if wanted is None or wanted <= today(step.now):
        step.answers["next_call_date"] = None
