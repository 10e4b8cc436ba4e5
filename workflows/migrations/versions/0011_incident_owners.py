"""Incidents have an owner: who took charge of a given-up job, a stuck timer or a kept message."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for table in ("job", "timer", "message"):
        op.add_column(table, sa.Column("taken_by", sa.String(40), nullable=True))
