"""Persons are designated for the roles of a case; rights and offers follow in the same transaction."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from engine import audit
from engine.errors import Invalid
from workflows.access import (
    grant,
    person_audience,
    reach_of,
    require_case,
    require_permission,
    revoke,
)
from workflows.cases import offers
from workflows.cases.models import CareTeamMember
from workflows.roles import ROLES, Permission, Scope, label
from workflows.staff import queries as staff_queries
from workflows.staff.models import User


def change_care_team(
    db: Session, *, case_id: int, members: Mapping[str, int | None], user: User, now: datetime
) -> None:
    """What a person does on the case's page; None leaves a role without anybody."""
    require_case(db, user, case_id, now, written=False)
    require_permission(db, user, Permission.DESIGNATE_TEAM, case_id)
    designate(db, case_id=case_id, members=members, actor=user.actor, now=now)


def designate(
    db: Session, *, case_id: int, members: Mapping[str, int | None], actor: str, now: datetime
) -> None:
    """Role → person. Those named already stay as they are, roles not named are left alone."""
    current = {member.role: member for member in care_team(db, case_id)}
    changed = {
        role: user_id
        for role, user_id in members.items()
        if user_id != (current[role].user_id if role in current else None)
    }
    if not changed:
        return
    for role, user_id in changed.items():
        _check(db, role, user_id)
        if role in current:
            current[role].until_at = now
    db.flush()
    db.add_all(
        CareTeamMember(case_id=case_id, role=role, user_id=user_id, since_at=now)
        for role, user_id in changed.items()
        if user_id is not None
    )
    db.flush()
    _rewrite_rights(db, case_id, {current[role].user_id for role in changed if role in current})
    offers.rewrite(db, case_id)
    audit.record(
        db, actor=actor, action="care_team.changed", now=now, case_id=case_id, detail=changed
    )


def care_team(db: Session, case_id: int) -> list[CareTeamMember]:
    """Those designated now, in the order of the roles."""
    members = db.scalars(
        sa.select(CareTeamMember)
        .where(CareTeamMember.case_id == case_id, CareTeamMember.until_at.is_(None))
        .options(joinedload(CareTeamMember.user))
    )
    return sorted(members, key=lambda member: ROLES[member.role].number)


def _check(db: Session, role: str, user_id: int | None) -> None:
    known = ROLES.get(role)
    if known is None or known.scope is not Scope.UNIT:
        raise Invalid(f"Le rôle «\u202f{role}\u202f» ne se désigne pas dans un dossier.")
    if user_id is None:
        return
    person = staff_queries.user(db, user_id)
    if role not in reach_of(db, person).roles:
        raise Invalid(
            f"{person.display_name} n’exerce pas le rôle «\u202f{label(role)}\u202f»\u202f: "
            "choisissez une personne de ce rôle.",
            {role: "Cette personne n’a pas ce rôle."},
        )


def _rewrite_rights(db: Session, case_id: int, left: set[int]) -> None:
    """Who joins may read; who has no role left in the case keeps only what a unit or RCP gives."""
    staying = {member.user_id for member in care_team(db, case_id)}
    revoke(db, case_id=case_id, scopes=[person_audience(user) for user in left - staying])
    grant(db, case_id=case_id, scopes=[person_audience(user) for user in staying])
