"""« Parcours »: the revision in service, those before it, the drafts; diagrams and delays to read."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.models import Revision
from engine.publishing import revision_in_service
from web.door import now, reading, writing
from web.studio import calendars, drafts, editing, words  # noqa: F401 (their routes)
from web.studio.delays import show_delays
from web.studio.room import SHELVES, Place, author, blueprint, draft_place, head, revision_place
from workflows.revisions import differences, operations, queries
from workflows.staff.queries import actor_names


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What new cases follow today."""
    with reading() as db:
        author(db)
        serving = revision_in_service(db)
        if serving is None:
            return render_template("studio/empty.html")
        return _release(db, revision_place(db, serving.id))


@blueprint.get("/revisions/<int:number>")
def revision_show(number: int) -> ResponseReturnValue:
    with reading() as db:
        author(db)
        return _release(db, revision_place(db, number))


@blueprint.get("/revisions/<int:number>/diagrammes/<name>")
def revision_diagram(number: int, name: str) -> ResponseReturnValue:
    with reading() as db:
        author(db)
        return _diagram(db, revision_place(db, number), name)


@blueprint.get("/brouillons/<int:draft_id>/diagrammes/<name>/image")
def draft_picture(draft_id: int, name: str) -> ResponseReturnValue:
    """The drawing of a draft without its editor, to read or to print."""
    with reading() as db:
        author(db)
        return _diagram(db, draft_place(db, draft_id), name)


@blueprint.get("/revisions/<int:number>/delais")
def revision_delays(number: int) -> ResponseReturnValue:
    with reading() as db:
        author(db)
        return show_delays(db, revision_place(db, number))


@blueprint.get("/revisions/<int:number>/formulaires/<name>")
def revision_form(number: int, name: str) -> ResponseReturnValue:
    with reading() as db:
        author(db)
        return _form(db, revision_place(db, number), name)


@blueprint.get("/brouillons/<int:draft_id>/formulaires/<name>")
def draft_form(draft_id: int, name: str) -> ResponseReturnValue:
    with reading() as db:
        author(db)
        return _form(db, draft_place(db, draft_id), name)


@blueprint.post("/brouillons")
def start() -> ResponseReturnValue:
    """A draft changes nothing for anybody until it is published."""
    with writing() as db:
        user = author(db)
        title = request.form.get("title", "").strip()[:200]
        draft = operations.start_draft(db, actor=user.actor, now=now(), title=title)
        draft_id = draft.id
    return redirect(url_for("studio.draft_show", draft_id=draft_id), 303)


def _release(db: Session, place: Place) -> str:
    history = queries.revisions(db)
    open_drafts = queries.open_drafts(db)
    revision = db.get_one(Revision, place.revision)
    actors = [one.published_by for one in history] + [one.started_by for one in open_drafts]
    return render_template(
        "studio/release.html", revision=revision, history=history, drafts=open_drafts,
        running=queries.running_cases(db), authors=actor_names(db, actors),
        titles=differences.titles_of(list(place.artifacts)), shelves=SHELVES,
        tables=words.tables(place), **head(db, place),
    )  # fmt: skip


def _diagram(db: Session, place: Place, name: str) -> str:
    drawing = place.drawing(name)
    if drawing is None:
        raise NotFound("Ce diagramme n’existe pas dans cette révision.")
    return render_template(
        "studio/diagram.html", drawing=drawing, kinds=words.KINDS,
        titles=words.titles_of_forms(place), rows={row.step: row for row in place.delays},
        calls={one.sheet.id: one for one in place.drawings}, **head(db, place),
    )  # fmt: skip


def _form(db: Session, place: Place, name: str) -> str:
    spec = place.library.forms.get(name)
    if spec is None:
        raise NotFound("Ce formulaire n’existe pas dans cette révision.")
    asked_by = [
        (one, step) for one in place.drawings for step in one.sheet.tasks if step.form == name
    ]
    return render_template(
        "studio/form.html", spec=spec, library=place.library, asked_by=asked_by,
        types=words.TYPES, **head(db, place),
    )  # fmt: skip
