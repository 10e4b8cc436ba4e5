"""One case in an open meeting comes in; what was decided of it goes into its diagram, all or nothing."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Conflict, Invalid
from engine.models import Task, TaskState
from workflows.cases import operations as cases
from workflows.french import listed, say_hour
from workflows.rcp import holding, meeting, postponing, queries, rights, states
from workflows.rcp.models import Registration, SessionState
from workflows.rcp.models import RegistrationState as State
from workflows.staff import queries as staff
from workflows.staff.models import User

# Steps of the meeting, in the order they may come up; the diagram says which do.
STEPS = ("register_conforming_case", "discuss_case", "record_rcp_decision")
CASE_STATUSES = ("discussed", "registered")
WARM = timedelta(minutes=2)  # a colleague saved a moment ago: probably still typing


def decide(
    db: Session,
    *,
    registration_id: int,
    case_status: str,
    answers: Mapping[str, Mapping[str, Any]],
    user: User,
    now: datetime,
) -> Registration:
    """« Valider »: the case is called with today's quorum, then its steps are done one by one."""
    registration = _in_meeting(db, registration_id, user)
    if registration.called_at is None:
        _call(db, registration, case_status, user=user, now=now)
    done = 0
    for form in STEPS:
        task = open_step(db, registration, form)
        if task is not None and form in answers:
            cases.complete_task(db, task_id=task.id, answers=answers[form], user=user, now=now)
            done += 1
    if not done:
        raise Conflict(_already_done(db, registration))
    registration.draft = registration.draft_by = registration.draft_at = None
    db.flush()
    return registration


def set_aside(
    db: Session, *, registration_id: int, reason: str, user: User, now: datetime
) -> Registration:
    """« Non discuté », with why; the secretariat then says where the case goes."""
    registration = _in_meeting(db, registration_id, user)
    if registration.called_at is not None or registration.state != State.ON_AGENDA:
        raise Conflict(_already_done(db, registration))
    postponing.set_aside(
        db, registration_id=registration_id, reason=reason, actor=user.actor, now=now
    )
    return registration


def save_draft(
    db: Session, *, registration_id: int, values: Mapping[str, Any], user: User, now: datetime
) -> Registration:
    """Keep what is typed; the second of two people is told who types."""
    registration = _in_meeting(db, registration_id, user)
    other = registration.draft_by
    if (
        other not in (None, user.id)
        and registration.draft_at
        and now - registration.draft_at < WARM
    ):
        raise Conflict(
            f"{staff.user(db, other).display_name} saisit l’avis de ce dossier "
            f"(enregistré à {say_hour(registration.draft_at)}). Attendez sa validation."
        )
    registration.draft, registration.draft_by, registration.draft_at = dict(values), user.id, now
    db.flush()
    return registration


def open_step(db: Session, registration: Registration, form: str) -> Task | None:
    return db.scalar(
        sa.select(Task).where(
            Task.instance_id == registration.instance_id,
            Task.form == form,
            Task.state == TaskState.OPEN,
        )
    )


def _in_meeting(db: Session, registration_id: int, user: User) -> Registration:
    registration = holding.passage(db, registration_id)
    sitting = rights.require_run(db, user, registration.session_id)
    if sitting.state != SessionState.OPEN:
        raise Conflict("La séance n’est pas ouverte. Ouvrez-la pour étudier un dossier.")
    return registration


def _call(
    db: Session, registration: Registration, case_status: str, *, user: User, now: datetime
) -> None:
    _require_quorum(db, registration, now)
    if case_status not in CASE_STATUSES:
        raise Invalid("Dites si le cas est discuté ou enregistré.")
    if case_status != registration.case_status:
        registration.case_status = case_status
        runtime.put_data(
            db,
            case_id=registration.case_id,
            instance_id=registration.instance_id,
            values={"case_status": case_status},
            actor=user.actor,
            now=now,
        )
    meeting.call_case(db, registration_id=registration.id, actor=user.actor, now=now)


def _require_quorum(db: Session, registration: Registration, now: datetime) -> None:
    found = queries.quorum(db, registration, now)
    if found.status == "unknown":
        raise Invalid("Personne n’est noté présent. Émargez les participants, puis validez.")
    if not found.reached:
        raise Invalid(
            f"Le quorum de ce dossier n’est pas atteint\u202f: il manque {listed(found.missing)}. "
            "Notez une arrivée, ou choisissez «\u202fNon discuté\u202f»."
        )


def _already_done(db: Session, registration: Registration) -> str:
    """Who was faster, in a sentence."""
    last = db.scalar(
        sa.select(Task)
        .where(
            Task.instance_id == registration.instance_id,
            Task.form.in_(STEPS),
            Task.state == TaskState.DONE,
        )
        .order_by(Task.completed_at.desc(), Task.id.desc())
        .limit(1)
    )
    if last is None or last.completed_at is None:
        label = states.STATE_LABELS[registration.state].lower()
        return f"Ce dossier n’attend pas d’avis\u202f: son inscription est «\u202f{label}\u202f»."
    who = staff.actor_name(db, last.completed_by)
    return f"Ce dossier a déjà été validé par {who} à {say_hour(last.completed_at)}."
