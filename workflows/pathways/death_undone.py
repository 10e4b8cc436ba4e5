"""A death recorded by mistake is taken back: the case, its steps and timers come back as they stood.

What cannot come back is said, in the case and to whoever undoes it: people told, meetings gone by.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit, reversal, runtime
from engine import queries as engine_queries
from engine.errors import Conflict, Invalid
from engine.models import CaseState, Task, TaskState
from workflows.access import require_case, require_permission
from workflows.cases import notes, offers
from workflows.cases.models import Episode
from workflows.deadlines.operations import forget_milestone
from workflows.french import plural
from workflows.pathways.death import DEATH
from workflows.pathways.death_elsewhere import cases_of_patient
from workflows.patients import operations as patients
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import RegistrationState
from workflows.rcp.reinstating import reinstate
from workflows.roles import Permission
from workflows.staff.models import User

REASON = "Décès enregistré par erreur."
_ANSWERS = (
    "death_date",
    "death_place",
    "death_cause",
    "death_reported_by",
    "death_gp_informed",
    "death_sites_informed",
    "death_appointments_cancelled",
    "death_comment",
)


def may_undo(db: Session, case_id: int) -> bool:
    """Whether a death is recorded in this case."""
    return engine_queries.case_data(db, case_id).get("death_date") is not None


def undo_death(db: Session, *, case_id: int, reason: str, user: User, now: datetime) -> list[str]:
    """Take the death back; what could not come back, one French sentence each."""
    require_case(db, user, case_id, now, written=False)
    require_permission(db, user, Permission.OPEN_CASE, case_id)
    reason = reason.strip()
    if not 3 <= len(reason) <= 200:
        raise Invalid(
            "Dites en quelques mots (200 caractères au plus) d’où vient l’erreur.",
            {"reason": "Motif attendu."},
        )
    if not may_undo(db, case_id):
        raise Conflict("Aucun décès n’est enregistré dans ce dossier.")
    cases = [one for one in cases_of_patient(db, case_id) if may_undo(db, one)]
    since = _recorded_at(db, cases)
    told = _where_told(db, cases, since)
    for one in cases:  # a patient followed in two cases had died in both
        _bring_back(db, one, actor=user.actor, now=now)
        _forget(db, one, actor=user.actor, now=now)
    patient_id = db.get_one(Episode, case_id).patient_id
    patients.undo_death(db, patient_id=patient_id, actor=user.actor, now=now)
    lost = _told(told is not None)
    for one in cases:
        lost += [*_meetings(db, one, user.actor, now), *_late(db, one, since, now)]
        offers.rewrite(db, one)
    if told is not None:
        runtime.send_message(db, name="death_corrected", case_id=told, actor=user.actor, now=now)
    said = f"Décès annulé, enregistré par erreur\u202f: {reason}. {' '.join(lost)}".strip()
    notes.add_comment(db, case_id=case_id, text=said, user=user, now=now)
    for one in cases:
        audit.record(db, actor=user.actor, action="death.undone", now=now, case_id=one)
    return lost


def _bring_back(db: Session, case_id: int, *, actor: str, now: datetime) -> None:
    if engine_queries.case(db, case_id).state == CaseState.CLOSED:
        runtime.reopen_case(db, case_id=case_id, actor=actor, now=now)
    reversal.bring_back(db, case_id=case_id, name=DEATH, actor=actor, now=now)
    for instance in engine_queries.instances(db, case_id, running=True):
        if instance.definition == DEATH and instance.parent_id is None:
            runtime.cancel_instance(
                db, instance_id=instance.id, reason=REASON, actor=actor, now=now
            )


def _forget(db: Session, case_id: int, *, actor: str, now: datetime) -> None:
    """The patient lives: nothing reads the death any more; the journal and the form keep it."""
    runtime.put_data(db, case_id=case_id, values=dict.fromkeys(_ANSWERS), actor=actor, now=now)
    forget_milestone(db, case_id=case_id, name=DEATH, actor=actor, now=now)


def _where_told(db: Session, cases: Sequence[int], since: datetime) -> int | None:
    """The case in which people outside were told of the death, if they were."""
    done = sa.select(Task.case_id).where(
        Task.case_id.in_(cases),
        Task.form == "inform_after_death",
        Task.state == TaskState.DONE,
        Task.completed_at >= since,
    )
    return db.scalar(done.limit(1))


def _recorded_at(db: Session, cases: Sequence[int]) -> datetime:
    """When the death now undone was recorded, in whichever case of the patient."""
    found = db.scalar(
        sa.select(sa.func.max(Task.completed_at)).where(
            Task.case_id.in_(cases), Task.form == "record_death"
        )
    )
    if found is None:
        raise Conflict("Aucun décès n’est enregistré dans ce dossier.")
    return found


def _told(told: bool) -> list[str]:
    return (
        [
            "Le médecin traitant et les établissements ont été prévenus du décès, des rendez-vous "
            "ont pu être annulés\u202f: rappelez-les."
        ]
        if told
        else []
    )


def _meetings(db: Session, case_id: int, actor: str, now: datetime) -> list[str]:
    """Inscriptions come back for meetings to come; a meeting gone by is to be postponed."""
    gone = 0
    for registration in rcp_queries.registrations_of_case(db, case_id):
        withdrawn = registration.state == RegistrationState.CANCELLED
        if withdrawn and registration.reason == "patient_deceased":
            gone += not reinstate(db, registration, actor=actor, now=now)
    if not gone:
        return []
    meetings = plural(gone, "séance de RCP a eu lieu", "séances de RCP ont eu lieu")
    return [f"{meetings} entre-temps\u202f: reportez le dossier à une séance à venir."]


def _late(db: Session, case_id: int, since: datetime, now: datetime) -> list[str]:
    """What should have been done while the case stood closed."""
    late = [
        task
        for task in engine_queries.open_tasks(db, case_id)
        if task.due_at is not None and since <= task.due_at < now
    ]
    if not late:
        return []
    steps = plural(len(late), "étape est en retard", "étapes sont en retard")
    return [f"{steps}\u202f: leur échéance est passée entre-temps."]
