"""« Prendre », « Rendre », « Attribuer », for one task or for those selected."""

from collections.abc import Callable, Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Invalid, Refusal
from engine.models import Task
from web.door import is_htmx, now, reading, signed_in, writing
from web.inbox.room import answer_changed, blueprint
from workflows.access import require_task
from workflows.cases import hands
from workflows.french import plural
from workflows.staff import queries as staff
from workflows.staff.models import User

MOST = 50  # as many as one page of the list shows


@blueprint.post("/taches/prendre")
def claim() -> ResponseReturnValue:
    def take(db, task_id: int, user: User) -> Task:  # type: ignore[no-untyped-def]
        return hands.claim(db, task_id=task_id, user=user, now=now())

    return each(take, "prise")


@blueprint.post("/taches/rendre")
def release() -> ResponseReturnValue:
    def give_back(db, task_id: int, user: User) -> Task:  # type: ignore[no-untyped-def]
        return hands.release(db, task_id=task_id, user=user, now=now())

    return each(give_back, "rendue")


@blueprint.get("/taches/attribuer")
def choose_person() -> ResponseReturnValue:
    """Those who hold the role of every task chosen."""
    ids = chosen_tasks(request.args.getlist("task", type=int))
    with reading() as db:
        user = signed_in(db)
        tasks = [require_task(db, user, id, now(), written=False) for id in ids]
        offered = [
            {one.id: one for one in hands.candidates(db, task_id=id, user=user, now=now())}
            for id in ids
        ]
        common = set.intersection(*(set(one) for one in offered))
        people = [one for id, one in offered[0].items() if id in common]
        template = "inbox/_assign.html" if is_htmx() else "inbox/assign.html"
        return render_template(template, tasks=tasks, people=people, me=user)


@blueprint.post("/taches/attribuer")
def assign() -> ResponseReturnValue:
    to_user_id = request.form.get("user_id", type=int)
    if to_user_id is None:
        raise Invalid("Choisissez une personne.")
    reason = request.form.get("reason", "").strip()[:200]
    with reading() as db:
        name = staff.user(db, to_user_id).display_name

    def give(db, task_id: int, user: User) -> Task:  # type: ignore[no-untyped-def]
        return hands.assign(
            db, task_id=task_id, to_user_id=to_user_id, user=user, now=now(), reason=reason
        )

    return each(give, f"attribuée à {name}")


def each(act: Callable[..., Task], done: str, *, undo: bool = False) -> ResponseReturnValue:
    """Each task in a transaction of its own: one that is refused does not undo the others.

    `undo`: « Reprendre » takes it back, and is offered with the word that it is done.
    """
    ids = chosen_tasks(request.values.getlist("task", type=int))
    acted: list[str] = []
    refused: list[Refusal] = []
    for task_id in ids:
        try:
            with writing() as db:
                acted.append(act(db, task_id, signed_in(db)).name)
        except Refusal as refusal:
            refused.append(refusal)
    if not acted:
        raise refused[0]
    text = _said(acted, refused, done)
    back = url_for("inbox.resume", task=ids) if undo and acted else ""
    if is_htmx():
        return answer_changed(text, ids[0] if len(ids) == 1 else None, undo=back)
    flash(text, f"undo {back}" if back else ("late" if refused else "done"))
    return redirect(_back(ids))


def _said(acted: Sequence[str], refused: Sequence[Refusal], done: str) -> str:
    if len(acted) == 1 and not refused:
        return f"Tâche «\u202f{acted[0]}\u202f» {done}"
    verb, _, rest = done.partition(" ")
    several = f"{verb}s {rest}".strip() if len(acted) > 1 else done
    text = f"{plural(len(acted), 'tâche')} {several}"
    if refused:
        text += f", {plural(len(refused), 'refusée')}\u202f: {refused[0].message}"
    return text


def chosen_tasks(ids: Sequence[int]) -> list[int]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        raise Invalid("Sélectionnez au moins une tâche.")
    if len(wanted) > MOST:
        raise Invalid(f"Sélectionnez {MOST} tâches au plus.")
    return wanted


def _back(ids: Sequence[int]) -> str:
    """Where it was asked: on the page of a task, or in the list."""
    if case_id := request.form.get("case", type=int):
        return url_for("tasks.show", case_id=case_id, task_id=ids[0])
    return url_for("inbox.index", task=ids[0] if len(ids) == 1 else None)
