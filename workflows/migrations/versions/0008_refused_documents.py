"""A document offered and not wanted: migration 0008 of the database."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refused_date", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("refused_with", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("refusal_reason", sa.String(length=300), nullable=True))
