"""« Alertes »: what happened that concerns the person signed in, the newest first."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from web.door import now, reading, signed_in, writing
from workflows.notices.operations import mark_read
from workflows.notices.queries import notices, unread_count

blueprint = Blueprint("notices", __name__, template_folder="templates")
PAGE = 50


@blueprint.get("/alertes")
def index() -> ResponseReturnValue:
    before_id = request.args.get("before", type=int)
    unread_only = request.args.get("non_lues") == "1"
    with reading() as db:
        user = signed_in(db)
        lines = notices(db, user, unread_only=unread_only, before_id=before_id, limit=PAGE + 1)
        return render_template(
            "notices/index.html",
            lines=lines[:PAGE],
            next=lines[PAGE - 1].notice.id if len(lines) > PAGE else None,
            unread=unread_count(db, user),
            unread_only=unread_only,
        )


@blueprint.post("/alertes/lues")
def read() -> ResponseReturnValue:
    """Those named, or all; a single one leads to what it is about."""
    ids = request.form.getlist("notice", type=int)
    with writing() as db:
        mark_read(db, user=signed_in(db), now=now(), notice_ids=ids or None)
    task_id, case_id, session_id = (
        request.form.get(name, type=int) for name in ("task_id", "case_id", "session_id")
    )
    if session_id:
        return redirect(f"/rcp/seances/{session_id}")
    if case_id and task_id:
        return redirect(f"/dossiers/{case_id}/taches/{task_id}")
    if case_id:
        return redirect(f"/dossiers/{case_id}")
    return redirect(url_for("notices.index"))
