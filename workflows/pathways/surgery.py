"""An operation that did not take place: planned anew, or given up; the plan says so (T02, T03)."""

from sqlalchemy.orm import Session

from workflows.cases.steps import CompletedForm, effect
from workflows.pathways.adaptation import UPDATE, ask_for_update
from workflows.pathways.treatment import instance_of, stop_leads_to_rcp

POSTPONED, CANCELLED = "postponed", "cancelled"


@effect("record_surgery")
def follow_what_did_not_happen(db: Session, step: CompletedForm) -> None:
    """T02: a new date is a new version of the PPS (P13); invariant 8: given up, an RCP follows."""
    status = step.answers.get("surgery_status")
    reason = str(step.answers.get("surgery_status_reason") or "")
    if status == POSTPONED:
        ask_for_update(db, step, UPDATE, True, f"Intervention reportée. {reason}".strip())
    elif status == CANCELLED and stop_leads_to_rcp(db, step, instance_of(db, step)):
        step.answers["line_stopped"] = True
