"""When the due date of a task moved, and why: migration 0003 of the database."""

import sqlalchemy as sa
from alembic import op

from engine.db import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "redating",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("milestone", sa.String(length=60), nullable=False),
        sa.Column("due_before", UtcDateTime(), nullable=True),
        sa.Column("due_after", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_redating_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redating")),
    )
    with op.batch_alter_table("redating", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_redating_task_id"), ["task_id"], unique=False)
