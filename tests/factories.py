"""Factories that speak the trade: a few words in, rows as the wards know them out."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows.patients import operations as patients
from workflows.patients.models import Patient
from workflows.rcp.models import Rcp
from workflows.staff import operations as staff
from workflows.staff.models import Establishment, Unit, User

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday
SYSTEM = "system"


def make_establishment(db: Session, name: str = "Clinique des Dunes") -> Establishment:
    return staff.add_establishment(db, name=name, actor=SYSTEM, now=MORNING)


def make_unit(
    db: Session, name: str = "Sénologie", *, establishment: Establishment | None = None
) -> Unit:
    place = establishment or make_establishment(db, f"Établissement de {name}")
    return staff.add_unit(
        db, establishment_id=place.id, name=name, organ="breast", actor=SYSTEM, now=MORNING
    )


def make_user(
    db: Session, name: str = "Anne Riou", *, unit: Unit | None = None, roles: tuple[str, ...] = ()
) -> User:
    """A person with an account, holding these roles in that unit (or as offices)."""
    first_name, last_name = name.split(" ", 1)
    email = f"{first_name}.{last_name}@example.org".replace(" ", ".").lower()
    user = staff.create_user(
        db, email=email, first_name=first_name, last_name=last_name, actor=SYSTEM, now=MORNING
    )
    for role in roles:
        staff.add_membership(
            db,
            user_id=user.id,
            unit_id=unit.id if unit else None,
            role=role,
            actor=SYSTEM,
            now=MORNING,
        )
    return user


def make_patient(
    db: Session, name: str = "Maïwenn Le Bihan", *, born: date = date(1958, 5, 14), **fields: Any
) -> Patient:
    first_names, birth_name = name.split(" ", 1)
    return patients.create_patient(
        db,
        birth_name=birth_name,
        first_names=first_names,
        birth_date=born,
        sex=fields.pop("sex", "F"),
        confirmed=True,
        actor=SYSTEM,
        now=MORNING,
        **fields,
    )


def make_rcp(db: Session, name: str = "Sénologie", **fields: Any) -> Rcp:
    rcp = Rcp(
        code=name.lower().replace(" ", "-"),
        name=f"RCP {name}",
        first_date=date(2026, 1, 8),
        starts=datetime(2026, 1, 8, 14, 0, tzinfo=UTC).time(),
        **fields,
    )
    db.add(rcp)
    db.flush()
    return rcp
