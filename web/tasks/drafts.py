"""What is being typed comes in every few seconds; when it was kept, or who is on it, goes out."""

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

import forms
from engine.errors import AlreadyCompleted, Conflict
from web.door import now, signed_in, writing
from web.tasks.asking import Asked
from web.tasks.room import asked_now, blueprint, task_in_case
from workflows.cases import notes
from workflows.french import say_hour

ADDRESS = "/dossiers/<int:case_id>/taches/<int:task_id>/brouillon"


@blueprint.post(ADDRESS)
def save_draft(case_id: int, task_id: int) -> ResponseReturnValue:
    try:
        with writing() as db:
            user, moment = signed_in(db), now()
            task = task_in_case(db, case_id, task_id, user, moment)
            asked = Asked(db, task, user=user, now=moment, formdata=request.form)
            notes.save_draft(db, task_id=task_id, values=asked.typed(), user=user, now=moment)
            asked.validate()
            now_asked = asked_now(forms.sections(asked.form))
    except AlreadyCompleted as refusal:
        return jsonify(message=refusal.message, kind="done"), 409
    except Conflict as refusal:
        return jsonify(message=refusal.message, kind="writer"), 409
    return jsonify(saved=f"Enregistré à {say_hour(moment)}", time=moment.isoformat(), **now_asked)


@blueprint.post(f"{ADDRESS}/main")
def take_over(case_id: int, task_id: int) -> ResponseReturnValue:
    """On purpose: the form of whoever was typing now belongs to whoever asks."""
    with writing() as db:
        user, moment = signed_in(db), now()
        task_in_case(db, case_id, task_id, user, moment)
        draft = notes.draft_of(db, task_id)
        notes.save_draft(
            db,
            task_id=task_id,
            values=draft.values if draft else {},
            user=user,
            now=moment,
            take_over=True,
        )
    flash("Vous avez repris la main sur ce formulaire.", "done")
    return redirect(url_for("tasks.show", case_id=case_id, task_id=task_id), 303)


@blueprint.post(f"{ADDRESS}/abandon")
def discard(case_id: int, task_id: int) -> ResponseReturnValue:
    with writing() as db:
        user, moment = signed_in(db), now()
        task_in_case(db, case_id, task_id, user, moment)
        notes.discard_draft(db, task_id=task_id, user=user, now=moment)
    flash("Brouillon effacé\u202f: le formulaire est de nouveau tel qu’il s’est ouvert.", "done")
    return redirect(url_for("tasks.show", case_id=case_id, task_id=task_id), 303)
