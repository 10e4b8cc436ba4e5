"""A person and a case come in; the right to read it and what may be done in it, or a refusal, out.

A refusal undoes its transaction, so it carries what the audit needs: whoever turns it into a page
hands it to `record_refusal` in a transaction of its own.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Forbidden, NotFound
from workflows.access.audiences import Kind, kind_of, place_of
from workflows.access.reach import Reach, permissions_of, reach_of
from workflows.cases.episodes import episode_of
from workflows.cases.models import CareTeamMember, CaseAccess, Episode
from workflows.roles import Permission
from workflows.staff.models import User

PERMISSION_LABELS: dict[Permission, str] = {
    Permission.OPEN_CASE: "ouvrir un dossier",
    Permission.READ_CASE: "lire un dossier",
    Permission.ASSIGN_TASK: "attribuer une étape",
    Permission.DESIGNATE_TEAM: "désigner l’équipe de soins",
    Permission.DECLARE_EVENT: "déclarer un événement",
    Permission.RUN_RCP: "conduire une RCP",
    Permission.APPROVE_RCP_SHEET: "valider une fiche de RCP",
    Permission.EDIT_PATHWAYS: "modifier les parcours",
    Permission.READ_INDICATORS: "lire les indicateurs",
    Permission.MANAGE_IDENTITIES: "corriger ou fusionner des identités",
    Permission.MANAGE_ACCOUNTS: "gérer les comptes",
    Permission.READ_AUDIT: "lire le journal des accès",
    Permission.OPERATE: "traiter les incidents",
}


# Built once, and past the session: every page and every step asks it.
_ACCESS: Any = CaseAccess.__table__
_SCOPES_INTO = sa.select(_ACCESS.c.scope_id).where(
    _ACCESS.c.case_id == sa.bindparam("case_id"),
    _ACCESS.c.scope_id.in_(sa.bindparam("scopes", expanding=True)),
)


class CaseRefused(Forbidden):
    """Somebody asked for a case that is not theirs; this is written down."""

    def __init__(self, message: str, *, case_id: int, user_id: int, action: str) -> None:
        super().__init__(message)
        self.case_id = case_id
        self.user_id = user_id
        self.action = action


def can_read_case(db: Session, user: User, case_id: int, *, reach: Reach | None = None) -> bool:
    """A relation to the case, through a unit, an RCP or the care team; a role alone is none."""
    return bool(_scopes_into(db, reach or reach_of(db, user), case_id))


def require_case(
    db: Session,
    user: User,
    case_id: int,
    now: datetime,
    *,
    action: str = "case.read",
    written: bool = True,
    reach: Reach | None = None,
) -> Episode:
    """The case, once the person's right to it is checked and the access written down.

    `written=False` is for verbs whose own audit line follows.
    """
    episode = episode_of(db, case_id)
    if episode is None:
        raise NotFound("Ce dossier n’existe pas.")
    if not can_read_case(db, user, case_id, reach=reach):
        raise CaseRefused(
            "Ce dossier n’est pas suivi par votre équipe ni présenté à l’une de vos RCP. "
            "Demandez à l’équipe de soins de vous y désigner.",
            case_id=case_id,
            user_id=user.id,
            action=action,
        )
    if written:
        audit.record(db, actor=user.actor, action=action, now=now, case_id=case_id)
    return episode


def record_refusal(db: Session, refusal: CaseRefused, *, now: datetime) -> None:
    """Write a refusal down; in a transaction of its own, the refused one is undone."""
    audit.record(
        db,
        actor=f"user:{refusal.user_id}",
        action=f"{refusal.action}.refused",
        now=now,
        case_id=refusal.case_id,
    )


def permissions_in(
    db: Session, user: User, case_id: int, *, reach: Reach | None = None
) -> frozenset[Permission]:
    """What the roles through which a person reaches this case permit; nothing without relation."""
    reach = reach or reach_of(db, user)
    scopes = _scopes_into(db, reach, case_id)
    if not scopes:
        return frozenset()
    units = {place_of(scope) for scope in scopes if kind_of(scope) is Kind.UNIT}
    rcps = {place_of(scope) for scope in scopes if kind_of(scope) is Kind.RCP}
    roles = {role for unit, role in reach.units if unit in units}
    roles |= {role for rcp, role in reach.rcps if rcp in rcps}
    roles |= set(_designated_roles(db, user.id, case_id))
    return permissions_of(roles)


def require_permission(db: Session, user: User, permission: Permission, case_id: int) -> None:
    if permission not in permissions_in(db, user, case_id):
        raise Forbidden(
            f"Vos rôles dans ce dossier ne permettent pas de {PERMISSION_LABELS[permission]}."
        )


def require(db: Session, user: User, permission: Permission) -> Reach:
    """For what belongs to no case: accounts, pathways, indicators, looking for a patient."""
    reach = reach_of(db, user)
    if not reach.may(permission):
        raise Forbidden(f"Vos rôles ne permettent pas de {PERMISSION_LABELS[permission]}.")
    return reach


def visible_cases(reach: Reach) -> sa.Select[int]:
    """The ids of every case this person may read, to filter other questions by."""
    return (
        sa.select(CaseAccess.case_id)
        .where(CaseAccess.scope_id.in_(sorted(reach.scopes)))
        .distinct()
    )


def _scopes_into(db: Session, reach: Reach, case_id: int) -> set[int]:
    return set(db.scalars(_SCOPES_INTO, {"case_id": case_id, "scopes": sorted(reach.scopes)}))


def _designated_roles(db: Session, user_id: int, case_id: int) -> list[str]:
    return list(
        db.scalars(
            sa.select(CareTeamMember.role).where(
                CareTeamMember.case_id == case_id,
                CareTeamMember.user_id == user_id,
                CareTeamMember.until_at.is_(None),
            )
        )
    )
