"""A version that changed state comes in as a job; its PDF, kept by content, goes out.

Laying out takes seconds: it is done between two short transactions, and holds nobody up.
"""

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from documents import pdf
from engine import audit, blobs
from engine.handlers import Work, Write, slow_job
from engine.publishing import artifacts_of
from workflows.rcp import queries as rcp_queries
from workflows.records import queries
from workflows.records.contexts.wording import lowered, with_article
from workflows.records.models import Record, RecordKind, RecordStatus, Rendition
from workflows.roles import ROLES
from workflows.staff.models import User


@slow_job("render_record")
def render_record(db: Session, payload: dict[str, Any], *, now: datetime) -> Work | None:
    """Lay a version out as it stands; a state that was laid out already stays as it is."""
    record = queries.record(db, payload["record_id"])
    if queries.rendition(db, record.id, record.status) is not None:
        return None
    return partial(
        _lay_out,
        RecordKind(record.kind),
        {**record.context, "document": document(db, record)},
        templates(db, record.revision_id),
        partial(_keep, record_id=record.id, status=record.status, now=now),
    )


def _lay_out(
    kind: RecordKind, context: dict[str, Any], source: dict[str, bytes], keep: partial[None]
) -> Write:
    return partial(keep, content=pdf.render(kind.value, context, template_source=source))


def _keep(db: Session, *, content: bytes, record_id: int, status: str, now: datetime) -> None:
    """The pages show the state that was read; when it has changed since, its own job follows."""
    record = db.get_one(Record, record_id, with_for_update=True)
    if record.status != status or queries.rendition(db, record_id, status) is not None:
        return
    record.pdf_hash = blobs.keep(db, content)
    db.add(
        Rendition(record_id=record_id, status=status, pdf_hash=record.pdf_hash, rendered_at=now)
    )
    db.flush()
    audit.record(
        db,
        actor="system",
        action="record.rendered",
        now=now,
        case_id=record.case_id,
        object=f"record:{record.id}",
        detail={"status": record.status, "sha256": record.pdf_hash},
    )


def document(db: Session, record: Record) -> dict[str, Any]:
    """Which version this is and what became of it: what the frozen context cannot know."""
    before = queries.latest_approved(db, record.set_id, before=record.version)
    after = queries.replaced_by(db, record.id) if record.status == RecordStatus.REPLACED else None
    return {
        "kind": record.title,
        "short_kind": record.context["short_kind"],
        "number": record.number,
        "version": record.version,
        "status": str(record.status),
        "produced_at": record.produced_at.isoformat(),
        "produced_by": _person(db, record.produced_by),
        "approved_at": record.approved_at.isoformat() if record.approved_at else "",
        "approved_by": _approver(db, record),
        "replaces": _version(before),
        "replaced_by": _version(after),
        "handed_over": _handover(record),
        "update_reason": record.context.get("update_reason", ""),
        "update_detail": record.context.get("update_detail", ""),
    }


def templates(db: Session, revision_id: int) -> dict[str, bytes]:
    """The templates frozen with a revision, by the names of their files."""
    return {
        artifact.name: artifact.content
        for artifact in artifacts_of(db, revision_id)
        if artifact.kind == "template"
    }


def _version(record: Record | None) -> dict[str, Any] | None:
    """Dated by its approval, as people know it; a draft by the day it was made."""
    if record is None:
        return None
    return {
        "version": record.version,
        "date": (record.approved_at or record.produced_at).isoformat(),
    }


def _handover(record: Record) -> dict[str, str] | None:
    """Invariant 5: both, or it was not given."""
    if record.handed_over_date is None or not record.handed_over_by:
        return None
    return {"date": record.handed_over_date.isoformat(), "by": record.handed_over_by}


def _person(db: Session, actor: str) -> dict[str, str]:
    user = db.get(User, int(actor.removeprefix("user:"))) if actor.startswith("user:") else None
    if user is None:
        return {"name": "Hent", "role": "", "phone": "", "rpps": ""}
    return {
        "name": user.display_name,
        "role": lowered(user.occupation or _first_role(user)),
        "phone": user.phone,
        "rpps": user.rpps or "",
    }


def _approver(db: Session, record: Record) -> dict[str, str] | None:
    """« le Dr Yann Kervella », for the sheet with the seat that gives the right."""
    if record.approved_by is None:
        return None
    person = _person(db, record.approved_by)
    person["name"] = with_article(person["name"])
    if record.kind == RecordKind.RCP_SHEET:
        person["role"] = _seat(db, record)
    return person


def _seat(db: Session, record: Record) -> str:
    registration = rcp_queries.registration_of(db, record.instance_id)
    if registration is None:
        return ""
    meeting = rcp_queries.session(db, registration.session_id)
    functions = {
        f"user:{member.user_id}": member.function
        for member in rcp_queries.coordinators(db, meeting.rcp_id)
    }
    deputy = functions.get(record.approved_by or "") == "deputy"
    return (
        "médecin coordonnateur suppléant de la RCP"
        if deputy
        else "médecin coordonnateur de la RCP"
    )


def _first_role(user: User) -> str:
    return next((ROLES[code].label for code in sorted(user.role_codes)), "")
