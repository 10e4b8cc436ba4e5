"""People and places come in; accounts, units, roles and settings are kept, and each change audited."""

import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, Invalid
from workflows.patients.names import name_key
from workflows.roles import ADMINISTRATOR, ROLES, SYSTEM, Scope
from workflows.staff import queries
from workflows.staff.models import Establishment, Membership, Setting, Unit, User


def add_establishment(
    db: Session, *, name: str, actor: str, now: datetime, short_name: str = "", **fields: Any
) -> Establishment:
    if db.scalar(sa.select(Establishment.id).where(Establishment.name == name)):
        raise Conflict(f"Un établissement s’appelle déjà «\u202f{name}\u202f».")
    place = Establishment(name=name, short_name=short_name or name[:60], **fields)
    db.add(place)
    db.flush()
    _audit(db, "establishment.added", f"establishment:{place.id}", actor=actor, now=now)
    return place


def add_unit(
    db: Session,
    *,
    establishment_id: int,
    name: str,
    actor: str,
    now: datetime,
    organ: str = "",
    phone: str = "",
) -> Unit:
    taken = db.scalar(
        sa.select(Unit.id).where(Unit.establishment_id == establishment_id, Unit.name == name)
    )
    if taken:
        raise Conflict(f"Cet établissement a déjà une unité «\u202f{name}\u202f».")
    unit = Unit(establishment_id=establishment_id, name=name, organ=organ, phone=phone)
    db.add(unit)
    db.flush()
    _audit(db, "unit.added", f"unit:{unit.id}", actor=actor, now=now)
    return unit


def create_user(
    db: Session,
    *,
    email: str,
    first_name: str,
    last_name: str,
    actor: str,
    now: datetime,
    password: str | None = None,
    rpps: str | None = None,
    **fields: Any,
) -> User:
    """An account; `password` is already hashed by whoever opens the door (or absent)."""
    email = email.strip().lower()
    if "@" not in email:
        raise Invalid("L’adresse électronique n’est pas valide.", {"email": "Adresse invalide."})
    if queries.user_by_email(db, email):
        raise Conflict(f"Un compte existe déjà pour l’adresse {email}.")
    if rpps is not None and not (len(rpps) == 11 and rpps.isdecimal()):
        raise Invalid("Un numéro RPPS a 11 chiffres.", {"rpps": "11 chiffres attendus."})
    user = User(
        email=email,
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        name_key=name_key(last_name, first_name),
        password=password,
        rpps=rpps,
        fs_uniquifier=secrets.token_hex(32),
        create_datetime=now,
        update_datetime=now,
        **fields,
    )
    db.add(user)
    db.flush()
    _audit(db, "user.created", f"user:{user.id}", actor=actor, now=now)
    return user


def set_active(db: Session, *, user_id: int, active: bool, actor: str, now: datetime) -> User:
    """Close or reopen an account; the region always keeps an administrator."""
    user = queries.user(db, user_id)
    if not active:
        _keep_an_administrator(db, user_id)
    user.active = active
    user.update_datetime = now
    if not active:  # signs every session of this person out
        user.fs_uniquifier = secrets.token_hex(32)
    db.flush()
    action = "user.reopened" if active else "user.closed"
    _audit(db, action, f"user:{user_id}", actor=actor, now=now)
    return user


def set_password(db: Session, *, user_id: int, password: str, actor: str, now: datetime) -> User:
    """`password` is already hashed; every session opened with the old one ends."""
    user = queries.user(db, user_id)
    user.password, user.update_datetime = password, now
    user.fs_uniquifier = secrets.token_hex(32)
    db.flush()
    _audit(db, "user.password_set", f"user:{user_id}", actor=actor, now=now)
    return user


def add_membership(
    db: Session,
    *,
    user_id: int,
    role: str,
    actor: str,
    now: datetime,
    unit_id: int | None = None,
) -> Membership:
    """Give a role in a unit, or an office without one; holding it already changes nothing."""
    _check_place(role, unit_id)
    held = _membership(db, user_id=user_id, unit_id=unit_id, role=role)
    if held is not None:
        return held
    membership = Membership(user=queries.user(db, user_id), unit_id=unit_id, role=role)
    db.add(membership)
    db.flush()
    _audit(
        db,
        "membership.added",
        f"user:{user_id}",
        actor=actor,
        now=now,
        role=role,
        unit=unit_id,
    )
    return membership


def remove_membership(
    db: Session,
    *,
    user_id: int,
    role: str,
    actor: str,
    now: datetime,
    unit_id: int | None = None,
) -> None:
    held = _membership(db, user_id=user_id, unit_id=unit_id, role=role)
    if held is None:
        raise Conflict("Cette personne n’a plus ce rôle.")
    if role == ADMINISTRATOR.code:
        _keep_an_administrator(db, user_id)
    held.user.memberships.remove(held)
    db.flush()
    _audit(
        db,
        "membership.removed",
        f"user:{user_id}",
        actor=actor,
        now=now,
        role=role,
        unit=unit_id,
    )


def set_setting(
    db: Session,
    *,
    name: str,
    value: Any,
    actor: str,
    now: datetime,
    establishment_id: int = 0,
) -> None:
    """A choice of the region (0), or of one establishment."""
    db.merge(Setting(establishment_id=establishment_id, name=name, value=value))
    db.flush()
    _audit(
        db,
        "setting.changed",
        f"establishment:{establishment_id}",
        actor=actor,
        now=now,
        name=name,
        value=value,
    )


def set_preference(db: Session, *, user: User, name: str, value: Any) -> None:
    """How one person likes the screens; nobody else's business, so not audited."""
    user.preferences = {**user.preferences, name: value}
    db.flush()


def _check_place(role: str, unit_id: int | None) -> None:
    known = ROLES.get(role)
    if known is None or known is SYSTEM:
        raise Invalid(f"Le rôle «\u202f{role}\u202f» n’existe pas.")
    if known.scope is Scope.RCP:
        raise Invalid(
            f"Le rôle «\u202f{known.label}\u202f» se tient dans une RCP\u202f: "
            "ajoutez la personne à ses membres."
        )
    if (known.scope is Scope.UNIT) != (unit_id is not None):
        raise Invalid(
            f"Le rôle «\u202f{known.label}\u202f» se tient dans une unité."
            if known.scope is Scope.UNIT
            else f"Le rôle «\u202f{known.label}\u202f» vaut pour toute la région, sans unité."
        )


def _membership(db: Session, *, user_id: int, unit_id: int | None, role: str) -> Membership | None:
    return db.scalar(
        sa.select(Membership).where(
            Membership.user_id == user_id,
            Membership.unit_id.is_not_distinct_from(unit_id),
            Membership.role == role,
        )
    )


def _keep_an_administrator(db: Session, leaving_id: int) -> None:
    others = db.scalar(
        sa.select(sa.func.count())
        .select_from(Membership)
        .join(User)
        .where(
            Membership.role == ADMINISTRATOR.code, User.active, Membership.user_id != leaving_id
        )
    )
    leaves = _membership(db, user_id=leaving_id, unit_id=None, role=ADMINISTRATOR.code)
    if leaves is not None and not others:
        raise Conflict("C’est le dernier administrateur\u202f: nommez-en un autre d’abord.")


def _audit(
    db: Session, action: str, object: str, *, actor: str, now: datetime, **detail: Any
) -> None:
    audit.record(db, actor=actor, action=action, now=now, object=object, detail=detail)
