"""Signed anchors over the chains of the audit trail: migration 0009 of the database."""

import sqlalchemy as sa
from alembic import op

from engine.db import UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "audit_anchor",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("chains", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_anchor")),
    )
    op.create_table(
        "audit_anchored",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["position"],
            ["audit_anchor.position"],
            name=op.f("fk_audit_anchored_position_audit_anchor"),
        ),
        sa.PrimaryKeyConstraint("position", "case_id", name=op.f("pk_audit_anchored")),
    )
    with op.batch_alter_table("audit_anchored", schema=None) as batch_op:
        batch_op.create_index("ix_audit_anchored_chain", ["case_id", "length"], unique=False)
