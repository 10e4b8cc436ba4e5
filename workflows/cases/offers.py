"""Open tasks come in; each is offered to its audiences, and those audiences may read the case.

A task goes to the designated person of its role, an RCP's own lanes go to that RCP, a proposed
transfer to the physicians of the unit it is proposed to, everything
else goes to those who hold the role in the unit of the case. One more row, for the whole team of
the unit, serves the team's view and gives no right to act.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import rows
from engine.handlers import hook
from engine.models import Case, Datum, Task, TaskState
from engine.suspension import stands_still
from workflows.access.audiences import (
    Kind,
    kind_of,
    person_audience,
    place_of,
    rcp_audience,
    scope_of,
    unit_audience,
)
from workflows.access.grants import grant
from workflows.cases.episodes import episode_of
from workflows.cases.models import CareTeamMember, Episode, TaskDraft, TaskHold, TaskOffer
from workflows.deadlines.queries import callers
from workflows.french import PARIS
from workflows.roles import IDENTITY, LANES, ROLES, Role, Scope
from workflows.staff.models import Membership, Unit

NO_DUE = datetime(9999, 12, 31, tzinfo=UTC)  # sorts after everything that has a date
# Who acts for a role nobody is designated for: the same physician wears both hats in most teams.
STAND_INS = {"requesting_physician": "referring_physician"}
# Who does it where nobody holds the role, on site or with an account: a step never waits for nobody.
COVERS = {
    "pharmacist": "idec",
    "social_worker": "idec",
    "support_care": "idec",
    "general_practitioner": "idec",
    "investigator": "oncologist",
}

# Who decides where a care is given: radiotherapy and drugs often leave the hospital of the case.
LEADS = {"radiographer": "radiation_oncologist", "day_hospital_nurse": "oncologist"}

_TEAM = sa.select(CareTeamMember.role, CareTeamMember.user_id).where(
    CareTeamMember.case_id == sa.bindparam("case_id"), CareTeamMember.until_at.is_(None)
)


@dataclass(frozen=True)
class Kept:
    """What an offer carries over when it is written again."""

    assignee_id: int | None = None
    reminded_at: datetime | None = None
    hold: str = ""
    held_until: datetime | None = None


@dataclass(frozen=True)
class Surroundings:
    """What the offers of a case's tasks depend on, read once for all of them."""

    episode: Episode
    team: Mapping[str, int]  # role → designated user


@hook("task_opened")
def offer(db: Session, case: Case, task: Task, now: datetime) -> None:
    """Written in the step's own transaction: the next read of the inbox has it."""
    around = surroundings(db, case.id)
    if around is not None:
        _write(db, around, task, Kept())


@hook("task_closed")
def withdraw(db: Session, case: Case, task: Task, now: datetime) -> None:
    rows.delete(db, TaskOffer, task_id=task.id)
    rows.delete(db, TaskDraft, task_id=task.id)


def rewrite(db: Session, case_id: int, *, anew: bool = False) -> None:
    """Offer every open task of the case again: the care team or the patient's choices changed.

    What stands still with a suspended case waits for nobody: no list shows it as due.
    `anew`: another team follows the case, what somebody had taken or put off is offered to all of it.
    """
    around = surroundings(db, case_id)
    if around is None:
        return
    db.flush()
    kept = {} if anew else _kept(db, case_id)
    tasks = db.scalars(sa.select(Task).filter_by(case_id=case_id, state=TaskState.OPEN)).all()
    for task in tasks:
        rows.delete(db, TaskOffer, task_id=task.id)
        if anew:
            rows.delete(db, TaskHold, task_id=task.id)
    case = db.get_one(Case, case_id)
    for task in tasks:
        if stands_still(db, case=case, instance_id=task.instance_id):
            continue  # nobody is asked while it stands still
        _write(db, around, task, kept.get(task.id, Kept()))


def assign(db: Session, task: Task, user_id: int | None) -> None:
    """Name who does it, on every offer; a person it was not offered to gets one."""
    around = surroundings(db, task.case_id)
    if around is None:
        return
    db.flush()
    kept = _kept(db, task.case_id).get(task.id, Kept())
    rows.delete(db, TaskOffer, task_id=task.id)
    _write(db, around, task, replace(kept, assignee_id=user_id))


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


def _write(db: Session, around: Surroundings, task: Task, kept: Kept) -> None:
    assignee = kept.assignee_id
    chosen, rcp_id = audiences(db, around, task)
    designated = place_of(next(iter(chosen))) if _is_one_person(chosen) else None
    if assignee is not None:
        chosen.add(person_audience(assignee))
    grant(db, case_id=task.case_id, scopes=map(scope_of, chosen))
    row = _row(around, task) | {
        "assignee_id": assignee,
        "holder_id": assignee or designated,
        "rcp_id": rcp_id,
        "reminded_at": kept.reminded_at,
        "hold": kept.hold,
        "held_until": kept.held_until,
    }
    everybody = chosen | {unit_audience(around.episode.unit_id)}
    rows.add(db, TaskOffer, [row | {"audience_id": audience} for audience in sorted(everybody)])


def _is_one_person(audiences: Collection[int]) -> bool:
    return len(audiences) == 1 and all(kind_of(one) is Kind.PERSON for one in audiences)


def _row(around: Surroundings, task: Task) -> dict[str, Any]:
    return {
        "task_id": task.id,
        "case_id": task.case_id,
        "due_at": task.due_at or NO_DUE,
        "name_key": around.episode.patient.name_key,
        "form": task.form,
        "phase": task.definition,
        "is_high_priority": task.is_high_priority,
        "establishment_id": around.episode.establishment_id,
        "organ": around.episode.organ,
    }


def _kept(db: Session, case_id: int) -> dict[int, Kept]:
    """By task. What holds one stays while its case stands still and it is offered to nobody."""
    holds = {
        task: (kind, datetime.combine(until, time(), PARIS))
        for task, kind, until in db.execute(
            sa.select(TaskHold.task_id, TaskHold.kind, TaskHold.until_date)
            .join(Task, Task.id == TaskHold.task_id)
            .where(Task.case_id == case_id)
        )
    }
    found = db.execute(
        sa.select(TaskOffer.task_id, TaskOffer.assignee_id, TaskOffer.reminded_at).where(
            TaskOffer.case_id == case_id
        )
    )
    offered = {task: (assignee, reminded) for task, assignee, reminded in found}
    return {
        task: Kept(*offered.get(task, (None, None)), *holds.get(task, ("", None)))
        for task in offered.keys() | holds.keys()
    }
