"""People's verbs on a case: open it, finish a step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import AlreadyCompleted, Conflict, Forbidden, StaleForm
from engine.models import Case, CaseState, Task, TaskState
from engine.step import stepping
from workflows.access import (
    grant,
    reach_of,
    require_right_to_complete,
    require_task,
    unit_audience,
)
from workflows.access.reach import Reach, permissions_of
from workflows.cases import duplicates, steps
from workflows.cases.models import Episode
from workflows.cases.undo import undoable
from workflows.deadlines.steps import date_milestones
from workflows.french import say_date, say_hour
from workflows.patients.doubles import note_pairs, probable
from workflows.patients.models import Patient
from workflows.patients.operations import PossibleDuplicate
from workflows.patients.queries import surviving
from workflows.roles import Permission
from workflows.staff import queries as staff_queries
from workflows.staff.models import User


def open_case(
    db: Session,
    *,
    patient_id: int,
    unit_id: int,
    organ: str,
    user: User,
    now: datetime,
    pathway: str = "cancer",
    data: Mapping[str, Any] | None = None,
    key: str | None = None,
    confirmed: bool = False,
) -> Episode:
    """A tumour episode starts in a unit; the same key opens it once.

    A second open case of the same organ is refused until somebody confirms a second tumour, and
    one for an identity very like another until somebody has said that they are two persons.
    """
    patient = surviving(db, patient_id)
    patient_id = patient.id
    if patient.death_date is not None:
        raise Conflict(
            f"Un décès est enregistré pour ce patient, le {say_date(patient.death_date)}\u202f: "
            "aucun dossier ne s’ouvre. Si c’est une erreur, annulez le décès depuis son dossier."
        )
    unit = staff_queries.unit(db, unit_id)
    _require_opener(db, user, unit_id)
    if key is None:
        _look_twice(db, patient, confirmed=confirmed, now=now)
    first = _running_case(db, patient_id, organ) if key is None else None
    if first is not None and not confirmed:
        raise Conflict(
            f"Un dossier du même organe, ouvert le {say_date(first.opened_at)}, suit déjà ce "
            "patient. Poursuivez-le, ou confirmez qu’il s’agit d’une seconde tumeur."
        )
    case = runtime.start_case(
        db,
        pathway=pathway,
        subject=f"patient:{patient_id}",
        actor=user.actor,
        now=now,
        data=data,
        key=key,
        run=False,
    )
    known = db.get(Episode, case.id)
    if known is not None:
        return known
    episode = Episode(
        case_id=case.id,
        patient=patient,
        unit=unit,
        establishment_id=unit.establishment_id,
        organ=organ,
        opened_at=now,
    )
    db.add(episode)
    db.flush()
    grant(db, case_id=case.id, scopes=[unit_audience(unit_id)])
    if first is not None:
        duplicates.link_second_tumour(
            db, case_id=case.id, first_id=first.id, actor=user.actor, now=now
        )
    runtime.start_instance(db, case_id=case.id, definition=pathway, actor=user.actor, now=now)
    return episode


def complete_task(
    db: Session,
    *,
    task_id: int,
    answers: Mapping[str, Any],
    user: User,
    now: datetime,
    seen_version: int | None = None,
) -> Task:
    """The only way a person finishes a step: rights, rules, dates, effects, then the engine."""
    task, reach = locked_later(db, user, task_id, now)
    with (
        undoable(db, task, user=user, now=now),
        stepping(db, task.case_id, actor=user.actor, now=now) as step,
    ):
        require_doable(db, user, reach, step.task_now(task), seen_version)
        completed = steps.CompletedForm(
            case=step.case,
            task=task,
            answers=dict(answers),
            actor=user.actor,
            user=user,
            now=now,
        )
        steps.check(db, task.form, completed)
        date_milestones(db, task=task, answers=completed.answers, actor=user.actor, now=now)
        steps.apply(db, task.form, completed)
        return runtime.complete_task(
            db, task_id=task_id, answers=completed.answers, actor=user.actor, now=now
        )


def locked_later(db: Session, user: User, task_id: int, now: datetime) -> tuple[Task, Reach]:
    """The task of a case this person may read; what else holds is asked under the lock.

    Not the roles: no lock of a case guards them, so that asking again would prove nothing.
    """
    reach = reach_of(db, user)
    task = require_task(db, user, task_id, now, action="task.change", written=False, reach=reach)
    return task, reach


def require_doable(
    db: Session, user: User, reach: Reach, task: Task, seen_version: int | None
) -> None:
    """The case is locked now: what is read here stays true until the end."""
    _require_open(db, task)
    require_right_to_complete(db, user, task, reach=reach)
    if seen_version is not None and seen_version != task.version:
        raise StaleForm(
            "Ce formulaire a changé depuis son ouverture\u202f: relisez-le avant de valider. "
            "Votre saisie est conservée."
        )


def _require_open(db: Session, task: Task) -> None:
    if task.state == TaskState.DONE:
        who = staff_queries.actor_name(db, task.completed_by)
        when = task.completed_at
        what = "déclarée sans objet" if task.outcome == "not_applicable" else "validée"
        moment = f" le {say_date(when)} à {say_hour(when)}" if when else ""
        raise AlreadyCompleted(f"Cette étape a déjà été {what} par {who}{moment}.", task.id)
    if not task.is_open:
        raise AlreadyCompleted(
            "Cette étape n’est plus à faire\u202f: le parcours a changé entre-temps.", task.id
        )


def _require_opener(db: Session, user: User, unit_id: int) -> None:
    roles = {role for unit, role in reach_of(db, user).units if unit == unit_id}
    if Permission.OPEN_CASE not in permissions_of(roles):
        raise Forbidden("Vos rôles dans cette unité ne permettent pas d’y ouvrir un dossier.")


def _look_twice(db: Session, patient: Patient, *, confirmed: bool, now: datetime) -> None:
    """Those marked as homonyms were looked at already; those in doubt are being looked at."""
    if patient.is_homonym or patient.is_doubtful:
        return
    alike = probable(db, patient)
    if alike and not confirmed:
        raise PossibleDuplicate(alike)
    if alike:
        note_pairs(db, patient, now=now)
        patient.is_homonym = True


def _running_case(db: Session, patient_id: int, organ: str) -> Case | None:
    """The first of this organ that is not closed."""
    return db.scalar(
        sa.select(Case)
        .join(Episode, Episode.case_id == Case.id)
        .where(
            Episode.patient_id == patient_id,
            Episode.organ == organ,
            Case.state != CaseState.CLOSED,
        )
        .order_by(Case.id)
        .limit(1)
    )
