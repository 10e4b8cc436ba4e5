"""Remote monitoring: who has it, with their consent (domain §6), and its alerts (T14).

An alert is called back within four opening hours; outside them, the patient dials 15. It is
answered whatever the file says of consent.
"""

from sqlalchemy.orm import Session

from engine.errors import Invalid
from engine.handlers import ServiceStep, handles
from workflows.cases.models import Episode
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.deadlines.calendars import calendar_of
from workflows.french import PARIS
from workflows.pathways.call_log import write_down
from workflows.pathways.reading import today

ADULT = 18  # years: reimbursed for adults on systemic treatment since 1 July 2023 [S25]


@guard("prescribe_systemic", undoable=True)
@guard("prescribe_oral", undoable=True)
@guard("revise_pps", undoable=True)
def require_a_consenting_adult(db: Session, step: CompletedForm) -> None:
    if step.answers.get("telemonitoring") != "accepted":
        return
    if db.get_one(Episode, step.case.id).patient.age_on(today(step.now)) < ADULT:
        raise Invalid(
            "La télésurveillance s’adresse aux adultes\u202f: choisissez «\u202fNon éligible\u202f».",
            {"telemonitoring": "Patient de moins de 18 ans."},
        )
    if not step.answers.get("telemonitoring_consent_date"):
        raise Invalid(
            "La télésurveillance ne commence qu’avec l’accord du patient\u202f: indiquez sa date.",
            {"telemonitoring_consent_date": "Date de l’accord attendue."},
        )


@handles("sort_alert")
def sort_alert(step: ServiceStep) -> None:
    """The hour it came at says whether the patient must already have been told to dial 15."""
    step.set("alert_received_at", step.now.astimezone(PARIS).isoformat(timespec="minutes"))
    place = step.db.get_one(Episode, step.case.id).establishment_id
    opens_at = calendar_of(step.db, place).add(step.now, 0, "working_hours")
    step.set("alert_out_of_hours", "no" if opens_at == step.now else "yes")
    if not step.get("alert_source"):
        step.set("alert_source", step.get("telemonitoring_tool"))


@effect("call_after_alert")
def log_call(db: Session, step: CompletedForm) -> None:
    write_down(db, step, note=str(step.answers.get("alert_summary") or ""))
    step.answers.setdefault("symptoms", None)
