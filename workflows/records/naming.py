"""A kind of document and its case come in; the chain it belongs to and its number go out."""

from sqlalchemy.orm import Session

from workflows.cases.models import Episode
from workflows.french import PARIS
from workflows.rcp import queries as rcp_queries
from workflows.records.models import KIND_LABELS, RecordKind
from workflows.staff import queries as staff_queries

# INCa says « après-cancer »; some sites say « après-traitement », where cancer is not over.
_AFTER_TREATMENT = "Programme personnalisé d’après-traitement"
_SHORT = {RecordKind.RCP_SHEET: "FRCP", RecordKind.PPS: "PPS", RecordKind.PPAC: "PPAC"}


def title_of(db: Session, kind: RecordKind, *, case_id: int) -> str:
    """What the document is called on the site of the case."""
    return _AFTER_TREATMENT if _says_ppat(db, kind, case_id) else KIND_LABELS[kind]


def short_kind_of(db: Session, kind: RecordKind, *, case_id: int) -> str:
    return "PPAT" if _says_ppat(db, kind, case_id) else _SHORT[kind]


def set_of(kind: RecordKind, *, case_id: int, instance_id: int) -> str:
    """Each RCP has a sheet of its own; the PPS and the PPAC of a case are one chain each."""
    owner = instance_id if kind == RecordKind.RCP_SHEET else case_id
    return f"{kind}:{owner}"


def number_of(db: Session, kind: RecordKind, *, case_id: int, instance_id: int) -> str:
    """« 2026-SENOLOGIE-00042 » for a sheet, « PPS-2026-00012 » otherwise; the same for a whole chain."""
    registration = rcp_queries.registration_of(db, instance_id)
    if kind == RecordKind.RCP_SHEET and registration is not None:
        meeting = rcp_queries.session(db, registration.session_id)
        code = rcp_queries.rcp(db, meeting.rcp_id).code.upper()
        year = meeting.starts_at.astimezone(PARIS).year
        return f"{year}-{code[:24]}-{instance_id:05d}"
    year = db.get_one(Episode, case_id).opened_at.astimezone(PARIS).year
    return f"{_SHORT[kind]}-{year}-{case_id:05d}"


def _says_ppat(db: Session, kind: RecordKind, case_id: int) -> bool:
    site = db.get_one(Episode, case_id).establishment_id
    chosen = staff_queries.setting(
        db, "after_care_document", establishment_id=site, default="PPAC"
    )
    return kind == RecordKind.PPAC and chosen == "PPAT"
