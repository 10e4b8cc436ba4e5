"""A merge comes in; the two identities it made one are two again, or a sentence says why not."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, NotFound
from engine.step import stepping
from workflows.access import require
from workflows.cases.models import Episode
from workflows.patients import doubles, doubts, history, queries
from workflows.patients.aftermath import follow
from workflows.patients.comparing import log
from workflows.patients.ins import InsStatus
from workflows.patients.models import Decision, Patient, PatientMerge
from workflows.patients.operations import STRICT, spread_name
from workflows.roles import Permission
from workflows.staff.models import User


def undo(db: Session, *, merge_id: int, reason: str, user: User, now: datetime) -> PatientMerge:
    """The absorbed identity comes back with its traits and its cases; later changes stay."""
    require(db, user, Permission.MANAGE_IDENTITIES)
    row = db.get(PatientMerge, merge_id, with_for_update=True)
    if row is None:
        raise NotFound("Cette fusion n’existe pas.")
    if why := why_not_undone(db, row):
        raise Conflict(why)
    reason = doubts.sentence(reason)
    survivor = queries.patient(db, row.survivor_id)
    absorbed = queries.patient(db, row.absorbed_id)
    was = history.snapshot(survivor), history.snapshot(absorbed)
    _restore_survivor(survivor, row)
    db.flush()  # the number is free before it goes back to whom it belonged
    absorbed.merged_into_id = None
    history.restore(absorbed, row.absorbed_before)
    row.undone_at, row.undone_by, row.undone_reason = now, user.actor, reason
    _return_cases(db, row, survivor, absorbed, actor=user.actor, now=now)
    db.flush()
    for patient, before in ((survivor, was[0]), (absorbed, was[1])):
        _keep_quarantine(db, patient)
        spread_name(db, patient)
        history.note(db, patient, "unmerged", before, actor=user.actor, now=now, reason=reason)
        log(db, patient, "patient.unmerged", user.actor, now)
    doubles.decide(
        db,
        ids=(survivor.id, absorbed.id),
        decision=Decision.DISTINCT,
        reason=reason,
        actor=user.actor,
        now=now,
    )
    for patient, before in ((survivor, was[0]), (absorbed, row.survivor_after)):
        follow(db, patient, before, actor=user.actor, now=now)
    return row


def why_not_undone(db: Session, row: PatientMerge) -> str | None:
    """A merge is undone from the last one backwards; None when it can be."""
    if row.undone_at is not None:
        return "Cette fusion a déjà été défaite."
    later = db.scalar(
        sa.select(sa.func.count())
        .select_from(PatientMerge)
        .where(
            PatientMerge.id > row.id,
            PatientMerge.undone_at.is_(None),
            sa.or_(
                PatientMerge.survivor_id == row.survivor_id,
                PatientMerge.absorbed_id == row.survivor_id,
            ),
        )
    )
    if later:
        return "Une autre fusion a suivi sur cette identité\u202f: défaites-la d’abord."
    number = (row.absorbed_before["ins"], row.absorbed_before["ins_oid"])
    holder = queries.by_ins(db, *number) if number[0] else None
    if holder is not None and holder.id not in (row.survivor_id, row.absorbed_id):
        return (
            "Le matricule INS de l’identité absorbée est maintenant celui d’un autre patient\u202f: "
            "cette fusion ne peut plus être défaite. Créez l’identité à nouveau."
        )
    return None


def merges_of(db: Session, patient_id: int) -> list[PatientMerge]:
    """Those it went through on either side, the latest first."""
    return list(
        db.scalars(
            sa.select(PatientMerge)
            .where(
                sa.or_(
                    PatientMerge.survivor_id == patient_id, PatientMerge.absorbed_id == patient_id
                )
            )
            .order_by(PatientMerge.id.desc())
        )
    )


def _restore_survivor(survivor: Patient, row: PatientMerge) -> None:
    """What it was before, but for what a later word has changed since."""
    now, before, after = history.snapshot(survivor), row.survivor_before, row.survivor_after
    unchanged = {name for name in before if now[name] == after[name]} - set(history.INS)
    history.restore(survivor, {name: before[name] for name in unchanged})
    if now["ins"] in (after["ins"], row.absorbed_before["ins"]):
        history.restore(survivor, {name: before[name] for name in history.INS})
    restored = history.snapshot(survivor)
    if any(restored[name] != before[name] for name in STRICT):
        survivor.ins_status = str(InsStatus.PROVISIONAL)


def _return_cases(
    db: Session,
    row: PatientMerge,
    survivor: Patient,
    absorbed: Patient,
    *,
    actor: str,
    now: datetime,
) -> None:
    for case_id in row.case_ids:
        if db.get_one(Episode, case_id).patient_id == survivor.id:
            move_case(db, case_id, absorbed, actor=actor, now=now, action="case.patient_unmerged")


def move_case(
    db: Session, case_id: int, target: Patient, *, actor: str, now: datetime, action: str
) -> None:
    """Under the case's own lock: what runs in it is not interrupted half-way."""
    with stepping(db, case_id, actor=actor, now=now) as step:
        step.case.subject = f"patient:{target.id}"
        db.get_one(Episode, case_id).patient = target
        db.flush()
        audit.record(
            db, actor=actor, action=action, now=now, case_id=case_id, object=f"patient:{target.id}"
        )


def _keep_quarantine(db: Session, patient: Patient) -> None:
    """A doubt that the merge had settled does not come back by itself, a new one stays."""
    patient.is_doubtful = doubts.open_doubt(db, patient.id) is not None
    if patient.is_doubtful:
        patient.ins_status = str(InsStatus.PROVISIONAL)
