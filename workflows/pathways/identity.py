"""X09: a doubt suspends what leaves the case; once settled it resumes, documents go out again."""

from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid
from engine.handlers import ServiceStep, handles
from workflows.cases.models import Episode
from workflows.cases.steps import CompletedForm, effect, guard, require_answers
from workflows.pathways.reading import day, number
from workflows.patients import doubts, history
from workflows.patients.models import Decision, Patient
from workflows.records import operations as records
from workflows.records.models import Record
from workflows.records.recipients import told_of
from workflows.records.reissuing import reissue, reissued_in
from workflows.staff import queries as staff_queries

CHANGED = frozenset({Decision.CORRECTED, Decision.MERGED})

require_answers(
    "settle_identity",
    {
        "identity_decision": "Choisissez comment le doute se termine.",
        "identity_decision_reason": "Dites sur quoi repose la décision.",
    },
)
require_answers(
    "review_identity_change", {"identity_review": "Dites ce qui est à reprendre, ou rien."}
)
require_answers(
    "approve_reissue", {"reissue_checked": "Relisez l’identité portée sur le document."}
)


@handles("quarantine_identity")
def quarantine_identity(step: ServiceStep) -> None:
    doubts.quarantine(
        step.db,
        _patient(step.db, step.case.id),
        reason=str(step.get("identity_doubt_reason") or ""),
        actor=step.actor,
        now=step.now,
    )


@guard("settle_identity")
def require_done(db: Session, step: CompletedForm) -> None:
    """« Corrigé » and « fusionné » say what was done, they do not do it: a person compares first."""
    decision = str(step.answers["identity_decision"])
    patient = _patient(db, step.case.id)
    doubt = doubts.open_doubt(db, patient.id)
    if doubt is None or decision not in CHANGED:
        return
    done = {
        change.kind for change in history.history(db, patient.id) if change.at >= doubt.declared_at
    }
    if decision not in done:
        verb = (
            "Corrigez d’abord les traits"
            if decision == Decision.CORRECTED
            else "Fusionnez d’abord"
        )
        raise Invalid(
            f"{verb} depuis la page «\u202fIdentités\u202f»\u202f: rien n’a changé depuis le doute.",
            {"identity_decision": "Rien n’a changé depuis le doute."},
        )


@handles("resume_sharing")
def resume_sharing(step: ServiceStep) -> None:
    """Settled on the page « Identités », nothing is left to lift."""
    decision = Decision(str(step.get("identity_decision") or Decision.CONFIRMED))
    patient = _patient(step.db, step.case.id)
    reason = str(step.get("identity_decision_reason") or "")
    lifted = doubts.lift(
        step.db,
        patient_id=patient.id,
        decision=decision,
        reason=reason,
        actor=step.actor,
        now=step.now,
    )
    if lifted is not None:  # the same word answers the steps of this person's other cases
        doubts.close_tasks(
            step.db,
            patient.id,
            decision=decision,
            reason=reason,
            actor=step.actor,
            now=step.now,
        )


@handles("reissue_documents")
def reissue_documents(step: ServiceStep) -> None:
    reissue(step.db, _patient(step.db, step.case.id), actor=step.actor, now=step.now)


@guard("approve_reissue")
def require_right_name(db: Session, step: CompletedForm) -> None:
    if step.answers["reissue_checked"] is not True:
        raise Invalid(
            "Un document au nom d’une autre personne n’est pas validé\u202f: signalez un doute sur "
            "l’identité depuis le dossier.",
            {"reissue_checked": "L’identité n’est pas la bonne."},
        )


@effect("approve_reissue")
def approve_reissue(db: Session, step: CompletedForm) -> None:
    """By whoever may approve that document, one by one (invariant 3)."""
    record = _reissued(db, step.task.instance_id)
    records.approve(db, record_id=record.id, actor=step.actor, now=step.now)


@handles("distribute_reissued")
def distribute_reissued(step: ServiceStep) -> None:
    """Today's recipients, and whoever was told of the version that is replaced."""
    record = _reissued(step.db, step.instance.id)
    records.distribute(
        step.db,
        record_id=record.id,
        actor=step.actor,
        now=step.now,
        also=told_of(step.db, record),
    )


@effect("hand_over_reissue")
def hand_over_reissue(db: Session, step: CompletedForm) -> None:
    """Invariant 5 holds for this version as for the first: a date and a person."""
    given = step.answers.get("handed_over_by")
    colleague = number(given)
    records.hand_over(
        db,
        record_id=_reissued(db, step.task.instance_id).id,
        handed_over_date=day(step.answers.get("reissue_handover_date")),
        handed_over_by=(
            staff_queries.user(db, colleague).display_name if colleague else str(given or "")
        ),
        mode=step.answers.get("handover_mode"),
        date_field="reissue_handover_date",
        actor=step.actor,
        now=step.now,
    )


def _patient(db: Session, case_id: int) -> Patient:
    return db.get_one(Episode, case_id).patient


def _reissued(db: Session, instance_id: int) -> Record:
    found = reissued_in(db, instance_id)
    if found is None:
        raise Conflict("Ce déroulement ne nomme aucun document\u202f: prévenez le qualiticien.")
    return found
