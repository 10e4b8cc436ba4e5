"""A patient who did not come is called again: after a missed consultation, a missed control."""

from datetime import timedelta

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine.errors import Invalid
from workflows.cases.steps import CompletedForm, effect, guard, require_answers, skipped
from workflows.pathways.reading import day, is_no, refuse_future, rows, today
from workflows.pathways.surveillance import (
    CALENDAR,
    MONTHS_WITHOUT_CALENDAR,
    await_control,
    next_visit,
)

require_answers("recall_absent_patient", {"recall_outcome": "Indiquez la réponse du patient."})


@guard("recall_absent_patient")
@guard("plan_next_control")
def require_control_ahead(db: Session, step: CompletedForm) -> None:
    """A control put off has a date again, else the surveillance would forget the patient."""
    if step.task.form == "recall_absent_patient":
        refuse_future(step, "recall_date", "Une relance se note une fois faite.")
        if step.answers.get("recall_outcome") != "rescheduled":
            return
    following = day(step.answers.get("next_control_date"))
    if following is None or following <= today(step.now):
        raise Invalid(
            "Indiquez la date du prochain contrôle, après aujourd’hui.",
            {"next_control_date": "Date à venir attendue."},
        )


@effect("recall_absent_patient")
def keep_recall(db: Session, step: CompletedForm) -> None:
    """Fifteen days apart, three times (F10); an answer starts the count again."""
    outcome = step.answers.get("recall_outcome")
    before = rows(engine_queries.instance_data(db, step.task.instance_id), "control_recalls")
    recall = {"date": step.answers.get("recall_date"), "outcome": outcome}
    step.answers["control_recalls"] = [*before, recall] if outcome == "not_reached" else []
    if outcome == "done":  # to be written down: the wait for it counts from today
        await_control(db, step, today(step.now))


@skipped("record_control")
@skipped("plan_next_control")
def keep_to_the_calendar(db: Session, step: CompletedForm) -> None:
    """A control that does not take place: the next line of the calendar calls the patient."""
    if is_no(step.answers.get("surveillance_continues")):
        return
    plan = rows(engine_queries.case_data(db, step.case.id), "surveillance_plan")
    tomorrow = today(step.now) + timedelta(days=1)
    coming = [found for row in plan if (found := next_visit(row, tomorrow))]
    usual = CALENDAR.shift(today(step.now), MONTHS_WITHOUT_CALENDAR, "months")
    await_control(db, step, min(coming, default=usual))
    step.answers["control_recalls"] = []


@effect("record_control")
@effect("plan_next_control")
def forget_recalls(db: Session, step: CompletedForm) -> None:
    step.answers["control_recalls"] = []
