"""« Reporter », « Bloquer », « Reprendre », for one task or for those selected."""

from collections.abc import Callable
from datetime import date, timedelta

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.errors import Invalid
from engine.models import Task
from web import typed
from web.door import is_htmx, now, reading, signed_in
from web.filters import say_day, today
from web.inbox.hands import chosen_tasks, each
from web.inbox.room import blueprint
from workflows.access import require_task
from workflows.cases import holds
from workflows.cases.models import Episode, Hold
from workflows.deadlines.calendars import calendar_of
from workflows.staff.models import User

USUAL = {
    Hold.POSTPONED: ("Patient à rappeler", "Rendez-vous à venir", "Avis demandé à un confrère"),
    Hold.BLOCKED: (
        "Compte rendu d’anatomopathologie attendu",
        "Imagerie attendue",
        "Avis d’un confrère attendu",
        "Patient injoignable",
        "Identité à qualifier",
    ),
}


@blueprint.get("/taches/reporter")
def ask_postpone() -> ResponseReturnValue:
    return _ask(Hold.POSTPONED)


@blueprint.get("/taches/bloquer")
def ask_block() -> ResponseReturnValue:
    return _ask(Hold.BLOCKED)


@blueprint.post("/taches/reporter")
def postpone() -> ResponseReturnValue:
    return _hold(Hold.POSTPONED, holds.postpone, "reportée au")


@blueprint.post("/taches/bloquer")
def block() -> ResponseReturnValue:
    return _hold(Hold.BLOCKED, holds.block, "bloquée jusqu’au")


@blueprint.post("/taches/reprendre")
def resume() -> ResponseReturnValue:
    def act(db: Session, task_id: int, user: User) -> Task:
        return holds.resume(db, task_id=task_id, user=user, now=now())

    return each(act, "reprise")


def _hold(kind: Hold, hold: Callable[..., Task], done: str) -> ResponseReturnValue:
    """A refusal brings the question back with what was typed, and says what to change."""
    reason = request.form.get("reason", "")
    try:
        until = _until()

        def act(db: Session, task_id: int, user: User) -> Task:
            return hold(db, task_id=task_id, until=until, reason=reason, user=user, now=now())

        return each(act, f"{done} {say_day(until)}", undo=True)
    except Invalid as refusal:
        response = make_response(_ask(kind, said=refusal.message), refusal.status)
        if is_htmx():
            response.headers["HX-Retarget"] = "#sheet"
            response.headers["HX-Reswap"] = "innerHTML"
        return response


def _ask(kind: Hold, said: str = "") -> str:
    """Why and until when; the day proposed is the next one people work."""
    ids = chosen_tasks(request.values.getlist("task", type=int))
    case_id = request.values.get("case", type=int)  # asked from the task's own page
    with reading() as db:
        user = signed_in(db)
        tasks = [require_task(db, user, id, now(), written=False) for id in ids]
        furthest = today() + holds.LONGEST
        last = min(
            [holds.last_day(task, now()) for task in tasks]
            if kind is Hold.POSTPONED
            else [furthest]
        )
        proposed = min(_next_working_day(db, tasks[0]), last)
        return render_template(
            "inbox/_hold.html" if is_htmx() else "inbox/hold.html",
            tasks=tasks,
            is_block=kind is Hold.BLOCKED,
            kind=kind,
            usual=USUAL[kind],
            ends_due=last < furthest,
            first=today() + timedelta(days=1),
            last=last,
            proposed=typed.day(request.form.get("until", "")) or proposed,
            reason=request.form.get("reason", ""),
            said=said,
            action=url_for("inbox.block" if kind is Hold.BLOCKED else "inbox.postpone"),
            other=url_for("inbox.ask_block", task=ids, case=case_id),
            case=case_id,
            in_dialog=is_htmx(),
        )


def _next_working_day(db: Session, task: Task) -> date:
    calendar = calendar_of(db, db.get_one(Episode, task.case_id).establishment_id)
    return calendar.shift(today(), 1, "working_days")


def _until() -> date:
    day = typed.day(request.form.get("until", ""))
    if day is None:
        raise Invalid("Choisissez le jour où revenir à cette tâche, comme 27/11/2026.")
    return day
