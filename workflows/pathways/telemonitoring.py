"""An alert of remote monitoring (T14): called back within four opening hours; outside them, dial 15."""

from sqlalchemy.orm import Session

from engine.handlers import ServiceStep, handles
from workflows.cases.models import Episode
from workflows.cases.steps import CompletedForm, effect
from workflows.deadlines.calendars import calendar_of
from workflows.french import PARIS
from workflows.pathways.call_log import write_down


@handles("sort_alert")
def sort_alert(step: ServiceStep) -> None:
    """The hour it came at says whether the patient must already have been told to dial 15."""
    step.set("alert_received_at", step.now.astimezone(PARIS).isoformat(timespec="minutes"))
    place = step.db.get_one(Episode, step.case.id).establishment_id
    opens_at = calendar_of(step.db, place).add(step.now, 0, "working_hours")
    step.set("alert_out_of_hours", "no" if opens_at == step.now else "yes")


@effect("call_after_alert")
def log_call(db: Session, step: CompletedForm) -> None:
    write_down(db, step, note=str(step.answers.get("alert_summary") or ""))
    step.answers.setdefault("symptoms", None)
