"""Holds: an open task is postponed or blocked, with a reason and a day to come back to it."""

import sqlalchemy as sa
from alembic import op

from engine.db import UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "task_hold",
        sa.Column(
            "task_id",
            sa.Integer(),
            sa.ForeignKey("task.id"),
            primary_key=True,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=False),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("since_at", UtcDateTime(), nullable=False),
    )
    op.add_column(
        "task_offer",
        sa.Column("hold", sa.String(length=10), nullable=False, server_default=""),
    )
    op.add_column("task_offer", sa.Column("held_until", UtcDateTime(), nullable=True))
