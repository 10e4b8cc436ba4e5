"""An open task comes in; who may do it goes out: its lane's people, and others whom the case names.

A task goes to the designated person of its role, an RCP's own lanes go to that RCP, a proposed
transfer to the physicians of the unit it is proposed to, everything else goes to those who hold
the role in the unit of the case.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Datum, Task
from workflows.access.audiences import (
    person_audience,
    rcp_audience,
    unit_audience,
)
from workflows.cases.episodes import episode_of
from workflows.cases.models import CareTeamMember, Episode
from workflows.deadlines.queries import callers
from workflows.roles import IDEC, IDENTITY, LANES, ROLES, SECRETARY, Role, Scope
from workflows.staff.models import Membership, Unit

# Who acts for a role nobody is designated for: the same physician wears both hats in most teams.
STAND_INS = {"requesting_physician": "referring_physician"}
# Who does it where nobody holds the role, on site or with an account: a step never waits for nobody.
COVERS = {
    "pharmacist": "idec",
    "social_worker": "idec",
    "support_care": "idec",
    "general_practitioner": "idec",
    "investigator": "oncologist",
    "geriatrician": "oncologist",
}

# Who decides where a care is given: radiotherapy and drugs often leave the hospital of the case.
LEADS = {"radiographer": "radiation_oncologist", "day_hospital_nurse": "oncologist"}

# Held by a whole unit: offered even where nobody is designated.
SHARED = frozenset({IDEC.code, SECRETARY.code})

OtherRoles = Callable[[Session, Task], Collection[str]]
_others: dict[str, OtherRoles] = {}

_TEAM = sa.select(CareTeamMember.role, CareTeamMember.user_id).where(
    CareTeamMember.case_id == sa.bindparam("case_id"), CareTeamMember.until_at.is_(None)
)


@dataclass(frozen=True)
class Surroundings:
    """What the offers of a case's tasks depend on, read once for all of them."""

    episode: Episode
    team: Mapping[str, int]  # role → designated user


def surroundings(db: Session, case_id: int) -> Surroundings | None:
    """None while the case has no patient yet: its tasks are offered as soon as it has."""
    episode = episode_of(db, case_id)
    if episode is None:
        return None
    members = db.execute(_TEAM, {"case_id": case_id})
    return Surroundings(episode, {member.role: member.user_id for member in members})


def audiences(db: Session, around: Surroundings, task: Task) -> tuple[set[int], int | None]:
    """Those who may do the task, and the RCP it belongs to if any."""
    role = LANES.get(task.lane)
    if role is None:  # a diagram without lanes: anybody of the unit
        return {unit_audience(around.episode.unit_id)}, None
    of_lane, rcp_id = _of_lane(db, around, task, role)
    return of_lane | _of_others(db, around, task), rcp_id


def also_offered(form: str) -> Callable[[OtherRoles], OtherRoles]:
    """Register who else than its lane may do a step, by what the case says: roles, in a set."""

    def remember(function: OtherRoles) -> OtherRoles:
        _others[form] = function
        return function

    return remember


def _of_others(db: Session, around: Surroundings, task: Task) -> set[int]:
    """Who is designated for those roles; the nurses and the secretaries of the unit without (A08)."""
    found: set[int] = set()
    for code in _others[task.form](db, task) if task.form in _others else ():
        if code in around.team:
            found.add(person_audience(around.team[code]))
        elif code in SHARED:
            found |= _of_unit(db, around, ROLES[code])
    return found


def _of_lane(
    db: Session, around: Surroundings, task: Task, role: Role
) -> tuple[set[int], int | None]:
    if role.scope is Scope.RCP:
        rcp_id = _chosen(db, task, "rcp_id")
        if rcp_id is not None:
            return {rcp_audience(rcp_id, role.code)}, rcp_id
        return _of_unit(db, around, LANES["Médecin demandeur"]), None
    if role.scope is Scope.RECEIVER:
        return _physicians_of(_chosen(db, task, "receiving_unit_id")), None
    if role.code in around.team:
        return {person_audience(around.team[role.code])}, None
    return _of_unit(db, around, role), None


def _physicians_of(unit_id: int | None) -> set[int]:
    held = (role for role in ROLES.values() if role.scope is Scope.UNIT and role.is_physician)
    return {unit_audience(unit_id, role.code) for role in held} if unit_id else set()


def _of_unit(db: Session, around: Surroundings, role: Role) -> set[int]:
    holding = _units_holding(db, around, role.code)
    if not holding and role.code in COVERS:
        cover = COVERS[role.code]
        if cover in around.team:
            return {person_audience(around.team[cover])}
        return _of_unit(db, around, ROLES[cover])
    units = holding or {around.episode.unit_id}
    found = {unit_audience(unit, role.code) for unit in units}
    stand_in = around.team.get(STAND_INS.get(role.code, ""))
    return found | ({person_audience(stand_in)} if stand_in else set())


def _units_holding(db: Session, around: Surroundings, role: str) -> set[int]:
    """The case's unit; else where the one who leads that care works; else its site, then its team's.

    None when nobody holds it anywhere near. The reasons are in docs/adr/0013.
    """
    own = around.episode.unit_id
    of_team = sa.select(Membership.unit_id).where(Membership.user_id.in_(around.team.values()))
    holding = {
        row.unit_id or own: row.establishment_id
        for row in db.execute(
            sa.select(Membership.unit_id, Unit.establishment_id)
            .join(Unit, Unit.id == Membership.unit_id)
            .where(
                Membership.role == role,
                sa.or_(
                    Membership.unit_id == own,
                    Unit.establishment_id == around.episode.establishment_id,
                    Membership.unit_id.in_(of_team),
                ),
            )
            .distinct()
        )
    }
    if not holding:
        return _anywhere(db, role) if role == IDENTITY.code else set()
    if own in holding:
        return {own}
    site = around.episode.establishment_id
    return (
        _led_from(db, around, role) & holding.keys()
        or {unit for unit, place in holding.items() if place == site}
        or set(holding)
    )


def _led_from(db: Session, around: Surroundings, role: str) -> set[int]:
    """Where the designated physician of that care works: sessions and cycles are given there."""
    lead = around.team.get(LEADS.get(role, ""))
    if lead is None:
        return set()
    works_in = sa.select(Membership.unit_id).where(
        Membership.user_id == lead, Membership.unit_id.is_not(None)
    )
    return {unit for unit in db.scalars(works_in) if unit is not None}


def _anywhere(db: Session, role: str) -> set[int]:
    """Identities are the region's: a site without identitovigilance is served by the others."""
    held = sa.select(Membership.unit_id).where(
        Membership.role == role, Membership.unit_id.is_not(None)
    )
    return {unit for unit in db.scalars(held.distinct()) if unit is not None}


def _chosen(db: Session, task: Task, name: str) -> int | None:
    """What was chosen in this diagram, or in the one that called it: an RCP, a unit."""
    chain = callers(db, task.instance_id)
    chosen = {
        row.instance_id: row.value
        for row in db.execute(
            sa.select(Datum.instance_id, Datum.value).where(
                Datum.case_id == task.case_id,
                Datum.name == name,
                Datum.instance_id.in_(chain),
            )
        )
    }
    value = next((chosen[instance] for instance in chain if chosen.get(instance)), None)
    return int(value) if value else None
