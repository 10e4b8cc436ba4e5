"""The studio behind the real application: the shipped revision in service, a quality manager."""

import sqlalchemy as sa

from engine import db as engine_db
from tests.factories import MORNING, make_unit, make_user
from workflows.revisions import operations
from workflows.staff.models import User


def furnish(database: sa.Engine) -> dict[str, User]:
    """The release that ships, somebody who may change it, and somebody who may not."""
    with engine_db.transaction(database) as db:
        operations.seed(db, actor="system", now=MORNING)
        people = {
            "manager": make_user(db, "Sylvie Gourvennec", roles=("quality_manager",)),
            "colleague": make_user(db, "Alan Stephan", roles=("quality_manager",)),
            "nurse": make_user(db, "Anne Riou", unit=make_unit(db), roles=("idec",)),
        }
        db.flush()
    return people
