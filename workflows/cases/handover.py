"""A case passes from one team to another: rights, offers and the place of the case move together.

Domain §11 X06: accepted by the receiver; rights moved; history kept. No token moves.
"""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.step import stepping
from workflows.access import grant, person_audience, revoke, unit_audience
from workflows.access.audiences import Kind, kind_of, scope_of
from workflows.access.grants import scopes_of_case
from workflows.cases import offers
from workflows.cases.care_team import care_team, designate
from workflows.cases.models import Episode, FormerTeam, TaskOffer
from workflows.roles import GENERAL_PRACTITIONER
from workflows.staff import queries as staff_queries

# Whoever cares for the patient in town goes on doing so, wherever the hospital is.
STAYING = frozenset({GENERAL_PRACTITIONER.code})


def hand_over(
    db: Session,
    *,
    case_id: int,
    unit_id: int,
    members: Mapping[str, int],
    actor: str,
    now: datetime,
) -> None:
    """The receiving unit follows the case from now on; the former one keeps what it did."""
    episode = db.get_one(Episode, case_id)
    unit = staff_queries.unit(db, unit_id)
    db.add(FormerTeam(case_id=case_id, unit_id=episode.unit_id, until_at=now))
    leaving = {member.role for member in care_team(db, case_id)} - STAYING
    episode.unit_id, episode.establishment_id = unit.id, unit.establishment_id
    db.flush()
    db.refresh(episode)
    grant(db, case_id=case_id, scopes=[unit_audience(unit_id)])
    designate(
        db,
        case_id=case_id,
        members=dict.fromkeys(leaving) | dict(members),
        actor=actor,
        now=now,
    )
    offers.rewrite(db, case_id, anew=True)
    withdraw_rights(db, case_id=case_id, actor=actor, now=now)
    audit.record(
        db,
        actor=actor,
        action="case.handed_over",
        now=now,
        case_id=case_id,
        detail={"unit": unit_id},
    )


def withdraw_rights(db: Session, *, case_id: int, actor: str, now: datetime) -> None:
    """Who has no more reason to read the case does not: looked at once the step is over.

    Until then the answer that is being given is still offered to the team that gives it.
    """

    def withdraw() -> None:
        db.flush()
        revoke(db, case_id=case_id, scopes=_without_reason(db, case_id))

    with stepping(db, case_id, actor=actor, now=now) as step:
        step.queue(withdraw)


def people_leaving(db: Session, case_id: int) -> set[int]:
    """Who will no longer follow the case once it is handed over."""
    return {one.user_id for one in care_team(db, case_id) if one.role not in STAYING}


def former_team(db: Session, *, case_id: int, unit_ids: frozenset[int]) -> FormerTeam | None:
    """The last time one of these units followed the case, if it does not any more."""
    return db.scalar(
        sa.select(FormerTeam)
        .where(FormerTeam.case_id == case_id, FormerTeam.unit_id.in_(unit_ids))
        .order_by(FormerTeam.until_at.desc())
        .limit(1)
    )


def _without_reason(db: Session, case_id: int) -> set[int]:
    """Units and persons who neither follow the case nor have a step of it to do.

    RCPs keep what was brought to them: their opinion is theirs.
    """
    offered = db.scalars(sa.select(TaskOffer.audience_id).where(TaskOffer.case_id == case_id))
    reasons = {scope_of(audience) for audience in offered}
    reasons.add(unit_audience(db.get_one(Episode, case_id).unit_id))
    reasons |= {person_audience(member.user_id) for member in care_team(db, case_id)}
    places = {one for one in scopes_of_case(db, case_id) if kind_of(one) is not Kind.RCP}
    return places - reasons
