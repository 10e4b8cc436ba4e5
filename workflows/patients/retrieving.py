"""A patient and a yes come in; what INSi says of the identity is asked for, compared and kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, Invalid
from workflows.access import reach_of, require
from workflows.patients import history, operations, queries, trust
from workflows.patients.aftermath import follow
from workflows.patients.fake_insi import FakeInsi
from workflows.patients.ins import ONCE_SEEN
from workflows.patients.insi import Answer, Insi, NotConnected, Traits
from workflows.patients.models import Patient
from workflows.patients.names import normalised
from workflows.roles import Permission
from workflows.staff import queries as staff
from workflows.staff.models import User

SETTING, FAKE = "insi", "fake"
BY_INSI = "Traits rendus par INSi"


@dataclass(frozen=True)
class Found:
    """What the service said of a patient: `differences` are to be accepted by a person."""

    answer: Answer | None
    differences: dict[str, tuple[Any, Any]]  # trait → (ours, theirs)
    is_kept: bool = False


def service(db: Session) -> Insi:
    if staff.setting(db, SETTING, default="") == FAKE:
        return FakeInsi(db)
    return NotConnected()


def retrieve(
    db: Session, *, patient_id: int, user: User, now: datetime, accepted: bool = False
) -> Found:
    """Ask, and keep the number when the traits agree; other traits wait for a person's yes."""
    if not reach_of(db, user).may(Permission.MANAGE_IDENTITIES):
        require(db, user, Permission.OPEN_CASE)
    patient = queries.patient(db, patient_id)
    if obstacle := trust.obstacle_to_trust(patient):
        raise Conflict(obstacle)
    answer = service(db).find(traits_of(patient))
    audit.record(
        db,
        actor=user.actor,
        action="patient.insi_asked",
        now=now,
        object=f"patient:{patient.id}",
        detail={"found": answer is not None},
    )
    if answer is None:
        return Found(None, {})
    other = differences(patient, answer.traits)
    if other and not accepted:
        return Found(answer, other)
    _keep(db, patient, answer, bool(other), actor=user.actor, now=now)
    return Found(answer, {}, is_kept=True)


def traits_of(patient: Patient) -> Traits:
    return Traits(
        patient.birth_name,
        patient.first_names,
        patient.birth_date,
        patient.sex,
        patient.birth_place_code,
    )


def differences(patient: Patient, official: Traits) -> dict[str, tuple[Any, Any]]:
    """By sound of the letters: accents and hyphens are no difference, one more first name is."""
    found = {}
    for name in ("birth_name", "first_names", "birth_date", "sex"):
        ours, theirs = getattr(patient, name), getattr(official, name)
        if normalised(str(ours)) != normalised(str(theirs)):
            found[name] = (ours, theirs)
    return found


def _keep(
    db: Session, patient: Patient, answer: Answer, differ: bool, *, actor: str, now: datetime
) -> None:
    """The national traits replace ours where they differ; what named the patient otherwise follows."""
    before = history.snapshot(patient)
    official = answer.traits
    place = official.birth_place_code or patient.birth_place_code
    if differ:
        operations.correct(
            db,
            patient_id=patient.id,
            birth_name=official.birth_name,
            first_names=official.first_names,
            birth_date=official.birth_date,
            sex=official.sex,
            birth_place_code=place,
            reason=BY_INSI,
            actor=actor,
            now=now,
        )
    elif place != patient.birth_place_code:  # what we did not know takes no trust away
        with history.remembered(db, patient, "corrected", actor=actor, now=now, reason=BY_INSI):
            patient.birth_place_code = place
    operations.identify(
        db, patient_id=patient.id, ins=answer.ins, oid=answer.oid, actor=actor, now=now
    )
    follow(db, patient, before, actor=actor, now=now)


# What proves an identity with high confidence, and what does not (national reference).
DOCUMENTS: dict[str, str] = {
    "identity_card": "Carte d’identité",
    "passport": "Passeport",
    "residence_permit": "Titre de séjour",
    "family_record": "Livret de famille, avec la pièce d’un parent",
}


def document_seen(
    db: Session, *, patient_id: int, document: str, user: User, now: datetime
) -> Patient:
    """The person and a document of high confidence were there: validated, or qualified with an INS."""
    if not reach_of(db, user).may(Permission.MANAGE_IDENTITIES):
        require(db, user, Permission.OPEN_CASE)
    if document not in DOCUMENTS:
        raise Invalid(
            "Choisissez la pièce contrôlée\u202f: une carte Vitale ou une photocopie n’en est pas une.",
            {"document": "Choix attendu."},
        )
    patient = queries.patient(db, patient_id)
    wanted = ONCE_SEEN.get(patient.ins_status)
    if wanted is None:
        raise Conflict("Une pièce d’identité a déjà été contrôlée pour ce patient.")
    operations.set_status(
        db, patient_id=patient_id, status=wanted, actor=user.actor, now=now,
        reason=DOCUMENTS[document],
    )  # fmt: skip
    return patient
