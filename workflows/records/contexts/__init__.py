"""A case as it stands comes in; what a document says, in French and ready to freeze, goes out."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows.records.contexts import parts


def build(
    db: Session, *, kind: str, case_id: int, instance_id: int, now: datetime
) -> dict[str, Any]:
    """The context of `documents`; what changes later (status, version) is added when rendering."""
    source = parts.Source(db, case_id=case_id, instance_id=instance_id, now=now)
    return {"patient": parts.patient(source)}
