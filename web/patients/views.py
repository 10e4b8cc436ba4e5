"""The patient list; « Ouvrir un dossier »."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

blueprint = Blueprint("patients", __name__, template_folder="templates")


@blueprint.get("/patients")
def index() -> ResponseReturnValue:
    return render_template("patients/index.html")


@blueprint.get("/dossiers/nouveau")
def new() -> ResponseReturnValue:
    return render_template("patients/index.html")
