"""A person comes in; the roles held, and where, go out: what every list and right starts from."""

from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.access.audiences import person_audience, rcp_audience, unit_audience
from workflows.rcp.models import MemberFunction, RcpMember
from workflows.roles import ROLES, Permission
from workflows.staff.models import Membership, User

# What a function in an RCP lets a person do there; who leads a meeting also takes part in it.
RCP_ROLES: dict[str, tuple[str, ...]] = {
    MemberFunction.COORDINATOR: ("rcp_coordinator", "rcp_participant"),
    MemberFunction.DEPUTY: ("rcp_coordinator", "rcp_participant"),
    MemberFunction.SECRETARY: ("rcp_secretary",),
    MemberFunction.PARTICIPANT: ("rcp_participant",),
}


# Built once: every page and every step asks it.
_HELD: sa.CompoundSelect[str, int, str] = sa.union_all(
    sa.select(sa.literal("unit"), Membership.unit_id, Membership.role).where(
        Membership.user_id == sa.bindparam("user_id")
    ),
    sa.select(sa.literal("rcp"), RcpMember.rcp_id, RcpMember.function).where(
        RcpMember.user_id == sa.bindparam("user_id")
    ),
)


@dataclass(frozen=True)
class Reach:
    """Where a person stands: (unit, role), (RCP, role) and the offices held for the region."""

    user_id: int
    units: frozenset[tuple[int, str]] = frozenset()
    rcps: frozenset[tuple[int, str]] = frozenset()
    offices: frozenset[str] = frozenset()

    @cached_property
    def audiences(self) -> frozenset[int]:
        """To whom tasks are offered, as far as this person is concerned."""
        return frozenset(
            {person_audience(self.user_id)}
            | {unit_audience(unit, role) for unit, role in self.units}
            | {rcp_audience(rcp, role) for rcp, role in self.rcps}
        )

    @cached_property
    def scopes(self) -> frozenset[int]:
        """Through what this person may read a case."""
        return frozenset(
            {person_audience(self.user_id)}
            | {unit_audience(unit) for unit, _role in self.units}
            | {rcp_audience(rcp) for rcp, _role in self.rcps}
        )

    @cached_property
    def teams(self) -> frozenset[int]:
        """The whole teams this person belongs to."""
        return frozenset(unit_audience(unit) for unit, _role in self.units)

    @cached_property
    def unit_ids(self) -> frozenset[int]:
        return frozenset(unit for unit, _role in self.units)

    @cached_property
    def rcp_ids(self) -> frozenset[int]:
        return frozenset(rcp for rcp, _role in self.rcps)

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset({role for _place, role in self.units | self.rcps} | self.offices)

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """Everything permitted somewhere: enough to show a menu, never to open a case."""
        return permissions_of(self.roles)

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


def permissions_of(roles: frozenset[str] | set[str]) -> frozenset[Permission]:
    return frozenset().union(*(ROLES[role].permissions for role in roles))


def reach_of(db: Session, user: User) -> Reach:
    """One question to the database; an account that was closed reaches nothing."""
    if not user.active:
        return Reach(user.id)
    units: set[tuple[int, str]] = set()
    rcps: set[tuple[int, str]] = set()
    offices: set[str] = set()
    for kind, place, name in db.execute(_HELD, {"user_id": user.id}):
        if kind == "rcp":
            rcps |= {(place, role) for role in RCP_ROLES[name]}
        elif place is not None:
            units.add((place, name))
        else:
            offices.add(name)
    return Reach(user.id, frozenset(units), frozenset(rcps), frozenset(offices))
