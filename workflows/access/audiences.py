"""A person, or a role in a unit or an RCP, in; the one number that offers and rights write, out.

The number of a place without a role is the whole team there: offers use it for the team's view,
`case_access` for the right to read.
"""

from enum import IntEnum

from workflows.roles import ROLES

WHOLE_TEAM = 0
_NUMBERS = {role.number: code for code, role in ROLES.items()}


class Kind(IntEnum):
    """What an audience is anchored to; written in two bits, never reordered."""

    PERSON = 0
    UNIT = 1
    RCP = 2


def person_audience(user_id: int) -> int:
    return _encode(Kind.PERSON, user_id, WHOLE_TEAM)


def unit_audience(unit_id: int, role: str | None = None) -> int:
    return _encode(Kind.UNIT, unit_id, _number(role))


def rcp_audience(rcp_id: int, role: str | None = None) -> int:
    return _encode(Kind.RCP, rcp_id, _number(role))


def kind_of(audience: int) -> Kind:
    return Kind(audience & 0b11)


def place_of(audience: int) -> int:
    """The user's, unit's or RCP's id."""
    return audience >> 8


def role_in(audience: int) -> str | None:
    """The role's code; None for a person and for a whole team."""
    return _NUMBERS.get((audience >> 2) & 0b111111)


def scope_of(audience: int) -> int:
    """The same place without its role."""
    return _encode(kind_of(audience), place_of(audience), WHOLE_TEAM)


def is_whole_team(audience: int) -> bool:
    return kind_of(audience) is not Kind.PERSON and role_in(audience) is None


def _number(role: str | None) -> int:
    return ROLES[role].number if role else WHOLE_TEAM


def _encode(kind: Kind, place: int, number: int) -> int:
    return place << 8 | number << 2 | kind
