"""Convocations to a session and what each person answered; a guest may have an address."""

import sqlalchemy as sa
from alembic import op

from engine.db import UtcDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "rcp_convocation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("reply", sa.String(10), nullable=True),
        sa.Column("replied_at", UtcDateTime(), nullable=True),
        sa.Column("replied_by", sa.String(40), nullable=False),
        sa.Column("replacement_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["rcp_session.id"]),
        sa.ForeignKeyConstraint(["invitation_id"], ["rcp_invitation.id"]),
        sa.ForeignKeyConstraint(["replacement_id"], ["rcp_invitation.id"]),
        sa.UniqueConstraint("session_id", "user_id"),
        sa.UniqueConstraint("session_id", "invitation_id"),
    )
    op.create_index("ix_rcp_convocation_session_id", "rcp_convocation", ["session_id"])
    op.add_column(
        "rcp_invitation",
        sa.Column("email", sa.String(255), nullable=False, server_default=""),
    )
