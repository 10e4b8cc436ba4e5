"""A patient who cannot be reached is looked for; a physician decides, and the return is foreseen.

Domain §11 X07: three dated contacts, the general practitioner, a letter; a timer decides nothing.
"""

from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.errors import Invalid
from engine.handlers import ServiceStep, handles
from engine.models import CaseState
from workflows.cases import offers
from workflows.cases.steps import CompletedForm, effect, guard, require_answers
from workflows.pathways.reading import day, refuse_future, rows, today
from workflows.records import reissuing

REASON = "Patient perdu de vue."

require_answers("contact_lost_patient", {"lost_contact_outcome": "Indiquez l’issue de cet essai."})
require_answers("review_lost_patient", {"lost_decision": "Choisissez la suite du suivi."})


@guard("contact_lost_patient")
def require_dated_contact(db: Session, step: CompletedForm) -> None:
    """Three contacts count because each has its own date, in order."""
    given = day(step.answers.get("lost_contact_date"))
    if given is None:
        raise Invalid("Datez cet essai.", {"lost_contact_date": "Date attendue."})
    refuse_future(step, "lost_contact_date", "Un essai se note une fois fait.")
    before = _contacts(db, step)
    if before and (last := day(before[-1].get("date"))) and given < last:
        raise Invalid(
            f"Cet essai est antérieur au précédent, du {last:%d/%m/%Y}\u202f: corrigez sa date.",
            {"lost_contact_date": "Date antérieure à l’essai précédent."},
        )


@effect("contact_lost_patient")
def keep_contact(db: Session, step: CompletedForm) -> None:
    """Each try stays on its own line: the physician reads them all before deciding."""
    contact = {
        "date": step.answers.get("lost_contact_date"),
        "mode": step.answers.get("lost_contact_mode"),
        "outcome": step.answers.get("lost_contact_outcome"),
    }
    step.answers["lost_contacts"] = [*_contacts(db, step), contact]


@guard("review_lost_patient")
def require_reasons(db: Session, step: CompletedForm) -> None:
    if not step.answers.get("lost_decision_reason"):
        raise Invalid(
            "Dites pourquoi\u202f: la décision et sa raison restent au dossier.",
            {"lost_decision_reason": "Raison attendue."},
        )
    review = day(step.answers.get("lost_review_date"))
    if step.answers.get("lost_decision") == "suspend" and (
        review is None or review <= today(step.now)
    ):
        raise Invalid(
            "Un suivi suspendu est réexaminé\u202f: indiquez une date à venir.",
            {"lost_review_date": "Date à venir attendue."},
        )


@guard("record_return")
def refuse_future_return(db: Session, step: CompletedForm) -> None:
    refuse_future(step, "return_date", "Un retour se note quand le patient est revenu.")


@handles("suspend_follow_up")
def suspend_follow_up(step: ServiceStep) -> None:
    """Everything stands still but what has to go on; reviewed again, it simply stays so."""
    if step.case.state == CaseState.OPEN:
        runtime.suspend_case(
            step.db, case_id=step.case.id, reason=REASON, actor=step.actor, now=step.now
        )
        offers.rewrite(step.db, step.case.id)


@handles("resume_follow_up")
def resume_follow_up(step: ServiceStep) -> None:
    """The patient is back, or is followed all the same: what was due moves by the time away."""
    if step.case.state == CaseState.SUSPENDED:
        runtime.resume_case(step.db, case_id=step.case.id, actor=step.actor, now=step.now)
        reissuing.when_resumed(step.db, step.case.id, actor=step.actor, now=step.now)
        offers.rewrite(step.db, step.case.id)


@handles("close_lost_case")
def close_lost_case(step: ServiceStep) -> None:
    """A physician's decision; the case stays readable, and a return opens it again."""
    reason = f"{REASON} {step.get('lost_decision_reason') or ''}".strip()
    runtime.close_case(
        step.db,
        case_id=step.case.id,
        reason=reason[:200],
        except_={step.instance.id} | reissuing.under_way(step.db, step.case.id),
        actor=step.actor,
        now=step.now,
    )


def _contacts(db: Session, step: CompletedForm) -> list[dict[str, Any]]:
    return rows(engine_queries.instance_data(db, step.task.instance_id), "lost_contacts")
