"""Work to do after the commit: asked for in a step's transaction, run and retried by workers."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Job


def later(
    db: Session,
    *,
    kind: str,
    payload: dict[str, Any],
    now: datetime,
    key: str,
    case_id: int | None = None,
) -> None:
    """Ask for a job once: the same key asked again does nothing."""
    if db.scalar(sa.select(Job.id).where(Job.key == key)) is None:
        db.add(
            Job(kind=kind, key=key, payload=payload, case_id=case_id, due_at=now, created_at=now)
        )
