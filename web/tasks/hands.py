"""On its own page a task is taken, given back, given to somebody, passed over, commented."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Conflict, Invalid
from web.door import now, shows_documents, signed_in, writing
from web.tasks.onwards import onwards
from web.tasks.room import (
    Trouble,
    as_left,
    blueprint,
    opened,
    show_answers,
    show_form,
    task_in_case,
)
from workflows.cases import hands, notes, skipping

ADDRESS = "/dossiers/<int:case_id>/taches/<int:task_id>"


@blueprint.post(f"{ADDRESS}/prendre")
def claim(case_id: int, task_id: int) -> ResponseReturnValue:
    with writing() as db:
        user, moment = signed_in(db), now()
        task = task_in_case(db, case_id, task_id, user, moment)
        hands.claim(db, task_id=task.id, user=user, now=moment)
        flash(f"Tâche «\u202f{task.name}\u202f» prise.", "done")
    return _back(case_id, task_id)


@blueprint.post(f"{ADDRESS}/rendre")
def release(case_id: int, task_id: int) -> ResponseReturnValue:
    with writing() as db:
        user, moment = signed_in(db), now()
        task = task_in_case(db, case_id, task_id, user, moment)
        hands.release(db, task_id=task.id, user=user, now=moment)
        flash(f"Tâche «\u202f{task.name}\u202f» rendue.", "done")
    return _back(case_id, task_id)


@blueprint.post(f"{ADDRESS}/attribuer")
def assign(case_id: int, task_id: int) -> ResponseReturnValue:
    to_user_id = request.form.get("user_id", type=int)
    if to_user_id is None:
        raise Invalid("Choisissez la personne à qui attribuer cette tâche.")
    with writing() as db:
        user, moment = signed_in(db), now()
        task = task_in_case(db, case_id, task_id, user, moment)
        hands.assign(
            db,
            task_id=task.id,
            to_user_id=to_user_id,
            user=user,
            now=moment,
            reason=request.form.get("reason", "").strip()[:200],
        )
        flash(f"Tâche «\u202f{task.name}\u202f» attribuée.", "done")
    return _back(case_id, task_id)


@blueprint.post(f"{ADDRESS}/sans-objet")
@shows_documents
def not_applicable(case_id: int, task_id: int) -> ResponseReturnValue:
    """Refused, the page comes back with its panel open and what was typed in it."""
    try:
        return _pass_over(case_id, task_id)
    except (Invalid, Conflict) as refusal:
        trouble = Trouble(
            refusal.status, "Cette étape n’est pas déclarée sans objet", refusal.message
        )
    with writing() as db:
        user, moment = signed_in(db), now()
        page = opened(db, case_id, task_id, user, moment)
        if not page.task.is_open:
            return show_answers(db, page, user=user, now=moment, trouble=trouble)
        asked = as_left(db, page, user=user, now=moment)
        return show_form(
            db, page, asked, user=user, now=moment, trouble=trouble, passed_over=request.form
        )


def _pass_over(case_id: int, task_id: int) -> ResponseReturnValue:
    with writing() as db:
        user, moment = signed_in(db), now()
        task = task_in_case(db, case_id, task_id, user, moment)
        skipping.not_applicable(
            db,
            task_id=task.id,
            reason=request.form.get("reason", ""),
            way=request.form.get("way") or None,
            user=user,
            now=moment,
            seen_version=request.form.get("_version", type=int),
        )
        return onwards(db, task, user, "déclarée sans objet")


@blueprint.post(f"{ADDRESS}/commentaires")
def comment(case_id: int, task_id: int) -> ResponseReturnValue:
    with writing() as db:
        user, moment = signed_in(db), now()
        task_in_case(db, case_id, task_id, user, moment)
        notes.add_comment(
            db,
            case_id=case_id,
            task_id=task_id,
            text=request.form.get("text", ""),
            user=user,
            now=moment,
        )
    return redirect(
        url_for("tasks.show", case_id=case_id, task_id=task_id, _anchor="commentaires"), 303
    )


def _back(case_id: int, task_id: int) -> ResponseReturnValue:
    return redirect(url_for("tasks.show", case_id=case_id, task_id=task_id), 303)
