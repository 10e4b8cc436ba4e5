"""The pharmacist's interviews of the first year of an oral treatment (avenant 21, domain §6)."""

from datetime import timedelta

from sqlalchemy.orm import Session

from engine.errors import Invalid
from engine.handlers import ServiceStep, handles
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.deadlines.steps import date_of_diagram
from workflows.pathways.reading import day, number, today


@guard("pharmacist_interview")
def require_a_new_date(db: Session, step: CompletedForm) -> None:
    if step.answers.get("interview_status") != "postponed":
        return
    following = day(step.answers.get("next_interview_date"))
    if following is None or following <= today(step.now):
        raise Invalid(
            "Un entretien reporté a une nouvelle date, après aujourd’hui.",
            {"next_interview_date": "Date à venir attendue."},
        )


@effect("pharmacist_interview")
def forget_the_date(db: Session, step: CompletedForm) -> None:
    """Unless a date was just given, the diagram computes the next one."""
    step.answers.setdefault("next_interview_date", None)


@handles("plan_next_interview")
def plan_next_interview(step: ServiceStep) -> None:
    """Count those held; a refused one ends them, a postponed one is not counted."""
    status = step.get("interview_status")
    if status == "postponed":
        return
    held = (number(step.get("interview_number")) or 0) + 1
    step.set("interview_number", held)
    if status == "refused" or held >= (number(step.get("interviews_planned")) or 0):
        step.set("next_interview_date", None)
        return
    seen = day(step.get("interview_date")) or today(step.now)
    following = seen + timedelta(days=number(step.get("interview_interval_days")) or 30)
    step.set("next_interview_date", following.isoformat())
    date_of_diagram(step.db, step, step.instance.id, "next_interview", following)
