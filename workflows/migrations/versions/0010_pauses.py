"""Pauses: some diagrams of a case stand still while the others go on."""

import sqlalchemy as sa
from alembic import op

from engine.db import UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("instance", sa.Column("paused_at", UtcDateTime(), nullable=True))
