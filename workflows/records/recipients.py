"""A document comes in; the accounts of those it is meant for go out."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import queries as engine_queries
from workflows.cases.care_team import care_team
from workflows.cases.models import Episode
from workflows.consent.queries import is_opposed
from workflows.notices.models import Notice
from workflows.rcp import queries as rcp_queries
from workflows.records import queries
from workflows.records.models import Record, RecordKind
from workflows.roles import GENERAL_PRACTITIONER
from workflows.staff import queries as staff_queries


def recipients(db: Session, record: Record) -> set[int]:
    """The care team, and who asked the RCP; a patient may refuse that the general practitioner is told."""
    data = engine_queries.case_data(db, record.case_id)
    refused = data.get("gp_sharing") == "refused"
    team = {
        member.user_id
        for member in care_team(db, record.case_id)
        if not (refused and member.role == GENERAL_PRACTITIONER.code)
    }
    told = team | _requester(db, record) | told_of(db, record)
    return told & _at_hand(db, record.case_id) if is_opposed(data) else told


def _at_hand(db: Session, case_id: int) -> set[int]:
    """An opposition to sharing leaves the team of the establishment, which cares for the patient."""
    own = db.get_one(Episode, case_id).establishment_id
    return {person.id for person in staff_queries.of_establishment(db, own)}


def told_of(db: Session, record: Record) -> set[int]:
    """Who was told of a version of this document, whatever their place today: they learn of the next."""
    keys = [f"record:{one.id}" for one in queries.versions(db, record.set_id)]
    return set(db.scalars(sa.select(Notice.user_id).where(Notice.key.in_(keys))))


def _requester(db: Session, record: Record) -> set[int]:
    if record.kind != RecordKind.RCP_SHEET:
        return set()
    registration = rcp_queries.registration_of(db, record.instance_id)
    asked_by = registration.requested_by if registration else ""
    return {int(asked_by[5:])} if asked_by.startswith("user:") else set()
