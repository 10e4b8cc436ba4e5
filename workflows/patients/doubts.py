"""Somebody doubts an identity; it is in quarantine until somebody settles, in a sentence each.

What a quarantine forbids is in `trust`. The diagram « Doute sur l’identité » (X09) gives the task; an
identity without an open case waits on the page « Identités » alone.
"""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit, runtime
from engine import queries as engine_queries
from engine.errors import Conflict, Invalid
from engine.models import Case, CaseState, Task
from workflows.access import reach_of, require
from workflows.cases.care_team import care_team
from workflows.cases.models import Episode
from workflows.notices.operations import notify
from workflows.patients import doubles, queries
from workflows.patients.history import remembered
from workflows.patients.ins import InsStatus
from workflows.patients.models import Decision, IdentityDoubt, Patient
from workflows.roles import Permission
from workflows.staff.models import User

MESSAGE = "identity_doubted"
FORM = "settle_identity"
LONGEST = 300
UNSAID = "Doute signalé depuis le dossier."
DECISIONS: dict[str, str] = {
    Decision.CONFIRMED: "Identité confirmée",
    Decision.DISTINCT: "Deux personnes distinctes",
    Decision.CORRECTED: "Traits corrigés",
    Decision.MERGED: "Doublon fusionné",
}


def declare(
    db: Session, *, patient_id: int, reason: str, user: User, now: datetime
) -> IdentityDoubt:
    """From an identity's page: quarantine at once, and a task where a case is open."""
    reach = reach_of(db, user)
    if not reach.may(Permission.MANAGE_IDENTITIES):
        require(db, user, Permission.OPEN_CASE)
    patient = queries.patient(db, patient_id)
    if patient.merged_into_id is not None:
        raise Conflict(
            "Cette identité a été fusionnée\u202f: le doute porte sur celle qui demeure."
        )
    if open_doubt(db, patient_id) is not None:
        raise Conflict("Un doute sur cette identité est déjà signalé.")
    doubt = quarantine(db, patient, reason=sentence(reason), actor=user.actor, now=now)
    raise_task(db, patient, actor=user.actor, now=now)
    return doubt


def raise_task(db: Session, patient: Patient, *, actor: str, now: datetime) -> None:
    """The handler starts in the case opened last; without an open case the list is enough."""
    cases = [case.id for case in open_cases(db, patient.id)]
    if cases:
        runtime.send_message(
            db, name=MESSAGE, case_id=max(cases), actor=actor, now=now, payload={}
        )


def quarantine(
    db: Session, patient: Patient, *, reason: str, actor: str, now: datetime
) -> IdentityDoubt:
    """Provisional until settled: nothing leaves under this name. Doubted already: nothing new."""
    db.refresh(patient, with_for_update=True)  # two who doubt at once: one doubt
    known = open_doubt(db, patient.id)
    if known is not None:
        return known
    doubt = IdentityDoubt(
        patient_id=patient.id,
        reason=reason or UNSAID,
        declared_by=actor,
        declared_at=now,
        status_before=patient.ins_status,
    )
    db.add(doubt)
    with remembered(db, patient, "doubted", actor=actor, now=now, reason=doubt.reason):
        patient.is_doubtful = True
        patient.ins_status = str(InsStatus.PROVISIONAL)
    _record(db, patient, "patient.doubted", actor=actor, now=now)
    _tell(
        db,
        patient,
        f"doubted:{doubt.id}",
        "Identité en doute\u202f: le partage de ce dossier est suspendu.",
        now,
    )
    return doubt


def settle(
    db: Session,
    *,
    patient_id: int,
    decision: Decision,
    reason: str,
    user: User,
    now: datetime,
) -> IdentityDoubt:
    """On the page « Identités »: the doubt ends, and the tasks that waited for this word with it."""
    require(db, user, Permission.MANAGE_IDENTITIES)
    reason = sentence(reason)
    doubt = lift(
        db, patient_id=patient_id, decision=decision, reason=reason, actor=user.actor, now=now
    )
    if doubt is None:
        raise Conflict("Aucun doute n’est signalé sur cette identité.")
    close_tasks(db, patient_id, decision=decision, reason=reason, actor=user.actor, now=now)
    return doubt


def lift(
    db: Session, *, patient_id: int, decision: Decision, reason: str, actor: str, now: datetime
) -> IdentityDoubt | None:
    """The quarantine ends. An identity found right gets back the trust it had."""
    doubt = open_doubt(db, patient_id)
    if doubt is None:
        return None
    patient = queries.patient(db, patient_id)
    doubt.decision, doubt.settled_by, doubt.settled_at = str(decision), actor, now
    doubt.settled_reason = reason
    with remembered(db, patient, "settled", actor=actor, now=now, reason=reason):
        patient.is_doubtful = False
        if decision in (Decision.CONFIRMED, Decision.DISTINCT):
            patient.ins_status = doubt.status_before
        if decision == Decision.DISTINCT:
            patient.is_homonym = True
    if decision == Decision.DISTINCT:
        for other in doubles.unanswered(db, patient_id):
            doubles.decide(
                db,
                ids=(patient_id, other.id),
                decision=decision,
                reason=reason,
                actor=actor,
                now=now,
            )
    _record(db, patient, "patient.settled", actor=actor, now=now, decision=str(decision))
    _tell(
        db,
        patient,
        f"settled:{doubt.id}",
        f"Identité\u202f: {DECISIONS[decision].lower()}. Le partage de ce dossier reprend.",
        now,
    )
    return doubt


def close_tasks(
    db: Session, patient_id: int, *, decision: Decision, reason: str, actor: str, now: datetime
) -> None:
    """The steps « Trancher le doute » of this identity's cases are answered by what was decided."""
    for task in list(_tasks(db, patient_id)):
        runtime.complete_task(
            db,
            task_id=task.id,
            answers={"identity_decision": str(decision), "identity_decision_reason": reason},
            actor=actor,
            now=now,
        )


def open_doubt(db: Session, patient_id: int) -> IdentityDoubt | None:
    return db.scalar(
        sa.select(IdentityDoubt).where(
            IdentityDoubt.patient_id == patient_id, IdentityDoubt.settled_at.is_(None)
        )
    )


def doubts_of(db: Session, patient_id: int) -> list[IdentityDoubt]:
    """The latest first."""
    return list(
        db.scalars(
            sa.select(IdentityDoubt)
            .where(IdentityDoubt.patient_id == patient_id)
            .order_by(IdentityDoubt.id.desc())
        )
    )


def open_cases(db: Session, patient_id: int) -> list[Case]:
    return list(
        db.scalars(
            sa.select(Case)
            .join(Episode, Episode.case_id == Case.id)
            .where(Episode.patient_id == patient_id, Case.state == CaseState.OPEN)
            .order_by(Case.id)
        )
    )


def sentence(reason: str) -> str:
    """What somebody says of it, kept for good: asked for, and not too long."""
    reason = " ".join(reason.split())
    if not 3 <= len(reason) <= LONGEST:
        raise Invalid(
            f"Dites pourquoi en quelques mots ({LONGEST} caractères au plus)\u202f: le motif reste "
            "dans l’historique de l’identité.",
            {"reason": "Motif attendu."},
        )
    return reason


def _tasks(db: Session, patient_id: int) -> Iterator[Task]:
    for case in open_cases(db, patient_id):
        for task in engine_queries.open_tasks(db, case.id):
            if task.form == FORM:
                yield task


def _tell(db: Session, patient: Patient, key: str, text: str, now: datetime) -> None:
    """The care teams of every open case: what they may share has changed."""
    db.flush()
    for case in open_cases(db, patient.id):
        notify(
            db,
            user_ids=[member.user_id for member in care_team(db, case.id)],
            key=f"identity:{key}:{case.id}",
            kind="identity",
            text=text,
            case_id=case.id,
            now=now,
        )


def _record(
    db: Session, patient: Patient, action: str, *, actor: str, now: datetime, **detail: str
) -> None:
    """In the journal of each of its cases too: a reader of one case must see it."""
    episodes = db.scalars(sa.select(Episode.case_id).where(Episode.patient_id == patient.id))
    for case_id in [None, *episodes]:
        audit.record(
            db,
            actor=actor,
            action=action,
            now=now,
            case_id=case_id,
            object=f"patient:{patient.id}",
            detail=detail,
        )
