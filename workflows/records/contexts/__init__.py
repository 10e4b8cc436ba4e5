"""A case as it stands comes in; what a document says, in French and ready to freeze, goes out."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows.patients.models import Patient
from workflows.records.contexts import parts, ppac, pps, rcp_sheet, wording
from workflows.records.contexts.source import Source
from workflows.records.models import RecordKind
from workflows.records.naming import short_kind_of

_BUILDERS = {
    RecordKind.RCP_SHEET: rcp_sheet.build,
    RecordKind.PPS: pps.build,
    RecordKind.PPAC: ppac.build,
}


def _reason(kind: RecordKind | str) -> str:
    """The question that says why there is a new version."""
    return "correction_motive" if kind == RecordKind.RCP_SHEET else "pps_update_reason"


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
        "update_reason": wording.lowered(source.label(_reason(kind), update_reason)),
        "update_detail": "" if kind == RecordKind.RCP_SHEET else source.say("pps_update_detail"),
        "short_kind": short_kind_of(db, RecordKind(kind), case_id=case_id),
        "patient": parts.patient(source),
        "establishment": parts.establishment(source),
        **_BUILDERS[RecordKind(kind)](source),
    }


# What names a person on paper; the status of the INS changes without a new document.
_NAMES = ("birth_name", "first_names", "first_name", "used_name", "birth_date", "sex")
REISSUED = "correction de l’identité du patient"


def names_another(context: Mapping[str, Any], patient: Patient) -> bool:
    """The document was made for an identity that is not the patient's any more."""
    said, known = context["patient"], parts.identity(patient, date.max)
    ins = said["ins"] and known["ins"] and said["ins"] != known["ins"]
    place = said["birth_place_code"] and said["birth_place_code"] != known["birth_place_code"]
    return any(said[name] != known[name] for name in _NAMES) or bool(ins or place)


def with_identity(context: Mapping[str, Any], patient: Patient, *, on: date) -> dict[str, Any]:
    """The same document for the right identity: what was decided and written stays word for word.

    `on` is the day it was first made: the age it says is the age of that day.
    """
    changed = {
        "patient": {**context["patient"], **parts.identity(patient, on)},
        "update_reason": REISSUED,
        "update_detail": "",
    }
    if "handover" in context:
        changed["handover"] = {**context["handover"], **parts.handover(patient)}
    return {**context, **changed}
