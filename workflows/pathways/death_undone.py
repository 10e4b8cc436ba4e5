"""A death recorded by mistake is taken back: the case, its steps and timers come back as they stood.

What cannot come back is said, in the case and to whoever undoes it: people told, meetings gone by.
"""

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
    told = _were_told(db, case_id)
    _bring_back(db, case_id, actor=user.actor, now=now)
    _forget(db, case_id, actor=user.actor, now=now)
    lost = [*_told(told), *_meetings(db, case_id, user.actor, now), *_late(db, case_id, now)]
    if told:
        runtime.send_message(
            db, name="death_corrected", case_id=case_id, actor=user.actor, now=now
        )
    offers.rewrite(db, case_id)
    said = f"Décès annulé, enregistré par erreur\u202f: {reason}. {' '.join(lost)}".strip()
    notes.add_comment(db, case_id=case_id, text=said, user=user, now=now)
    audit.record(db, actor=user.actor, action="death.undone", now=now, case_id=case_id)
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
    patient_id = db.get_one(Episode, case_id).patient_id
    patients.undo_death(db, patient_id=patient_id, actor=actor, now=now)


def _were_told(db: Session, case_id: int) -> bool:
    done = sa.select(Task.id).where(
        Task.case_id == case_id,
        Task.form == "inform_after_death",
        Task.state == TaskState.DONE,
        Task.completed_at >= _recorded_at(db, case_id),
    )
    return db.scalar(done.limit(1)) is not None


def _recorded_at(db: Session, case_id: int) -> datetime:
    """When the death now undone was recorded."""
    found = db.scalar(
        sa.select(sa.func.max(Task.completed_at)).where(
            Task.case_id == case_id, Task.form == "record_death"
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


def _late(db: Session, case_id: int, now: datetime) -> list[str]:
    """What should have been done while the case stood closed."""
    since = _recorded_at(db, case_id)
    late = [
        task
        for task in engine_queries.open_tasks(db, case_id)
        if task.due_at is not None and since <= task.due_at < now
    ]
    if not late:
        return []
    steps = plural(len(late), "étape est en retard", "étapes sont en retard")
    return [f"{steps}\u202f: leur échéance est passée entre-temps."]
