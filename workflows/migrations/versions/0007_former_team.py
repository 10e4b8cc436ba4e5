"""The units that followed a case before it was handed over."""

import sqlalchemy as sa
from alembic import op

from engine.db import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "former_team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_former_team_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_former_team_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_team")),
    )
    op.create_index("ix_former_team_case", "former_team", ["case_id"])
    op.create_index("ix_former_team_unit", "former_team", ["unit_id", "until_at"])


def downgrade() -> None:
    op.drop_table("former_team")
