"""Two identities of one person come in, with a choice for each trait and a reason; one goes on.

Always a person's decision (domain.md §8). Nothing is lost: the absorbed row stays and leads to the
other one, what each was is kept word for word, and the merge can be undone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from engine import audit
from engine.errors import Conflict, Invalid, NotFound
from engine.models import Case
from engine.step import stepping
from workflows.access import require
from workflows.cases.models import Episode
from workflows.patients import doubles, doubts, history, queries
from workflows.patients.aftermath import follow
from workflows.patients.ins import InsStatus
from workflows.patients.likeness import signs
from workflows.patients.models import Decision, Patient, PatientMerge
from workflows.patients.operations import STRICT, spread_name
from workflows.records.models import Record
from workflows.records.reissuing import Reissued
from workflows.roles import Permission
from workflows.staff.models import User

SURVIVOR, ABSORBED = "survivor", "absorbed"
# What is chosen one by one. The INS is one choice: number, authority and the trust it has.
CHOICES: dict[str, str] = {
    "ins": "Matricule INS",
    "birth_name": "Nom de naissance",
    "first_names": "Prénoms de naissance",
    "birth_date": "Date de naissance",
    "sex": "Sexe",
    "birth_place_code": "Code du lieu de naissance",
    "birth_place": "Lieu de naissance",
    "used_name": "Nom utilisé",
    "used_first_name": "Prénom utilisé",
    "phone": "Téléphone",
    "email": "Adresse électronique",
    "address": "Adresse",
    "trusted_person": "Personne de confiance",
    "emergency_contact": "Personne à prévenir",
    "legal_representative": "Représentant légal",
    "gp_name": "Médecin traitant",
    "death_date": "Date de décès",
}


@dataclass(frozen=True)
class Line:
    """One trait of two identities, side by side."""

    name: str
    label: str
    one: Any
    other: Any

    @property
    def differs(self) -> bool:
        return bool(self.one) and bool(self.other) and self.one != self.other


@dataclass(frozen=True)
class Side:
    """One identity, and what hangs on it."""

    patient: Patient
    episodes: Sequence[Episode]
    states: Mapping[int, str]  # case → open, suspended, closed
    documents: int


@dataclass(frozen=True)
class Comparison:
    one: Side
    other: Side
    lines: Sequence[Line]
    signs: Sequence[str]
    obstacle: str | None

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter((self.one, self.other))


@dataclass
class Outcome:
    merge: PatientMerge
    reissued: Reissued = field(default_factory=Reissued)


def compare(db: Session, *, one_id: int, other_id: int, user: User, now: datetime) -> Comparison:
    """Side by side, for whoever decides; both readings are written down."""
    require(db, user, Permission.MANAGE_IDENTITIES)
    one, other = _pair(db, one_id, other_id)
    for patient in (one, other):
        _audit(db, patient, "patient.compared", user.actor, now)
    return Comparison(
        one=_side(db, one),
        other=_side(db, other),
        lines=[
            Line(name, label, getattr(one, name), getattr(other, name))
            for name, label in CHOICES.items()
        ],
        signs=signs(one, other),
        obstacle=obstacle(one, other),
    )


def obstacle(one: Patient, other: Patient) -> str | None:
    """Two qualified numbers of one authority are two persons for the nation: no merge here."""
    qualified = all(p.ins_status == InsStatus.QUALIFIED for p in (one, other))
    if qualified and one.ins_oid == other.ins_oid and one.ins != other.ins:
        return (
            "Ces deux identités ont chacune une INS qualifiée, avec des matricules différents\u202f: "
            "ce sont deux personnes pour le répertoire national. Si l’une est fausse, signalez un "
            "doute sur elle et faites-le trancher d’abord."
        )
    return None


def merge(
    db: Session,
    *,
    survivor_id: int,
    absorbed_id: int,
    choices: Mapping[str, str],
    reason: str,
    user: User,
    now: datetime,
) -> Outcome:
    """In one transaction: traits chosen, cases moved, doubts settled, documents made again."""
    require(db, user, Permission.MANAGE_IDENTITIES)
    survivor, absorbed = _pair(db, survivor_id, absorbed_id, lock=True)
    reason = doubts.sentence(reason)
    if said := obstacle(survivor, absorbed):
        raise Conflict(said)
    _complete(survivor, absorbed, choices)
    before = history.snapshot(survivor), history.snapshot(absorbed)
    _choose(db, survivor, absorbed, choices)
    case_ids = _move_cases(db, absorbed, survivor, actor=user.actor, now=now)
    db.flush()
    spread_name(db, survivor)
    row = PatientMerge(
        survivor_id=survivor.id,
        absorbed_id=absorbed.id,
        merged_at=now,
        actor=user.actor,
        reason=reason,
        survivor_before=before[0],
        absorbed_before=before[1],
        survivor_after=history.snapshot(survivor),
        case_ids=case_ids,
    )
    db.add(row)
    for patient, was in ((survivor, before[0]), (absorbed, before[1])):
        history.note(db, patient, "merged", was, actor=user.actor, now=now, reason=reason)
        _audit(db, patient, "patient.merged", user.actor, now, into=survivor.id)
    doubles.decide(
        db,
        ids=(survivor.id, absorbed.id),
        decision=Decision.MERGED,
        reason=reason,
        actor=user.actor,
        now=now,
    )
    _settle(db, survivor, absorbed, reason=reason, actor=user.actor, now=now)
    doubles.note_pairs(db, survivor, now=now)
    return Outcome(row, follow(db, survivor, before[0], actor=user.actor, now=now))


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
        _audit(db, patient, "patient.unmerged", user.actor, now)
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


def _pair(
    db: Session, one_id: int, other_id: int, *, lock: bool = False
) -> tuple[Patient, Patient]:
    """Both rows, locked in one order whoever survives; neither may be merged already."""
    if one_id == other_id:
        raise Invalid("Choisissez deux identités différentes.")
    found = {
        id: db.get(Patient, id, with_for_update=lock or None, populate_existing=lock)
        for id in sorted((one_id, other_id))
    }
    one, other = found[one_id], found[other_id]
    if one is None or other is None:
        raise NotFound("Une de ces identités n’existe pas.")
    for patient in (one, other):
        if patient.merged_into_id is not None:
            raise Conflict(
                f"L’identité {patient.display_name} a déjà été fusionnée\u202f: comparez celle qui "
                "demeure."
            )
    return one, other


def _complete(survivor: Patient, absorbed: Patient, choices: Mapping[str, str]) -> None:
    """Where the two differ, a person has said which is right."""
    missing = {
        name: f"Choisissez\u202f: {label.lower()}."
        for name, label in CHOICES.items()
        if getattr(survivor, name)
        and getattr(absorbed, name)
        and getattr(survivor, name) != getattr(absorbed, name)
        and choices.get(name) not in (SURVIVOR, ABSORBED)
    }
    if missing:
        raise Invalid("Choisissez le bon trait partout où les deux identités diffèrent.", missing)


def _choose(db: Session, survivor: Patient, absorbed: Patient, choices: Mapping[str, str]) -> None:
    """A trait that only one of them has is kept without asking."""
    taken = {name for name in CHOICES if _is_taken(name, survivor, absorbed, choices)}
    numbered = absorbed if "ins" in taken else survivor
    status, number, oid = numbered.ins_status, numbered.ins, numbered.ins_oid
    vouched = {name: getattr(numbered, name) for name in STRICT}
    for name in taken - {"ins"}:
        setattr(survivor, name, getattr(absorbed, name))
    absorbed.ins, absorbed.ins_oid = None, None
    absorbed.merged_into_id = survivor.id
    absorbed.ins_status = str(InsStatus.PROVISIONAL)
    db.flush()  # the number is free before it is given
    survivor.ins, survivor.ins_oid = number, oid
    as_vouched = all(getattr(survivor, name) == value for name, value in vouched.items())
    survivor.ins_status = status if as_vouched else str(InsStatus.PROVISIONAL)
    survivor.alerts = list(dict.fromkeys([*(survivor.alerts or []), *(absorbed.alerts or [])]))
    survivor.is_homonym = survivor.is_homonym or absorbed.is_homonym
    survivor.is_fictional = survivor.is_fictional and absorbed.is_fictional


def _is_taken(name: str, survivor: Patient, absorbed: Patient, choices: Mapping[str, str]) -> bool:
    mine, theirs = getattr(survivor, name), getattr(absorbed, name)
    if not theirs:
        return False
    return not mine or (mine != theirs and choices.get(name) == ABSORBED)


def _move_cases(
    db: Session, source: Patient, target: Patient, *, actor: str, now: datetime
) -> list[int]:
    case_ids = sorted(
        db.scalars(sa.select(Episode.case_id).where(Episode.patient_id == source.id))
    )
    for case_id in case_ids:
        _move(db, case_id, target, actor=actor, now=now, action="case.patient_merged")
    return case_ids


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
            _move(db, case_id, absorbed, actor=actor, now=now, action="case.patient_unmerged")


def _move(
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


def _settle(
    db: Session, survivor: Patient, absorbed: Patient, *, reason: str, actor: str, now: datetime
) -> None:
    """The merge is the answer to what was doubted of either."""
    given: dict[str, Any] = {"decision": Decision.MERGED, "reason": reason, "actor": actor}
    lifted = [
        doubts.lift(db, patient_id=patient.id, now=now, **given)
        for patient in (absorbed, survivor)
    ]
    if any(lifted):
        doubts.close_tasks(db, survivor.id, now=now, **given)


def _keep_quarantine(db: Session, patient: Patient) -> None:
    """A doubt that the merge had settled does not come back by itself, a new one stays."""
    patient.is_doubtful = doubts.open_doubt(db, patient.id) is not None
    if patient.is_doubtful:
        patient.ins_status = str(InsStatus.PROVISIONAL)


def _side(db: Session, patient: Patient) -> Side:
    episodes = db.scalars(
        sa.select(Episode)
        .where(Episode.patient_id == patient.id)
        .options(joinedload(Episode.unit))
        .order_by(Episode.opened_at)
    ).all()
    ids = [episode.case_id for episode in episodes]
    states = db.execute(sa.select(Case.id, Case.state).where(Case.id.in_(ids)))
    documents = db.scalar(
        sa.select(sa.func.count()).select_from(Record).where(Record.case_id.in_(ids))
    )
    return Side(patient, episodes, {row.id: row.state for row in states}, documents or 0)


def _audit(
    db: Session, patient: Patient, action: str, actor: str, now: datetime, **detail: Any
) -> None:
    audit.record(
        db, actor=actor, action=action, now=now, object=f"patient:{patient.id}", detail=detail
    )
