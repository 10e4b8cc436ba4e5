"""« Alertes »: what happened that concerns the person signed in."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

blueprint = Blueprint("notices", __name__, template_folder="templates")


@blueprint.get("/alertes")
def index() -> ResponseReturnValue:
    return render_template("notices/index.html")
