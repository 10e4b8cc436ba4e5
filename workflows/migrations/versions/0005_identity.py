"""Identities in doubt, look-alikes, merges, and the history of each identity."""

import sqlalchemy as sa
from alembic import op

from engine.db import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "identity_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_identity_change_patient_id_patient")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_change")),
    )
    with op.batch_alter_table("identity_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_identity_change_patient_id"), ["patient_id"], unique=False
        )

    op.create_table(
        "identity_doubt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("declared_by", sa.String(length=40), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        sa.Column("status_before", sa.String(length=12), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=True),
        sa.Column("settled_by", sa.String(length=40), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_identity_doubt_patient_id_patient")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_doubt")),
    )
    with op.batch_alter_table("identity_doubt", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_identity_doubt_patient_id"), ["patient_id"], unique=False
        )
        batch_op.create_index(
            "uq_identity_doubt_open",
            ["patient_id"],
            unique=True,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )

    op.create_table(
        "identity_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("low_id", sa.Integer(), nullable=False),
        sa.Column("high_id", sa.Integer(), nullable=False),
        sa.Column("signs", sa.JSON(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["high_id"], ["patient.id"], name=op.f("fk_identity_pair_high_id_patient")
        ),
        sa.ForeignKeyConstraint(
            ["low_id"], ["patient.id"], name=op.f("fk_identity_pair_low_id_patient")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_pair")),
        sa.UniqueConstraint("low_id", "high_id", name=op.f("uq_identity_pair_low_id_high_id")),
    )
    with op.batch_alter_table("identity_pair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_pair_high_id"), ["high_id"], unique=False)
        batch_op.create_index("ix_identity_pair_open", ["decision", "found_at"], unique=False)

    op.create_table(
        "patient_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survivor_id", sa.Integer(), nullable=False),
        sa.Column("absorbed_id", sa.Integer(), nullable=False),
        sa.Column("merged_at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("survivor_before", sa.JSON(), nullable=False),
        sa.Column("absorbed_before", sa.JSON(), nullable=False),
        sa.Column("survivor_after", sa.JSON(), nullable=False),
        sa.Column("case_ids", sa.JSON(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.String(length=40), nullable=True),
        sa.Column("undone_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["absorbed_id"], ["patient.id"], name=op.f("fk_patient_merge_absorbed_id_patient")
        ),
        sa.ForeignKeyConstraint(
            ["survivor_id"], ["patient.id"], name=op.f("fk_patient_merge_survivor_id_patient")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_merge")),
    )
    with op.batch_alter_table("patient_merge", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_patient_merge_absorbed_id"), ["absorbed_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_patient_merge_survivor_id"), ["survivor_id"], unique=False
        )

    _refer_to_the_surviving_patient()


def _refer_to_the_surviving_patient() -> None:
    """SQLite adds a column with its reference in place; copying the table would break those to it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "ALTER TABLE patient ADD COLUMN merged_into_id INTEGER "
            "CONSTRAINT fk_patient_merged_into_id_patient REFERENCES patient (id)"
        )
    else:
        op.add_column("patient", sa.Column("merged_into_id", sa.Integer(), nullable=True))
        op.create_foreign_key(
            op.f("fk_patient_merged_into_id_patient"),
            "patient",
            "patient",
            ["merged_into_id"],
            ["id"],
        )
    op.create_index(op.f("ix_patient_merged_into_id"), "patient", ["merged_into_id"])
