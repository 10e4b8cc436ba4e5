"""« Mes tâches »: a view, filters and a place in the list come in; lines and a preview go out."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from web.door import now, reading, signed_in
from workflows.cases import inbox

blueprint = Blueprint("inbox", __name__, template_folder="templates")


@blueprint.get("/")
def home() -> ResponseReturnValue:
    return redirect(url_for("inbox.index"))


@blueprint.get("/taches")
def index() -> ResponseReturnValue:
    with reading() as db:
        page = inbox.inbox(db, signed_in(db), now=now())
    return render_template("inbox/index.html", page=page)
