"""Reversals: diagrams stopped so that they can come back as they stood."""

import sqlalchemy as sa
from alembic import op

from engine.db import UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "reversal",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("stopped_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_reversal_case_id", "reversal", ["case_id"])
