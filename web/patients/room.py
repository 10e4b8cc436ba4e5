"""The room's blueprint: its views hang their routes on it."""

from flask import Blueprint

blueprint = Blueprint("patients", __name__, template_folder="templates")
