"""Claims of timers and jobs, and why they failed or were set aside."""

import sqlalchemy as sa
from alembic import op

from engine.db import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("timer", sa.Column("claimed_until", UtcDateTime(), nullable=True))
    op.add_column("timer", sa.Column("retry_at", UtcDateTime(), nullable=True))
    op.add_column("job", sa.Column("claimed_until", UtcDateTime(), nullable=True))
    for table, name, length in (
        ("timer", "blame", 12),
        ("job", "blame", 12),
        ("job", "reason", 200),
        ("message", "reason", 200),
    ):
        _add_text(table, name, length)


def _add_text(table: str, name: str, length: int) -> None:
    """Rows that are there already get nothing; the model writes it from now on."""
    op.add_column(
        table, sa.Column(name, sa.String(length=length), nullable=False, server_default="")
    )
    with op.batch_alter_table(table) as batch:
        batch.alter_column(name, server_default=None, existing_type=sa.String(length=length))


def downgrade() -> None:
    for table, name in (
        ("message", "reason"),
        ("job", "reason"),
        ("job", "blame"),
        ("timer", "blame"),
        ("job", "claimed_until"),
        ("timer", "retry_at"),
        ("timer", "claimed_until"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(name)
