"""A procedure in hospital: brachytherapy, radioiodine, transplant, interventional (domain §6)."""

from datetime import timedelta

from sqlalchemy.orm import Session

from engine.errors import Invalid
from workflows.cases.steps import CompletedForm, effect, guard, skipped
from workflows.pathways.reading import day, known, refuse_future, today
from workflows.pathways.treatment import instance_of, stop_leads_to_rcp


@guard("record_procedure")
def require_past_procedure(db: Session, step: CompletedForm) -> None:
    refuse_future(step, "procedure_date", "Un acte se trace une fois réalisé.")


@guard("record_procedure")
@guard("follow_aplasia")
def require_next_check(db: Session, step: CompletedForm) -> None:
    """Aplasia is followed until it is over: somebody always has a date to call."""
    values = known(db, step)
    expects = values.get("aplasia_expected") == "yes"
    if step.task.form == "record_procedure" and values.get("procedure_status") != "done":
        expects = False
    if step.answers.get("aplasia_over") is True or not expects:
        return
    following = day(step.answers.get("next_aplasia_date"))
    if following is None or following < today(step.now):
        raise Invalid(
            "Une aplasie se suit jusqu’à sa sortie\u202f: indiquez la date du prochain contrôle.",
            {"next_aplasia_date": "Date à venir attendue."},
        )


@skipped("follow_aplasia")
def look_tomorrow(db: Session, step: CompletedForm) -> None:
    """Aplasia is followed until it is over: a check that falls out comes back the next day."""
    step.answers["next_aplasia_date"] = (today(step.now) + timedelta(days=1)).isoformat()


@effect("record_procedure")
def remember_given_up(db: Session, step: CompletedForm) -> None:
    if step.answers.get("procedure_status") == "cancelled" and stop_leads_to_rcp(
        db, step, instance_of(db, step)
    ):
        step.answers["line_stopped"] = True
