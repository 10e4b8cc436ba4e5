"""A session comes in; its agenda or its attendance sheet goes out as a PDF, laid out on the spot."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from documents import pdf
from engine import audit
from web.door import writing
from web.rcp.room import Asked, blueprint, reader
from workflows.rcp import papers


@blueprint.get("/seances/<int:session_id>/ordre-du-jour.pdf")
def agenda_pdf(session_id: int) -> ResponseReturnValue:
    """It names patients: who printed it is written down."""
    with writing() as db:
        asked = reader(db, session_id)
        context = papers.agenda(db, meeting=asked.meeting, user=asked.user, now=asked.now)
        _record(asked, "rcp.agenda_printed")
    return _paper("rcp_agenda", context, f"ordre-du-jour-{session_id}.pdf")


@blueprint.get("/seances/<int:session_id>/emargement.pdf")
def attendance_pdf(session_id: int) -> ResponseReturnValue:
    with writing() as db:
        asked = reader(db, session_id)
        context = papers.attendance(db, meeting=asked.meeting, now=asked.now)
        _record(asked, "rcp.attendance_printed")
    return _paper("rcp_attendance", context, f"emargement-{session_id}.pdf")


def _record(asked: Asked, action: str) -> None:
    audit.record(
        asked.db,
        actor=asked.user.actor,
        action=action,
        now=asked.now,
        object=f"rcp_session:{asked.meeting.id}",
    )


def _paper(template: pdf.Template, context: Mapping[str, Any], name: str) -> Response:
    """Laid out once the transaction is over: a page of paper makes nobody wait to write."""
    return Response(
        pdf.render(template, context),
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
