"""A task's form is shown; what comes back is checked, then finishes the step or shows it again."""

from flask import request
from flask.typing import ResponseReturnValue

from engine.errors import AlreadyCompleted, Conflict, Invalid, StaleForm
from web.door import now, shows_documents, signed_in, writing
from web.tasks import drafts, hands  # noqa: F401 (their routes)
from web.tasks.asking import Asked
from web.tasks.onwards import onwards
from web.tasks.room import (
    Trouble,
    as_left,
    blueprint,
    opened,
    show_answers,
    show_form,
    task_in_case,
    writer,
)
from workflows.cases import notes, operations

ADDRESS = "/dossiers/<int:case_id>/taches/<int:task_id>"


@blueprint.get(ADDRESS)
@shows_documents
def show(case_id: int, task_id: int) -> ResponseReturnValue:
    with writing() as db:
        user, moment = signed_in(db), now()
        page = opened(db, case_id, task_id, user, moment)
        if not page.task.is_open:
            return show_answers(db, page, user=user, now=moment)
        asked = as_left(db, page, user=user, now=moment)
        return show_form(db, page, asked, user=user, now=moment)


@blueprint.post(ADDRESS)
@shows_documents
def submit(case_id: int, task_id: int) -> ResponseReturnValue:
    """Each refusal undoes all; the page that comes back holds everything that was typed."""
    try:
        if {"_add", "_remove", "_refresh"} & set(request.form):
            return _again(case_id, task_id)
        return _finish(case_id, task_id)
    except AlreadyCompleted as refusal:
        return _again(
            case_id, task_id, Trouble(409, "Cette étape est déjà faite", refusal.message)
        )
    except StaleForm as refusal:
        return _again(case_id, task_id, Trouble(409, "Ce dossier a changé", refusal.message))
    except Invalid as refusal:
        return _again(case_id, task_id, _refused(refusal))
    except Conflict as refusal:
        return _again(
            case_id, task_id, Trouble(409, "Cette étape ne peut pas être validée", refusal.message)
        )


def _finish(case_id: int, task_id: int) -> ResponseReturnValue:
    with writing() as db:
        user, moment = signed_in(db), now()
        task = task_in_case(db, case_id, task_id, user, moment)
        if task.is_open:
            asked = Asked(db, task, user=user, now=moment, formdata=request.form)
            if not asked.validate():
                raise Invalid("")
            answers = asked.answers()
        else:
            answers = {}  # completing refuses, and says who was quicker
        operations.complete_task(
            db,
            task_id=task_id,
            answers=answers,
            user=user,
            now=moment,
            seen_version=request.form.get("_version", type=int),
        )
        return onwards(db, task, user, "terminée")


def _refused(refusal: Invalid) -> Trouble:
    return Trouble(
        422,
        "Cette étape n’est pas encore validée" if refusal.message else "",
        refusal.message,
        fields=dict(getattr(refusal, "fields", None) or {}),
    )


def _again(case_id: int, task_id: int, trouble: Trouble | None = None) -> ResponseReturnValue:
    """The same page with what was typed; kept as a draft too, so that leaving it loses nothing."""
    with writing() as db:
        user, moment = signed_in(db), now()
        page = opened(db, case_id, task_id, user, moment)
        asked = Asked(db, page.task, user=user, now=moment, formdata=request.form)
        if not page.task.is_open:
            trouble = trouble or Trouble(409, "Cette étape est déjà faite")
            return show_answers(db, page, user=user, now=moment, trouble=trouble, typed=asked)
        if page.may_complete and writer(page, user, moment) is None:
            notes.save_draft(db, task_id=task_id, values=asked.typed(), user=user, now=moment)
        if trouble is not None and trouble.status == 422:
            asked.validate()
        elif trouble is not None:
            trouble = Trouble(
                trouble.status, trouble.title, trouble.text, asked.changed_meanwhile()
            )
        added = request.form.get("_add", "")
        return show_form(db, page, asked, user=user, now=moment, trouble=trouble, added=added)
