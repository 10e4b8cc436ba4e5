"""A person of the office asks to try again or to set aside; the engine does it and writes it down."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import handlers, incidents
from engine.incidents import Incident
from workflows.access import require
from workflows.incidents.wording import in_charge, title
from workflows.notices.operations import notify
from workflows.roles import Permission, Role
from workflows.staff.models import Membership, User


def retry(db: Session, *, kind: str, incident_id: int, user: User, now: datetime) -> None:
    require(db, user, Permission.OPERATE)
    incidents.retry(db, kind=kind, incident_id=incident_id, actor=user.actor, now=now)


def retry_all(db: Session, *, user: User, now: datetime) -> int:
    require(db, user, Permission.OPERATE)
    return incidents.retry_all(db, actor=user.actor, now=now)


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
