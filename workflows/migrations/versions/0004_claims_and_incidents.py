"""Claims and incidents: leases of timers and jobs, why they failed or were set aside."""

import sqlalchemy as sa
from alembic import op

from engine.db import UtcDateTime

revision = "0004"
down_revision = "0003"

WORDS = (("timer", "blame", 12), ("job", "blame", 12), ("job", "reason", 200), ("message", "reason", 200))  # fmt: skip


def upgrade() -> None:
    for table, name in (
        ("timer", "claimed_until"),
        ("timer", "retry_at"),
        ("job", "claimed_until"),
    ):
        op.add_column(table, sa.Column(name, UtcDateTime(), nullable=True))
    for table, name, length in WORDS:
        op.add_column(table, sa.Column(name, sa.String(length), nullable=False, server_default=""))
