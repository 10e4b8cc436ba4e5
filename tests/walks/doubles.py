"""Somebody opens the same person a second time beside a walk; a manager makes the two one again.

Sometimes it was a mistake, and they are two once more (domain §8, X09). Whatever is chosen, the
walk goes on with its own case.
"""

from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from tests.walks.region import Region
from web.filters import ORGANS
from workflows.cases import operations
from workflows.cases.models import Episode
from workflows.patients import comparing, merging, unmerging
from workflows.patients import operations as patients
from workflows.patients.models import Patient
from workflows.staff import queries as staff
from workflows.staff.models import User

REASON = "Essai de rapprochement."
A_MISTAKE = 0.3


def become_one(db: Session, region: Region, case_id: int, random: Random, now: datetime) -> int:
    """The merge of the identity of that case with a second one, in one direction or the other."""
    one = db.get_one(Episode, case_id).patient
    other = _opened_again(db, region, one, random, now)
    survivor, absorbed = random.sample((one, other), 2)
    merge = merging.merge(
        db,
        survivor_id=survivor.id,
        absorbed_id=absorbed.id,
        choices={
            name: random.choice((merging.SURVIVOR, merging.ABSORBED)) for name in comparing.CHOICES
        },
        reason=REASON,
        user=_manager(db, region),
        now=now,
    ).merge
    return merge.id


def become_two(db: Session, region: Region, merge_id: int, now: datetime) -> None:
    unmerging.undo(db, merge_id=merge_id, reason=REASON, user=_manager(db, region), now=now)


def _opened_again(
    db: Session, region: Region, one: Patient, random: Random, now: datetime
) -> Patient:
    user = staff.user(db, region.opener_id)
    other = patients.register_patient(
        db,
        birth_name=random.choice((one.birth_name, "Test-Ballade")),
        first_names=random.choice((one.first_names, "Dominique Annick")),
        sex=one.sex,
        birth_date=one.birth_date,
        user=user,
        now=now,
        confirmed=True,
    )
    if random.random() < 0.5:
        operations.open_case(
            db, patient_id=other.id, unit_id=region.unit_id,
            organ=random.choice(sorted(ORGANS)), user=user, now=now,
        )  # fmt: skip
    return other


def _manager(db: Session, region: Region) -> User:
    return staff.people(db, unit_id=region.unit_id, role="identity_vigilance")[0]
