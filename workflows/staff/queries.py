"""Questions about people and places: who holds a role where, what somebody is called."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from engine.errors import NotFound
from workflows.patients.names import normalised
from workflows.roles import ROLES
from workflows.staff.models import Establishment, Membership, Setting, Unit, User

SYSTEM_NAME = "Hent"  # what acts by itself: timers, services
_AS_PHYSICIAN = sa.select(Membership.user_id).where(
    Membership.role.in_([role.code for role in ROLES.values() if role.is_physician])
)


def user(db: Session, user_id: int) -> User:
    found = db.get(User, user_id)
    if found is None:
        raise NotFound("Ce compte n’existe pas.")
    return found


def user_by_email(db: Session, email: str) -> User | None:
    return db.scalar(sa.select(User).where(User.email == email.strip().lower()))


def user_by_login(db: Session, text: str) -> User | None:
    """What is typed at the door: the address, or the short name before it."""
    text = text.strip().lower()
    return user_by_email(db, text) or db.scalar(sa.select(User).where(User.username == text))


def unit(db: Session, unit_id: int) -> Unit:
    found = db.get(Unit, unit_id)
    if found is None:
        raise NotFound("Cette unité n’existe pas.")
    return found


def establishments(db: Session) -> Sequence[Establishment]:
    return db.scalars(sa.select(Establishment).order_by(Establishment.name)).all()


def units(db: Session, *, ids: Iterable[int] | None = None) -> Sequence[Unit]:
    query = sa.select(Unit).join(Establishment).order_by(Establishment.name, Unit.name)
    if ids is not None:
        query = query.where(Unit.id.in_(list(ids)))
    return db.scalars(query).all()


def people(db: Session, *, unit_id: int, role: str | None = None) -> Sequence[User]:
    """Those who work in a unit, in a role when one is named; closed accounts left out."""
    held = sa.select(Membership.user_id).where(Membership.unit_id == unit_id)
    return _holding(db, held.where(Membership.role == role) if role else held)


def physicians(db: Session, *, unit_id: int) -> Sequence[User]:
    """Those who hold a physician's role in a unit."""
    return _holding(db, _AS_PHYSICIAN.where(Membership.unit_id == unit_id))


def is_physician(db: Session, user_id: int) -> bool:
    """Holds a physician's role somewhere."""
    held = _AS_PHYSICIAN.where(Membership.user_id == user_id)
    return db.scalar(held.limit(1)) is not None


def of_establishment(db: Session, establishment_id: int) -> Sequence[User]:
    """Everybody who works in one of its units."""
    return _holding(db, _in_establishment(sa.select(Membership.user_id), establishment_id))


def colleagues(db: Session, *, role: str, establishment_id: int | None = None) -> Sequence[User]:
    """Those who hold a role in an establishment, or anywhere in the region."""
    held = sa.select(Membership.user_id).where(Membership.role == role)
    return _holding(db, _in_establishment(held, establishment_id) if establishment_id else held)


def _in_establishment(held: sa.Select[int], establishment_id: int) -> sa.Select[int]:
    return held.join(Unit, Unit.id == Membership.unit_id).where(
        Unit.establishment_id == establishment_id
    )


def _holding(db: Session, held: sa.Select[int]) -> Sequence[User]:
    """The people of these memberships, each once; « distinct » cannot compare all their columns."""
    return db.scalars(
        sa.select(User).where(User.active, User.id.in_(held)).order_by(User.name_key, User.id)
    ).all()


def find_people(db: Session, text: str, *, limit: int = 20) -> Sequence[User]:
    """By the beginning of any part of the name."""
    words = normalised(text)
    return db.scalars(
        sa.select(User)
        .where(
            User.active,
            (sa.literal(" ") + User.name_key).contains(f" {words}", autoescape=True),
        )
        .order_by(User.name_key, User.id)
        .limit(limit)
    ).all()


def accounts(db: Session, *, text: str = "", limit: int = 100) -> Sequence[User]:
    """Every account, closed ones too, by name; `text` is the beginning of any part of it."""
    query = (
        sa.select(User)
        .options(selectinload(User.memberships))
        .order_by(User.active.desc(), User.name_key, User.id)
        .limit(limit)
    )
    if words := normalised(text):
        named = (sa.literal(" ") + User.name_key).contains(f" {words}", autoescape=True)
        query = query.where(sa.or_(named, User.email.startswith(text.strip().lower())))
    return db.scalars(query).all()


def setting(db: Session, name: str, *, establishment_id: int = 0, default: Any = None) -> Any:
    """The establishment's choice, else the region's, else the default."""
    rows = db.execute(
        sa.select(Setting.establishment_id, Setting.value).where(
            Setting.name == name, Setting.establishment_id.in_({0, establishment_id})
        )
    )
    values: dict[int, Any] = {row.establishment_id: row.value for row in rows}
    return values.get(establishment_id, values.get(0, default))


def actor_names(db: Session, actors: Iterable[str | None]) -> dict[str, str]:
    """« user:12 » → « Dr Yann Kervella », for a whole page in one question."""
    named = {actor for actor in actors if actor}
    ids = {int(actor[5:]) for actor in named if actor.startswith("user:")}
    people = {person.actor: person.display_name for person in _by_ids(db, ids)}
    return {actor: people.get(actor, SYSTEM_NAME) for actor in named}


def actor_name(db: Session, actor: str | None) -> str:
    return actor_names(db, [actor]).get(actor or "", SYSTEM_NAME)


def _by_ids(db: Session, ids: set[int]) -> Sequence[User]:
    return db.scalars(sa.select(User).where(User.id.in_(ids))).all() if ids else []


def demonstration_accounts(db: Session) -> Sequence[User]:
    """Accounts one may enter without a password: only in a database made for demonstration.

    None as soon as a real account exists, whatever the database was made for.
    """
    if not setting(db, "demonstration", default=False):
        return []
    found = db.scalars(sa.select(User).where(User.active).order_by(User.name_key, User.id)).all()
    return found if all(user.is_demonstration for user in found) else []
