"""Two identities come in; side by side, what differs and what hangs on each goes out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from engine import audit
from engine.errors import Conflict, Invalid, NotFound
from engine.models import Case, CaseState
from workflows.access import require
from workflows.cases.models import Episode
from workflows.patients.ins import InsStatus
from workflows.patients.likeness import signs
from workflows.patients.models import Patient
from workflows.records.models import Record
from workflows.roles import Permission
from workflows.staff.models import User

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

    def __iter__(self) -> Iterator[Side]:
        return iter((self.one, self.other))


def compare(db: Session, *, one_id: int, other_id: int, user: User, now: datetime) -> Comparison:
    """Side by side, for whoever decides; both readings are written down."""
    require(db, user, Permission.MANAGE_IDENTITIES)
    one, other = pair(db, one_id, other_id)
    for patient in (one, other):
        log(db, patient, "patient.compared", user.actor, now)
    return Comparison(
        one=_side(db, one),
        other=_side(db, other),
        lines=[
            Line(name, label, getattr(one, name), getattr(other, name))
            for name, label in CHOICES.items()
        ],
        signs=signs(one, other),
        obstacle=obstacle(db, one, other),
    )


def obstacle(db: Session, one: Patient, other: Patient) -> str | None:
    """What a merge would hide, and a person settles first; None when nothing does."""
    return _two_numbers(one, other) or _dead_and_followed(db, one, other)


def _dead_and_followed(db: Session, one: Patient, other: Patient) -> str | None:
    """A death comes to an identity with a case that runs by its handler alone (X05): it stops
    the timers and the messages (invariant 9), a merge does not."""
    for dead, living in ((one, other), (other, one)):
        if dead.death_date is None or living.death_date is not None:
            continue
        runs = sa.select(Case.id).join(Episode, Episode.case_id == Case.id)
        runs = runs.where(Episode.patient_id == living.id, Case.state != CaseState.CLOSED)
        if db.scalar(runs.limit(1)) is not None:
            return (
                f"Un décès est enregistré pour {dead.display_name}, et l’autre identité a un "
                "dossier en cours\u202f: déclarez-y d’abord le décès, ou annulez-le s’il est faux."
            )
    return None


def _two_numbers(one: Patient, other: Patient) -> str | None:
    """Two qualified numbers of one authority are two persons for the nation: no merge here."""
    qualified = all(p.ins_status == InsStatus.QUALIFIED for p in (one, other))
    if qualified and one.ins_oid == other.ins_oid and one.ins != other.ins:
        return (
            "Ces deux identités ont chacune une INS qualifiée, avec des matricules différents\u202f: "
            "ce sont deux personnes pour le répertoire national. Si l’une est fausse, signalez un "
            "doute sur elle et faites-le trancher d’abord."
        )
    return None


def pair(
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


def log(
    db: Session, patient: Patient, action: str, actor: str, now: datetime, **detail: Any
) -> None:
    audit.record(
        db, actor=actor, action=action, now=now, object=f"patient:{patient.id}", detail=detail
    )
