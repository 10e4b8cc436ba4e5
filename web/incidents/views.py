"""Those who keep Hent running see what did not happen by itself, and try again or say why not."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from web.door import now, public, reading, signed_in, writing
from workflows.incidents import operations, queries

blueprint = Blueprint("incidents", __name__, template_folder="templates")


@blueprint.get("/incidents")
def index() -> ResponseReturnValue:
    with reading() as db:
        reader = signed_in(db)
        return render_template(
            "incidents/index.html",
            board=queries.board(db, user=reader, now=now()),
            reader=reader,
        )


@blueprint.post("/incidents/relancer")
def retry_all() -> ResponseReturnValue:
    with writing() as db:
        count = operations.retry_all(db, user=signed_in(db), now=now())
    return _retried(count)


@blueprint.post("/incidents/<any(job, timer):kind>/<int:incident_id>/relancer")
def retry(kind: str, incident_id: int) -> ResponseReturnValue:
    with writing() as db:
        operations.retry(db, kind=kind, incident_id=incident_id, user=signed_in(db), now=now())
    flash("Relancé\u202f: résultat dans un instant.")
    return redirect(url_for("incidents.index"))


@blueprint.post("/incidents/<any(job, timer):kind>/<int:incident_id>/relancer-la-cause")
def retry_cause(kind: str, incident_id: int) -> ResponseReturnValue:
    with writing() as db:
        count = operations.retry_all(
            db, user=signed_in(db), now=now(), same_as=(kind, incident_id)
        )
    return _retried(count)


@blueprint.post("/incidents/<any(job, timer, message):kind>/<int:incident_id>/prendre")
def take(kind: str, incident_id: int) -> ResponseReturnValue:
    with writing() as db:
        operations.take(db, kind=kind, incident_id=incident_id, user=signed_in(db), now=now())
    flash("Vous prenez cet incident en charge.")
    return redirect(url_for("incidents.index"))


@blueprint.post("/incidents/<any(job, timer, message):kind>/<int:incident_id>/rendre")
def give_back(kind: str, incident_id: int) -> ResponseReturnValue:
    with writing() as db:
        operations.give_back(db, kind=kind, incident_id=incident_id, user=signed_in(db), now=now())
    flash("Rendu\u202f: un collègue peut le prendre en charge.")
    return redirect(url_for("incidents.index"))


@blueprint.post("/incidents/<any(job, message):kind>/<int:incident_id>/classer")
def set_aside(kind: str, incident_id: int) -> ResponseReturnValue:
    with writing() as db:
        operations.set_aside(
            db,
            kind=kind,
            incident_id=incident_id,
            reason=request.form.get("reason", ""),
            user=signed_in(db),
            now=now(),
        )
    flash("Classé, avec sa raison.")
    return redirect(url_for("incidents.index"))


@blueprint.get("/sante")
@public
def health() -> ResponseReturnValue:
    """For a probe: 200 when the database answers and no timer is late, 503 otherwise."""
    with reading() as db:
        figures = queries.health(db, now=now())
    return jsonify(figures), 503 if figures["late_timers"] else 200


def _retried(count: int) -> ResponseReturnValue:
    flash(f"{count} relancé{'s' if count > 1 else ''}\u202f: résultat dans un instant.")
    return redirect(url_for("incidents.index"))
