"""Rcp planning: rhythms of the month, sessions that keep their slot, an agreement after closing."""

from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from engine.db import UtcDateTime

revision = "0002"
down_revision = "0001"

PARIS = ZoneInfo("Europe/Paris")


def upgrade() -> None:
    """Columns are only added: a table that others refer to is never made anew."""
    for name in ("manager_id", "network_id"):
        op.add_column("rcp", sa.Column(name, sa.String(40), nullable=False, server_default=""))
    op.add_column(
        "rcp", sa.Column("month_weeks", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    )
    op.add_column(
        "rcp", sa.Column("on_holiday", sa.String(8), nullable=False, server_default="next")
    )
    for name in ("months_ahead", "closing_days"):
        op.add_column("rcp", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("rcp", sa.Column("max_cases", sa.Integer(), nullable=True))

    op.add_column("rcp_session", sa.Column("slot_date", sa.Date(), nullable=True))
    op.add_column("rcp_session", sa.Column("cancelled_at", UtcDateTime(), nullable=True))
    op.add_column(
        "rcp_session",
        sa.Column("cancel_reason", sa.String(200), nullable=False, server_default=""),
    )
    _hold_the_slots()
    op.create_index("ix_rcp_session_slot", "rcp_session", ["rcp_id", "slot_date"], unique=True)

    op.add_column("rcp_registration", sa.Column("agreed_by", sa.Integer(), nullable=True))
    op.add_column("rcp_registration", sa.Column("agreed_at", UtcDateTime(), nullable=True))
    op.add_column(
        "rcp_registration",
        sa.Column("agreement", sa.String(300), nullable=False, server_default=""),
    )


def _hold_the_slots() -> None:
    """A session planned before stands for the day it is on; the first of a day, if there are two."""
    session = sa.table(
        "rcp_session",
        sa.column("id", sa.Integer),
        sa.column("rcp_id", sa.Integer),
        sa.column("starts_at", UtcDateTime()),
        sa.column("slot_date", sa.Date),
    )
    taken = set()
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(session.c.id, session.c.rcp_id, session.c.starts_at).order_by(
            session.c.starts_at
        )
    ).all()
    for row in rows:
        day = row.starts_at.astimezone(PARIS).date()
        if (row.rcp_id, day) not in taken:
            taken.add((row.rcp_id, day))
            connection.execute(
                sa.update(session).where(session.c.id == row.id).values(slot_date=day)
            )
