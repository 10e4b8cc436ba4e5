"""A case's documents are listed, version by version; one of them is handed over as PDF."""

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from engine import audit
from web.door import is_framed, now, signed_in, writing
from workflows.access import require_case
from workflows.cases import former
from workflows.cases.queries import heading
from workflows.records import queries
from workflows.records.models import KIND_LABELS, STATUS_LABELS, Record
from workflows.staff import queries as staff

blueprint = Blueprint("records", __name__, template_folder="templates")
TONES = {"draft": "draft", "approved": "done", "replaced": "none"}


@blueprint.get("/dossiers/<int:case_id>/documents")
def index(case_id: int) -> ResponseReturnValue:
    with writing() as db:
        head = heading(db, case_id=case_id, user=signed_in(db), now=now())
        found = queries.records_of(db, case_id)
        names = staff.actor_names(db, [one.approved_by or one.produced_by for one in found])
        return render_template(
            "records/index.html",
            heading=head,
            patient=head.patient,
            chains=_chains(found),
            by_id={one.id: one for one in found},
            names=names,
            labels=KIND_LABELS,
            statuses=STATUS_LABELS,
            tones=TONES,
        )


@blueprint.get("/documents/<int:record_id>.pdf")
@is_framed
def pdf(record_id: int) -> ResponseReturnValue:
    """The bytes of the present state; a page that waits while they are being laid out."""
    with writing() as db:
        user, record = signed_in(db), queries.record(db, record_id)
        if not former.may_read_record(db, record=record, user=user):
            require_case(db, user, record.case_id, now(), written=False)
        audit.record(
            db,
            actor=user.actor,
            action="record.read",
            now=now(),
            case_id=record.case_id,
            object=f"record:{record.id}",
        )
        content = queries.pdf_of(db, record_id)
    if content is None:
        page = render_template("records/waiting.html", record=record)
        return page, 202, {"Refresh": "3", "Cache-Control": "no-store"}
    name = f"{record.kind.replace('_', '-')}-{record.number}-v{record.version}.pdf"
    return Response(
        content,
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{_plain(name)}"',
            "Cache-Control": "no-store",
        },
    )


def _chains(records: Sequence[Record]) -> list[list[Record]]:
    """Versions of one document together, the newest first; documents by their latest version."""
    ordered = sorted(records, key=lambda one: one.set_id)
    chains = [
        sorted(chain, key=lambda one: -one.version)
        for _, chain in groupby(ordered, key=lambda one: one.set_id)
    ]
    return sorted(chains, key=lambda chain: chain[0].produced_at, reverse=True)


def _plain(name: str) -> str:
    """A file name that no header can break out of, and that names nobody."""
    return "".join(one if one.isalnum() or one in "-._" else "-" for one in name)
