"""A case as it stands comes in; what a document says, in French and ready to freeze, goes out."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows.records.contexts import parts, ppac, pps, rcp_sheet, wording
from workflows.records.contexts.source import Source
from workflows.records.models import RecordKind
from workflows.records.naming import short_kind_of

_BUILDERS = {
    RecordKind.RCP_SHEET: rcp_sheet.build,
    RecordKind.PPS: pps.build,
    RecordKind.PPAC: ppac.build,
}


def build(
    db: Session,
    *,
    kind: RecordKind | str,
    case_id: int,
    instance_id: int,
    now: datetime,
    update_reason: str | None = None,
) -> dict[str, Any]:
    """The context of `documents`; what changes later (status, version) is added when rendering."""
    source = Source(db, case_id=case_id, instance_id=instance_id, now=now)
    return {
        "update_reason": wording.lowered(source.label("pps_update_reason", update_reason)),
        "short_kind": short_kind_of(db, RecordKind(kind), case_id=case_id),
        "patient": parts.patient(source),
        "establishment": parts.establishment(source),
        **_BUILDERS[RecordKind(kind)](source),
    }
