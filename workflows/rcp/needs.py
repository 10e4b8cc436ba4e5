"""Passages of a meeting come in; what the quorum of each turns on, beside who is there, goes out.

Before the meeting with those expected, in it with those present: the rule is this one, and only
the people change.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Case
from workflows.french import PARIS
from workflows.patients.models import Patient
from workflows.patients.queries import surviving
from workflows.rcp.models import Rcp, Registration, WrittenOpinion
from workflows.rcp.quorum import (
    AJA,
    Composition,
    Quorum,
    Voice,
    composition_of,
    evaluate,
    with_both_expertises,
)


@dataclass(frozen=True)
class Needs:
    """What an RCP asks for one case, and what was written of it already."""

    composition: Composition
    counts_written: bool = False
    written: Sequence[Voice] = ()
    is_young: bool = False  # 15–24: both expertises (D.6124-131-1, domain §3.1)

    def quorum(self, there: Sequence[Voice]) -> Quorum:
        everybody = [*there, *self.written]
        found = evaluate(self.composition, everybody if self.counts_written else there)
        return with_both_expertises(found, everybody) if self.is_young else found


def needs(
    db: Session, entry: Rcp, passages: Sequence[Registration], at: datetime
) -> dict[int, Needs]:
    """By passage; two questions for the whole agenda, however long."""
    ages = _ages(db, [row.case_id for row in passages], at)
    written = _written(db, [row.instance_id for row in passages], at)
    return {
        row.id: Needs(
            composition(entry),
            entry.written_opinions,
            written[row.instance_id],
            ages.get(row.case_id) in AJA,
        )
        for row in passages
    }


def composition(entry: Rcp) -> Composition:
    return composition_of(
        entry.quorum_groups,
        min_specialties=entry.min_specialties,
        min_persons=entry.min_persons,
    )


def _written(
    db: Session, instance_ids: Sequence[int], at: datetime
) -> Mapping[int, Sequence[Voice]]:
    """Of the question, at this passage or before it was put off."""
    found: dict[int, list[Voice]] = defaultdict(list)
    for opinion, instance_id in db.execute(
        sa.select(WrittenOpinion, Registration.instance_id)
        .join(Registration, Registration.id == WrittenOpinion.registration_id)
        .where(Registration.instance_id.in_(instance_ids), WrittenOpinion.given_at <= at)
        .order_by(WrittenOpinion.given_at, WrittenOpinion.id)
    ):
        found[instance_id].append(Voice(_author(opinion), opinion.specialty))
    return found


def _ages(db: Session, case_ids: Sequence[int], at: datetime) -> Mapping[int, int]:
    """By the date of birth of the folder, whatever was answered of it."""
    subjects = db.execute(sa.select(Case.id, Case.subject).where(Case.id.in_(case_ids))).all()
    patients = {
        row.id: int(number)
        for row in subjects
        for kind, _, number in [row.subject.partition(":")]
        if kind == "patient"
    }
    # Held until the ages are known: each is then found without a question.
    held = db.scalars(sa.select(Patient).where(Patient.id.in_(patients.values()))).all()
    known = {patient.id for patient in held}
    day = at.astimezone(PARIS).date()
    return {
        case_id: surviving(db, number).age_on(day)
        for case_id, number in patients.items()
        if number in known
    }


def _author(opinion: WrittenOpinion) -> str:
    return f"user:{opinion.user_id}" if opinion.user_id else f"guest:{opinion.author}"
