"""The region of the walks is founded: the release that ships with Hent, its people, one RCP."""

from datetime import date, time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.db import Base, connect, transaction
from tests.factories import make_unit, make_user
from tests.workflows.pathway import DAY_ZERO, PEOPLE, Region
from workflows.rcp import operations as rcp
from workflows.revisions import operations as revisions
from workflows.roles import ROLES, Scope

QUORUM = [
    {"label": "Chirurgie", "specialties": ["SM20"]},
    {"label": "Oncologie médicale", "specialties": ["SM36"]},
    {"label": "Radiothérapie", "specialties": ["SM45"]},
]


def publish(path: Path) -> Region:
    """The release and the region's people, written to a file that tests copy."""
    database = connect(f"sqlite:///{path}")
    Base.metadata.create_all(database)
    region = found(database)
    database.dispose()  # the last to leave writes the log back into the file
    return region


def found(database: sa.Engine) -> Region:
    """The same on a database that stands already: PostgreSQL has no file to copy."""
    region = Region(database)
    with transaction(database) as db:
        revisions.seed(db, actor="system", now=DAY_ZERO)
        _people(db, region)
    return region


def _people(db: Session, region: Region) -> None:
    unit = make_unit(db)
    region.people["unit"] = unit.id
    for code, role in ROLES.items():
        if role.scope is Scope.UNIT:
            name = f"Test {role.label.replace('’', ' ')}"
            region.people[code] = make_user(db, name, unit=unit, roles=(code,)).id
    entry = rcp.add_rcp(
        db, code="senologie", name="Sénologie", first_date=date(2026, 1, 8),
        starts=time(14), quorum_groups=QUORUM, actor="system", now=DAY_ZERO,
    )  # fmt: skip
    region.rcp_id = entry.id
    for who, (name, function, specialty) in PEOPLE.items():
        region.people[who] = make_user(db, name).id
        rcp.add_member(
            db, rcp_id=entry.id, user_id=region.people[who], function=function,
            specialty=specialty, actor="system", now=DAY_ZERO,
        )  # fmt: skip
