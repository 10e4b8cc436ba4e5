"""A person of the office asks to try again or to set aside; the engine does it and writes it down."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import handlers, incidents
from engine.errors import Conflict, Forbidden
from engine.incidents import Incident
from workflows.access import require
from workflows.incidents.queries import owner_of
from workflows.incidents.wording import in_charge, title
from workflows.notices.operations import notify
from workflows.roles import Permission, Role
from workflows.staff.models import Membership, User


def retry(db: Session, *, kind: str, incident_id: int, user: User, now: datetime) -> None:
    require(db, user, Permission.OPERATE)
    incidents.retry(db, kind=kind, incident_id=incident_id, actor=user.actor, now=now)


def retry_all(
    db: Session, *, user: User, now: datetime, same_as: tuple[str, int] | None = None
) -> int:
    """All of them, or those that failed for the same cause as one; how many."""
    require(db, user, Permission.OPERATE)
    cause = None
    if same_as is not None:
        kind, incident_id = same_as
        cause = incidents.find(db, kind=kind, incident_id=incident_id).cause
    return incidents.retry_all(db, actor=user.actor, now=now, cause=cause)


def take(db: Session, *, kind: str, incident_id: int, user: User, now: datetime) -> None:
    """« Prendre en charge »: whoever holds the role in charge, when no colleague has it."""
    incident = _in_hand(db, kind, incident_id, user)
    if incident.taken_by not in (None, user.actor) and (owner := owner_of(db, incident)):
        raise Conflict(f"{owner.display_name} s’en occupe déjà\u202f: rechargez la page.")
    incidents.take(
        db, kind=kind, incident_id=incident_id, owner=user.actor, actor=user.actor, now=now
    )


def give_back(db: Session, *, kind: str, incident_id: int, user: User, now: datetime) -> None:
    """« Rendre »: by whoever took it, or « Libérer » by a colleague when that person is away."""
    _in_hand(db, kind, incident_id, user)
    incidents.take(db, kind=kind, incident_id=incident_id, owner=None, actor=user.actor, now=now)


def _in_hand(db: Session, kind: str, incident_id: int, user: User) -> Incident:
    require(db, user, Permission.OPERATE)
    incident = incidents.find(db, kind=kind, incident_id=incident_id)
    role = in_charge(incident)
    if role.code not in user.role_codes:
        raise Forbidden(f"Cet incident est à traiter par\u202f: {role.label.lower()}.")
    return incident


def set_aside(
    db: Session, *, kind: str, incident_id: int, reason: str, user: User, now: datetime
) -> None:
    require(db, user, Permission.OPERATE)
    incidents.set_aside(
        db, kind=kind, incident_id=incident_id, reason=reason, actor=user.actor, now=now
    )


@handlers.hook("incident")
def tell_those_in_charge(db: Session, incident: Incident, now: datetime) -> None:
    """Once per incident and day: a work that fails again tomorrow is news again."""
    role = in_charge(incident)
    notify(
        db,
        user_ids=_holders(db, role),
        key=f"incident:{incident.key}:{now:%Y-%m-%d}",
        kind="incident",
        text=f"{title(incident)}\u202f: à traiter dans «\u202fIncidents\u202f».",
        now=now,
    )


def _holders(db: Session, role: Role) -> list[int]:
    held = sa.select(User.id).join(Membership).where(Membership.role == role.code, User.active)
    return list(db.scalars(held.distinct()))
