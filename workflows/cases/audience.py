"""Audiences come in; the people behind them, who can be told, go out."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.access.audiences import Kind, is_whole_team, kind_of, place_of, role_in
from workflows.access.reach import RCP_ROLES
from workflows.cases.models import TaskOffer
from workflows.rcp.models import RcpMember
from workflows.staff.models import Membership, User


def people_offered(db: Session, task_id: int) -> Sequence[User]:
    """Everybody a task is offered to, the whole team's view left out."""
    audiences = db.scalars(sa.select(TaskOffer.audience_id).where(TaskOffer.task_id == task_id))
    return people_in(db, [audience for audience in audiences if not is_whole_team(audience)])


def people_in(db: Session, audiences: Collection[int]) -> Sequence[User]:
    conditions = [_condition(audience) for audience in audiences]
    if not conditions:
        return []
    return db.scalars(
        sa.select(User).where(User.active, sa.or_(*conditions)).order_by(User.name_key, User.id)
    ).all()


def _condition(audience: int) -> sa.ColumnElement[bool]:
    place, role = place_of(audience), role_in(audience)
    if kind_of(audience) is Kind.PERSON:
        return User.id == place
    if kind_of(audience) is Kind.UNIT:
        held = sa.select(Membership.user_id).where(Membership.unit_id == place)
        return User.id.in_(held.where(Membership.role == role) if role else held)
    functions = [name for name, roles in RCP_ROLES.items() if role is None or role in roles]
    return User.id.in_(
        sa.select(RcpMember.user_id).where(
            RcpMember.rcp_id == place, RcpMember.function.in_(functions)
        )
    )
