"""Pauses: some diagrams of a case stand still while the others go on."""

import sqlalchemy as sa
from alembic import op

from engine.db import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("instance", sa.Column("paused_at", UtcDateTime(), nullable=True))
