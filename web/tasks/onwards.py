"""A step is behind this person: what they can do next is what they see next."""

from datetime import datetime

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import queries as engine
from engine.models import Task
from web.door import now
from web.inbox.listing import list_left
from workflows.access import reach_of
from workflows.cases import undo
from workflows.cases.queries import next_step_for
from workflows.french import listed
from workflows.rcp import queries as rcp
from workflows.rcp.rights import may_run
from workflows.staff.models import User

# Done for one case after the other of a session.
OF_A_SESSION = ("accept_registration", "postpone", "approve_rcp_sheet")


def onwards(db: Session, task: Task, user: User, done: str) -> ResponseReturnValue:
    """To where this person goes on: a session, a step in the same case, their list."""
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
    return redirect(_where(db, task, user, moment), 303)


def _where(db: Session, task: Task, user: User, moment: datetime) -> str:
    if meeting := _session_run(db, task, user):
        return meeting
    following = next_step_for(db, case_id=task.case_id, user=user, now=moment)
    if following is None:
        return list_left()
    return url_for("tasks.show", case_id=task.case_id, task_id=following.id)


def _session_run(db: Session, task: Task, user: User) -> str:
    """Whoever runs a session goes through its cases: back to its list, where the others wait."""
    registration = rcp.registration_of(db, task.instance_id)
    if task.form not in OF_A_SESSION or registration is None:
        return ""
    if (task.answers or {}).get("postponement") == "postponed" and registration.postponed_from_id:
        registration = rcp.registration(db, registration.postponed_from_id)  # the one left behind
    meeting = rcp.session(db, registration.session_id)
    if not may_run(reach_of(db, user), meeting.rcp_id):
        return ""
    return url_for("rcp.session", session_id=meeting.id, _anchor=f"rang-{registration.id}")
