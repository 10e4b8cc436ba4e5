"""A step is behind this person: what they can do next is what they see next."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import queries as engine
from engine.models import Task
from web.door import now
from workflows.cases import undo
from workflows.cases.queries import next_step_for
from workflows.french import listed
from workflows.staff.models import User


def onwards(db: Session, task: Task, user: User, done: str) -> ResponseReturnValue:
    """To this person's next step in the same case, else to the case; a word says what follows."""
    moment = now()
    followed = [
        one
        for one in engine.open_tasks(db, task.case_id)
        if one.opened_at == moment and one.id != task.id
    ]
    words = f"Tâche «\u202f{task.name}\u202f» {done}."
    if followed:
        words += f" Ensuite\u202f: {listed([f'{one.name} ({one.lane})' for one in followed[:3]])}."
    if undo.last_step(db, case_id=task.case_id, user=user, now=moment):
        flash(words, f"undo {url_for('cases.take_back', case_id=task.case_id)}")
    else:
        flash(words, "done")
    following = next_step_for(db, case_id=task.case_id, user=user, now=moment)
    if following is None:
        return redirect(url_for("cases.show", case_id=task.case_id), 303)
    return redirect(url_for("tasks.show", case_id=task.case_id, task_id=following.id), 303)
