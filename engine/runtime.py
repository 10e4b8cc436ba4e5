"""The verbs of a case: start, complete, send, cancel, suspend, resume, close, in the caller's transaction.

Every verb locks the case first, so that two commands on one case wait for each other.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import advance, audit, handlers, messages, publishing, waits
from engine.ending import cancel_instance, close_case, reopen_case
from engine.errors import AlreadyCompleted, Conflict, NotFound, StaleForm
from engine.models import (
    Case,
    Instance,
    Message,
    Task,
    TaskState,
)
from engine.step import explained, stepping
from engine.suspension import require_awake, resume_case, suspend_case

__all__ = [
    "cancel_instance",
    "close_case",
    "complete_task",
    "put_data",
    "reopen_case",
    "resume_case",
    "send_message",
    "set_due",
    "start_case",
    "start_instance",
    "suspend_case",
]

Answers = Mapping[str, Any]


def start_case(
    db: Session,
    *,
    pathway: str,
    subject: str,
    actor: str,
    now: datetime,
    data: Answers | None = None,
    revision_id: int | None = None,
    key: str | None = None,
    run: bool = True,
) -> Case:
    """Open a case on the revision in service and start its pathway; the same key opens it once.

    With `run=False` only the folder is made: call `start_instance` when its rows are in place.
    """
    if key is not None and (known := _case_of(db, key)) is not None:
        return known
    if revision_id is None:
        serving = publishing.revision_in_service(db)
        if serving is None:
            raise Conflict("Aucune révision n’est en service\u202f: publiez d’abord la première.")
        revision_id = serving.id
    case = Case(subject=subject, pathway=pathway, revision_id=revision_id, key=key, opened_at=now)
    try:
        with db.begin_nested():
            db.add(case)
    except sa.exc.IntegrityError:  # the same request, sent twice at the same moment
        if key is None or (known := _case_of(db, key)) is None:
            raise
        return known
    audit.record(
        db,
        actor=actor,
        action="case.opened",
        now=now,
        case_id=case.id,
        detail={"pathway": pathway, "revision": revision_id},
    )
    if data:
        put_data(db, case_id=case.id, values=data, actor=actor, now=now)
    if run:
        start_instance(db, case_id=case.id, definition=pathway, actor=actor, now=now)
    return case


def start_instance(
    db: Session,
    *,
    case_id: int,
    definition: str,
    actor: str,
    now: datetime,
    data: Answers | None = None,
    key: str | None = None,
    group: str | None = None,
    reply_to: tuple[int, str] | None = None,
) -> Instance:
    """Start a diagram beside the others; when the last of a group ends, `reply_to` is told."""
    with stepping(db, case_id, actor=actor, now=now) as step:
        if key is not None:
            known = db.scalar(sa.select(Instance).where(Instance.key == key))
            if known is not None:
                return known
        require_awake(step, definition)
        instance = advance.start(
            step, definition=definition, key=key, group=group, reply_to=reply_to
        )
        step.answers.put(data or {}, instance_id=instance.id, actor=actor, now=now)
        audit.record(
            db,
            actor=actor,
            action="instance.started",
            now=now,
            case_id=case_id,
            object=f"instance:{instance.id}",
            detail={"definition": definition},
        )
    return instance


def complete_task(
    db: Session,
    *,
    task_id: int,
    answers: Answers,
    actor: str,
    now: datetime,
    seen_version: int | None = None,
    outcome: str = "done",
    reason: str | None = None,
    leaves: bool = False,
) -> Task:
    """Finish an open task; its answers are kept and the diagram goes on, or nothing happens.

    With `leaves` the diagram is left here and its caller goes on, as after its end.
    AlreadyCompleted when somebody was faster, StaleForm when what was shown has changed.
    """
    task = db.get(Task, task_id)
    if task is None:
        raise NotFound("Cette étape n’existe pas.")
    with stepping(db, task.case_id, actor=actor, now=now) as step:
        if step.task_now(task).state != TaskState.OPEN:
            raise AlreadyCompleted(_why_closed(task), task.id)
        if seen_version is not None and seen_version != task.version:
            raise StaleForm(
                "Ce formulaire a changé depuis son ouverture\u202f: relisez-le avant de valider. "
                "Votre saisie est conservée."
            )
        instance = step.instance(task.instance_id)
        if not step.is_awake(instance):
            what = (
                "Ce dossier est suspendu" if step.case.suspended_at else "Cette étape est en pause"
            )
            raise Conflict(f"{what}\u202f: reprenez avant de valider.")
        task.state, task.outcome, task.reason = TaskState.DONE, outcome, reason or ""
        task.completed_at, task.completed_by = now, actor
        task.answers = dict(answers)
        step.answers.put(answers, instance_id=instance.id, actor=actor, now=now, task_id=task.id)
        audit.record(
            db,
            actor=actor,
            action="task.completed",
            now=now,
            case_id=task.case_id,
            object=f"task:{task.id}",
            detail={"element": task.element, "outcome": outcome},
        )

        def act() -> None:
            if leaves:
                advance.leave(step, instance, reason or "", token=task.token)
                return
            with explained(step.title(instance)):
                step.execution(instance).complete(task.token)
            advance.go_on(step, instance)

        step.queue(act)
    return task


def send_message(
    db: Session,
    *,
    name: str,
    case_id: int,
    actor: str,
    now: datetime,
    payload: Answers | None = None,
    key: str | None = None,
    instance_id: int | None = None,
    correlation: str | None = None,
) -> Message:
    """Send a message into a case; the same key sends it once.

    While the case is suspended it is kept, unless a diagram that goes on awaits it.
    """
    key = key or correlation
    with stepping(db, case_id, actor=actor, now=now) as step:
        if key is not None:
            known = db.scalar(sa.select(Message).filter_by(case_id=case_id, key=key))
            if known is not None:
                return known
        if name in step.release.starts:
            require_awake(step, step.release.starts[name][0])
        audit.record(
            db,
            actor=actor,
            action="message.sent",
            now=now,
            case_id=case_id,
            detail={"message": name},
        )
        return messages.route(
            step,
            name=name,
            sender=actor,
            payload=dict(payload or {}),
            instance_id=instance_id,
            key=key,
        )


def put_data(
    db: Session,
    *,
    case_id: int,
    values: Answers,
    actor: str,
    now: datetime,
    instance_id: int = 0,
) -> None:
    """Write answers outside of a task; with instance 0, only names of the case's scope fit."""
    with stepping(db, case_id, actor=actor, now=now) as step:
        step.answers.put(values, instance_id=instance_id, actor=actor, now=now)


def set_due(db: Session, *, task_id: int, due: handlers.Due, actor: str, now: datetime) -> None:
    """Re-date an open task and its timers."""
    task = db.get(Task, task_id)
    if task is None:
        raise NotFound("Cette étape n’existe pas.")
    with stepping(db, task.case_id, actor=actor, now=now) as step:
        if task.state == TaskState.OPEN:
            waits.redate(step, task, due)
            db.flush()


def _case_of(db: Session, key: str) -> Case | None:
    return db.scalar(sa.select(Case).where(Case.key == key))


def _why_closed(task: Task) -> str:
    if task.state == TaskState.CANCELLED:
        return "Cette étape n’est plus à faire\u202f: le parcours a changé entre-temps."
    return "Cette étape a déjà été validée par un collègue."
