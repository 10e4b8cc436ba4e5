"""Diagrams and tables are changed in a draft: drawn in an editor, or asked in a plain form."""

from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Invalid, NotFound
from web.door import canvas_page, now, reading, writing
from web.filters import say_moment
from web.studio import words
from web.studio.delays import show_delays
from web.studio.drafts import overview
from web.studio.room import author, blueprint, draft_place, head
from workflows.revisions import delays, operations, queries
from workflows.revisions.operations import digest

DRAWN = ("diagram", "table")  # what the editors open
TYPES = {"diagram": "application/bpmn+xml", "table": "application/dmn+xml"}


@blueprint.get("/brouillons/<int:draft_id>/diagrammes/<name>")
@canvas_page
def draft_diagram(draft_id: int, name: str) -> ResponseReturnValue:
    with reading() as db:
        author(db)
        place = draft_place(db, draft_id)
        drawing = place.drawing(name)
        if drawing is None:
            raise NotFound("Ce diagramme n’est pas dans ce brouillon.")
        return render_template(
            "studio/editor.html", drawing=drawing, here=name, words=words.panel(place),
            element=request.args.get("element", ""), **overview(db, place),
        )  # fmt: skip


@blueprint.get("/brouillons/<int:draft_id>/tables/<name>")
@canvas_page
def draft_table(draft_id: int, name: str) -> ResponseReturnValue:
    with reading() as db:
        author(db)
        place = draft_place(db, draft_id)
        if place.content("table", name) is None:
            raise NotFound("Cette table n’est pas dans ce brouillon.")
        title = "Délais des étapes" if name == delays.NAME else _title(place, name)
        return render_template("studio/table.html", name=name, title=title, here=name,
                               **overview(db, place))  # fmt: skip


@blueprint.get("/brouillons/<int:draft_id>/fichiers/<kind>/<name>")
def draft_file(draft_id: int, kind: str, name: str) -> ResponseReturnValue:
    """The bytes an editor starts from, with the mark of that version."""
    with reading() as db:
        author(db)
        if kind not in DRAWN:
            raise NotFound("Ce fichier ne s’ouvre pas dans un éditeur.")
        content = queries.draft_artifact(db, draft_id=draft_id, kind=kind, name=name).content
    response = Response(content, mimetype=TYPES[kind])
    response.headers["ETag"] = f'"{digest(content)}"'
    return response


@blueprint.post("/brouillons/<int:draft_id>/fichiers/<kind>/<name>")
def save_file(draft_id: int, kind: str, name: str) -> ResponseReturnValue:
    """Refused when a colleague has saved the same file since this editor opened it."""
    content = request.get_data()
    if kind not in DRAWN:
        raise Invalid("Ce fichier ne se modifie pas ici.")
    seen = request.headers.get("If-Match", "").strip('"')
    if not content or not seen:
        raise Invalid("L’éditeur n’a rien envoyé. Rechargez la page.")
    with writing() as db:
        user = author(db)
        operations.edit(
            db, draft_id=draft_id, kind=kind, name=name, content=content, seen=seen,
            actor=user.actor, now=now(),
        )  # fmt: skip
    return jsonify(mark=digest(content), saved=say_moment(now()))


@blueprint.get("/brouillons/<int:draft_id>/delais")
def draft_delays(draft_id: int) -> ResponseReturnValue:
    with reading() as db:
        author(db)
        return show_delays(db, draft_place(db, draft_id))


@blueprint.post("/brouillons/<int:draft_id>/delais")
def save_delay(draft_id: int) -> ResponseReturnValue:
    """One row, from the page of delays or from the panel beside a diagram."""
    step, site = request.form.get("step", ""), request.form.get("establishment", "")
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    try:
        with writing() as db:
            user = author(db)
            if request.form.get("propre") and not site:
                raise Invalid("Choisissez l’établissement dans la liste.")
            delay = delays.read(request.form)
            operations.change_delay(
                db, draft_id=draft_id, step=step, delay=delay, establishment=site,
                actor=user.actor, now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        if wants_json:
            return jsonify(message=refusal.message), refusal.status
        return _delays_again(draft_id, step, refusal), refusal.status
    if wants_json:
        return jsonify(saved=say_moment(now()), words=f"{delay.say()}, {delay.say_reminder()}")
    flash("Le délai est enregistré dans le brouillon.")
    return _back_to_row(draft_id, step)


@blueprint.post("/brouillons/<int:draft_id>/delais/retirer")
def remove_own_delay(draft_id: int) -> ResponseReturnValue:
    """An establishment follows the delay of everybody again."""
    step = request.form.get("step", "")
    with writing() as db:
        user = author(db)
        operations.remove_own_delay(
            db, draft_id=draft_id, step=step, actor=user.actor, now=now(),
            establishment=request.form.get("establishment", ""),
        )  # fmt: skip
    flash("L’établissement suit de nouveau le délai commun, dans le brouillon.")
    return _back_to_row(draft_id, step)


def _back_to_row(draft_id: int, step: str) -> ResponseReturnValue:
    return redirect(
        url_for("studio.draft_delays", draft_id=draft_id, step=step) + f"#row-{step}", 303
    )


@blueprint.get("/brouillons/<int:draft_id>/diagrammes/<name>/etapes")
def draft_steps(draft_id: int, name: str) -> ResponseReturnValue:
    """The same edits as the panel of the editor, without drawing and without a script."""
    with reading() as db:
        author(db)
        return _steps(db, draft_id, name)


@blueprint.post("/brouillons/<int:draft_id>/diagrammes/<name>/etapes")
def save_step(draft_id: int, name: str) -> ResponseReturnValue:
    typed = request.form
    try:
        with writing() as db:
            user = author(db)
            operations.change_step(
                db, draft_id=draft_id, diagram=name, step=typed.get("step", ""),
                name=typed.get("name", ""), form=typed.get("form", ""),
                deadline=typed.get("deadline", ""), actor=user.actor, now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        with reading() as db:
            page = _steps(db, draft_id, name, typed=typed.to_dict(), error=refusal.message)
            return page, refusal.status
    flash("L’étape est enregistrée dans le brouillon.")
    return redirect(url_for("studio.draft_steps", draft_id=draft_id, name=name), 303)


def _steps(db: Any, draft_id: int, name: str, **more: Any) -> str:
    place = draft_place(db, draft_id)
    drawing = place.drawing(name)
    if drawing is None:
        raise NotFound("Ce diagramme n’est pas dans ce brouillon.")
    return render_template(
        "studio/steps.html", drawing=drawing, forms=words.forms_of(place),
        rows=place.delays, **{**head(db, place), "typed": {}, "error": "", **more},
    )  # fmt: skip


def _delays_again(draft_id: int, step: str, refusal: Invalid) -> str:
    with reading() as db:
        return show_delays(
            db,
            draft_place(db, draft_id),
            typed=request.form,
            open_step=step,
            open_site=request.form.get("establishment", ""),
            error=refusal.message,
        )


def _title(place: Any, name: str) -> str:
    return next((title for file, title, _ in words.tables(place) if file == name), name)
