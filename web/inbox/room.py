"""What every view of this room starts from: its blueprint, and the pane of one task beside the list."""

from typing import Any

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from web.door import now, signed_in, writing
from web.inbox.disease import disease
from workflows.cases.whereabouts import preview
from workflows.staff.models import User

blueprint = Blueprint("inbox", __name__, template_folder="templates")


def answer_changed(text: str, task_id: int | None, *, undo: str = "") -> ResponseReturnValue:
    """After a task changed hands: its pane anew, a word about it, and the list told to follow."""
    with writing() as db:
        pane = pane_of(db, signed_in(db), task_id) if task_id else None
        html = render_template("inbox/_changed.html", pane=pane, text=text, undo=undo)
    response = make_response(html)
    response.headers["HX-Trigger"] = "inbox-changed"
    return response


def pane_of(db: Session, user: User, task_id: int) -> dict[str, Any]:
    shown = preview(db, task_id=task_id, user=user, now=now())
    return {
        "shown": shown,
        "task": shown.page.task,
        "heading": shown.page.heading,
        "disease": disease(db, shown),
        "is_mine": shown.page.assignee is not None and shown.page.assignee.id == user.id,
    }
