"""A nursing time put off or refused is offered again on the day agreed (domain §11, A09)."""

from sqlalchemy.orm import Session

from engine.errors import Invalid
from workflows.cases.steps import CompletedForm, effect, guard, skipped
from workflows.pathways.reading import day, today

NEXT = "nursing_time_next_date"
NOT_HELD = ("postponed", "refused")


@guard("nursing_time", undoable=True)
def require_a_day_for_what_is_put_off(db: Session, step: CompletedForm) -> None:
    if step.answers.get("nursing_time_status") != "postponed":
        return
    following = day(step.answers.get(NEXT))
    if following is None or following < today(step.now):
        raise Invalid(
            "Indiquez quel jour reproposer le temps soignant, aujourd’hui ou plus tard.",
            {NEXT: "Date à venir attendue."},
        )


@skipped("nursing_time")
@effect("nursing_time")
def forget_the_day_that_has_passed(db: Session, step: CompletedForm) -> None:
    """Refused without a day: the offer stands, but nobody is asked again by the clock."""
    if step.answers.get("nursing_time_status") not in NOT_HELD:
        step.answers[NEXT] = None
    step.answers.setdefault(NEXT, None)
