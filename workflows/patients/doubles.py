"""An identity comes in; those it may be a second entry of go out, and pairs wait for a person's word.

Never merged by itself (domain.md §8): a pair is a question, `decide` its answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.patients import ins as ins_rules
from workflows.patients.likeness import Identity, dates_meant, keys, signs
from workflows.patients.models import Decision, IdentityPair, Patient

OTHER_KEY = "\u202f"  # no name is this: a comparison that finds nobody


@dataclass
class Typed:
    """Traits that are no patient yet."""

    birth_name: str
    first_names: str
    birth_date: date
    used_name: str | None = None
    used_first_name: str | None = None
    ins: str | None = None
    ins_oid: str | None = None
    phone: str | None = None


def look_alikes(db: Session, identity: Identity, *, except_id: int | None = None) -> list[Patient]:
    """Known identities with signs of being the same person, those that say most first."""
    return [other for other, _signs in _compared(db, identity, except_id)]


def note_pairs(db: Session, patient: Patient, *, now: datetime) -> list[IdentityPair]:
    """Ask the question for each look-alike, once: what was decided stays decided."""
    found = _compared(db, patient, patient.id)
    known = {_other(pair, patient.id): pair for pair in pairs_of(db, patient.id)}
    for other, said in found:
        pair = known.get(other.id)
        if pair is None:
            low, high = sorted((patient.id, other.id))
            db.add(IdentityPair(low_id=low, high_id=high, signs=said, found_at=now))
        elif pair.decision is None:
            pair.signs = said
    db.flush()
    return [pair for pair in pairs_of(db, patient.id) if pair.decision is None]


def open_pairs(
    db: Session, *, after: tuple[datetime, int] | None = None, limit: int = 50
) -> list[IdentityPair]:
    """Questions nobody has answered, the oldest first."""
    query = (
        _pairs()
        .where(IdentityPair.decision.is_(None))
        .order_by(IdentityPair.found_at, IdentityPair.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(sa.tuple_(IdentityPair.found_at, IdentityPair.id) > sa.tuple_(*after))
    return [
        pair
        for pair in db.scalars(query)
        if pair.low.merged_into_id is None and pair.high.merged_into_id is None
    ]


def pairs_of(db: Session, patient_id: int) -> Sequence[IdentityPair]:
    """Every pair this identity is in, decided or not."""
    return db.scalars(
        _pairs()
        .where(sa.or_(IdentityPair.low_id == patient_id, IdentityPair.high_id == patient_id))
        .order_by(IdentityPair.id)
    ).all()


def unanswered(db: Session, patient_id: int) -> list[Patient]:
    """Those this person may also be known as, and nobody has said."""
    return [
        other
        for pair in pairs_of(db, patient_id)
        if pair.decision is None
        and (other := pair.high if pair.low_id == patient_id else pair.low).merged_into_id is None
    ]


def probable(db: Session, patient: Patient) -> list[Patient]:
    """Its look-alikes today, but for those somebody has called another person."""
    answered = {
        _other(pair, patient.id) for pair in pairs_of(db, patient.id) if pair.decision is not None
    }
    return [
        other
        for other in look_alikes(db, patient, except_id=patient.id)
        if other.id not in answered
    ]


def decide(
    db: Session,
    *,
    ids: tuple[int, int],
    decision: Decision,
    reason: str,
    actor: str,
    now: datetime,
) -> IdentityPair:
    """Two persons, or one: written for good, a later word replaces it."""
    low, high = sorted(ids)
    pair = db.scalar(sa.select(IdentityPair).filter_by(low_id=low, high_id=high))
    if pair is None:
        one, other = db.get_one(Patient, low), db.get_one(Patient, high)
        pair = IdentityPair(low_id=low, high_id=high, signs=signs(one, other), found_at=now)
        db.add(pair)
    pair.decision, pair.decided_by, pair.decided_at, pair.reason = (
        str(decision), actor, now, reason,
    )  # fmt: skip
    db.flush()
    return pair


def _compared(
    db: Session, identity: Identity, except_id: int | None
) -> list[tuple[Patient, list[str]]]:
    """Few rows by index, then compared one by one."""
    named = list(keys(identity)) or [OTHER_KEY]
    conditions: list[sa.ColumnElement[bool]] = [
        Patient.birth_date.in_(dates_meant(identity.birth_date)),
        Patient.name_key.in_(named),
        Patient.used_name_key.in_(named),
    ]
    if identity.ins and identity.ins_oid:
        number = ins_rules.compact(identity.ins)
        conditions.append(sa.and_(Patient.ins == number, Patient.ins_oid == identity.ins_oid))
    query = sa.select(Patient).where(sa.or_(*conditions), Patient.merged_into_id.is_(None))
    if except_id is not None:
        query = query.where(Patient.id != except_id)
    found = [(other, signs(identity, other)) for other in db.scalars(query.order_by(Patient.id))]
    return sorted(((o, s) for o, s in found if s), key=lambda one: -len(one[1]))


def _pairs() -> sa.Select[IdentityPair]:
    return sa.select(IdentityPair).options(
        joinedload(IdentityPair.low), joinedload(IdentityPair.high)
    )


def _other(pair: IdentityPair, patient_id: int) -> int:
    return pair.high_id if pair.low_id == patient_id else pair.low_id
