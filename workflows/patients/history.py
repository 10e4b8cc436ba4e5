"""An identity as it is comes in; what it was and became stays, in a form that can be put back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.patients.models import IdentityChange, Patient

# Everything a person can say of an identity; keys, dates of rows and merges are kept elsewhere.
INS = ("ins", "ins_oid", "ins_status")
TRAITS = (
    "birth_name", "first_names", "used_name", "used_first_name",
    "birth_date", "sex", "birth_place", "birth_place_code",
)  # fmt: skip
ATTRIBUTES = ("is_homonym", "is_doubtful", "is_fictional")
SURROUNDINGS = (
    "phone", "email", "address", "trusted_person", "emergency_contact",
    "legal_representative", "gp_name", "alerts", "death_date",
)  # fmt: skip
KEPT = (*TRAITS, *INS, *ATTRIBUTES, *SURROUNDINGS)
_DATES = frozenset({"birth_date", "death_date"})

KIND_LABELS: dict[str, str] = {
    "created": "Identité créée",
    "corrected": "Traits ou coordonnées modifiés",
    "status": "Statut changé",
    "doubted": "Doute signalé",
    "settled": "Doute tranché",
    "merged": "Identité fusionnée",
    "unmerged": "Fusion défaite",
}


def snapshot(patient: Patient) -> dict[str, Any]:
    """Plain JSON of all that is kept."""
    return {name: _plain(getattr(patient, name)) for name in KEPT}


def restore(patient: Patient, values: Mapping[str, Any]) -> None:
    """The other way round; what is not named stays."""
    for name, value in values.items():
        given = date.fromisoformat(value) if name in _DATES and value else value
        setattr(patient, name, list(given) if isinstance(given, list) else given)


@contextmanager
def remembered(
    db: Session, patient: Patient, kind: str, *, actor: str, now: datetime, reason: str = ""
) -> Iterator[None]:
    """What changes inside is a line of this identity's history; nothing changed, no line."""
    before = snapshot(patient)
    yield
    note(db, patient, kind, before, actor=actor, now=now, reason=reason)


def note(
    db: Session,
    patient: Patient,
    kind: str,
    before: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
    reason: str = "",
) -> None:
    after = snapshot(patient)
    changed = [name for name in after if before.get(name) != after[name]]
    if changed:
        db.add(
            IdentityChange(
                patient_id=patient.id,
                kind=kind,
                at=now,
                actor=actor,
                reason=reason,
                before={name: before.get(name) for name in changed},
                after={name: after[name] for name in changed},
            )
        )
        db.flush()


def history(db: Session, patient_id: int) -> list[IdentityChange]:
    """The latest first."""
    return list(
        db.scalars(
            sa.select(IdentityChange)
            .where(IdentityChange.patient_id == patient_id)
            .order_by(IdentityChange.at.desc(), IdentityChange.id.desc())
        )
    )


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, list) else value
