"""A draft is looked over, published or given up; each gesture is a plain form post."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.artifacts import Finding
from engine.errors import NotPublishable
from web.door import now, reading, writing
from web.studio.room import SHELVES, Place, author, blueprint, draft_place, head
from workflows.french import plural
from workflows.revisions import delays, differences, operations, queries
from workflows.revisions.differences import Difference
from workflows.revisions.queries import Change
from workflows.staff.queries import actor_name

KINDS = {
    "diagram": "Diagramme", "table": "Table", "dictionary": "Dictionnaire", "form": "Formulaire",
    "value_set": "Liste de valeurs", "scenario": "Scénario",
}  # fmt: skip


@dataclass(frozen=True)
class Remark:
    """A finding, with the French name of its file and where to go to mend it."""

    finding: Finding
    file: str
    name: str
    href: str


@dataclass(frozen=True)
class Changed:
    """One file of the draft that is not as before, and what that means for the teams."""

    change: Change
    title: str
    kind: str
    href: str
    details: list[Difference]


@blueprint.get("/brouillons/<int:draft_id>")
def draft_show(draft_id: int) -> ResponseReturnValue:
    with reading() as db:
        author(db)
        place = draft_place(db, draft_id)
        return render_template("studio/draft.html", shelves=SHELVES, **overview(db, place))


@blueprint.get("/brouillons/<int:draft_id>/controles")
def draft_checks(draft_id: int) -> ResponseReturnValue:
    """The tray below an editor, fresh: what is wrong, what has changed."""
    with reading() as db:
        author(db)
        shown = overview(db, draft_place(db, draft_id))
        here = request.args.get("name", "")
        return render_template("studio/_tray.html", here=here, **shown)


@blueprint.get("/brouillons/<int:draft_id>/publier")
def draft_publication(draft_id: int) -> ResponseReturnValue:
    with reading() as db:
        author(db)
        return _publication(db, draft_place(db, draft_id))


@blueprint.post("/brouillons/<int:draft_id>/publier")
def publish(draft_id: int) -> ResponseReturnValue:
    try:
        with writing() as db:
            user = author(db)
            revision = operations.publish_draft(
                db,
                draft_id=draft_id,
                actor=user.actor,
                now=now(),
                note=request.form.get("note", "").strip(),
            )
            number = revision.id
    except NotPublishable:  # its findings are those the page shows
        with reading() as db:
            return _publication(db, draft_place(db, draft_id)), 422
    flash(f"La révision {number} est en service\u202f: les nouveaux dossiers la suivent.")
    return redirect(url_for("studio.index"), 303)


@blueprint.post("/brouillons/<int:draft_id>/abandonner")
def discard(draft_id: int) -> ResponseReturnValue:
    with writing() as db:
        operations.discard(db, draft_id=draft_id, actor=author(db).actor, now=now())
    flash("Le brouillon est abandonné. Rien n’a changé pour les équipes.")
    return redirect(url_for("studio.index"), 303)


@blueprint.post("/brouillons/<int:draft_id>/retablir")
def restore(draft_id: int) -> ResponseReturnValue:
    """One file again as the revision in service has it."""
    with writing() as db:
        operations.restore(
            db,
            draft_id=draft_id,
            kind=request.form.get("kind", ""),
            name=request.form.get("name", ""),
            actor=author(db).actor,
            now=now(),
        )
    flash("Le fichier est rétabli tel qu’il est en service.")
    return redirect(url_for("studio.draft_show", draft_id=draft_id), 303)


def overview(db: Session, place: Place) -> dict[str, Any]:
    """The checks and the changes of a draft, each with its link."""
    shown = head(db, place)
    changes = _changes(db, place)
    running = queries.running_cases(db)
    return {
        **shown,
        "remarks": list(_remarks(place)),
        "changes": changes,
        "running": sum(running.values()),
        "reason": reason(place, int(str(shown["errors"])), changes, shown["serving"]),
        "kinds": KINDS,
        "published_by": actor_name(db, place.own_draft.started_by),
    }


def reason(place: Place, errors: int, changes: list[Changed], serving: object) -> str:
    """Why the draft cannot be published now; nothing when it can."""
    if place.own_draft.state != "open":
        return "Ce brouillon est déjà publié ou abandonné."
    if serving != place.own_draft.base_revision_id:
        return f"La révision {serving} a été publiée depuis le début de ce brouillon."
    if errors:
        return plural(errors, "point bloquant", "points bloquants")
    return "" if changes else "Aucun changement"


def _publication(db: Session, place: Place) -> str:
    return render_template("studio/publication.html", **overview(db, place))


def _remarks(place: Place) -> Iterable[Remark]:
    drawings = {one.name: one for one in place.drawings}
    kinds = {one.name: one.kind for one in reversed(place.artifacts)}
    titles = differences.titles_of(list(place.artifacts))
    steps = {row.id: titles.get(row.step, row.step) for row in place.delays}
    for finding in place.findings:
        drawing = drawings.get(finding.artifact)
        if drawing is not None:
            step = drawing.sheet.step(finding.element)
            yield Remark(
                finding,
                drawing.title,
                (step.name if step else "") or "",
                place.href("diagram", name=drawing.name, element=finding.element),
            )
        elif finding.artifact == delays.NAME:
            href = place.href("delays") + (f"#{finding.element}" if finding.element else "")
            yield Remark(finding, "Table des délais", steps.get(finding.element, ""), href)
        else:
            kind = kinds.get(finding.artifact, "")
            href = place.href("form", name=finding.artifact) if kind == "form" else ""
            yield Remark(finding, f"{KINDS.get(kind, 'Fichier')} {finding.artifact}", "", href)


def _changes(db: Session, place: Place) -> list[Changed]:
    titles = differences.titles_of(list(place.artifacts))
    drawings = {one.name: one.title for one in place.drawings}
    forms = {name: form.title for name, form in place.library.forms.items()}
    found = []
    for change, before, after in queries.difference(db, place.own_draft.id):
        is_delays = (change.kind, change.name) == ("table", delays.NAME)
        title = "Délais des étapes" if is_delays else drawings.get(change.name, change.name)
        details = differences.differences(change.kind, change.name, before, after, titles, forms)
        found.append(Changed(change, title, KINDS[change.kind], _editor(place, change), details))
    return found


def _editor(place: Place, change: Change) -> str:
    if change.what == "removed":
        return ""
    if change.kind == "diagram":
        return place.href("diagram", name=change.name)
    if change.kind == "table":
        return place.href("delays") if change.name == delays.NAME else place.href(
            "table", name=change.name
        )  # fmt: skip
    return ""
