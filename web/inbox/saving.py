"""« Enregistrer la vue », « Renommer », « Retirer la vue »."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from web.door import signed_in, writing
from web.inbox import listing
from web.inbox.room import blueprint
from workflows.cases import saved_views


@blueprint.post("/taches/vues")
def save_view() -> ResponseReturnValue:
    """The filters on screen, under a name; the list stays where it was."""
    filters = listing.asked(request.form)
    with writing() as db:
        made = saved_views.save(
            db, user=signed_in(db), name=request.form.get("name", ""), filters=filters
        )
    flash(f"Vue «\u202f{made.name}\u202f» enregistrée.", "done")
    return redirect(listing.address(made.filters), 303)


@blueprint.post("/taches/vues/renommer")
def rename_view() -> ResponseReturnValue:
    with writing() as db:
        made = saved_views.rename(
            db,
            user=signed_in(db),
            name=request.form.get("name", ""),
            to=request.form.get("to", ""),
        )
    flash(f"Vue renommée «\u202f{made.name}\u202f».", "done")
    return redirect(listing.address(made.filters), 303)


@blueprint.post("/taches/vues/retirer")
def remove_view() -> ResponseReturnValue:
    name = request.form.get("name", "")
    with writing() as db:
        saved_views.remove(db, user=signed_in(db), name=name)
    flash(f"Vue «\u202f{name}\u202f» retirée.", "done")
    return redirect(url_for("inbox.index"), 303)
