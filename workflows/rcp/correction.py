"""An approved sheet comes in; a diagram starts beside that makes the version to replace it (R18)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

import forms
from engine import queries as engine
from engine import runtime
from engine.errors import Conflict, Forbidden
from engine.models import Datum, Instance, InstanceState, Task, TaskState
from workflows.library import library_of
from workflows.rcp import holding, queries
from workflows.rcp.models import Registration
from workflows.records.models import RecordKind, RecordStatus
from workflows.records.queries import of_instance
from workflows.staff.models import User

MESSAGE, DIAGRAM, TARGET = "rcp_correction_requested", "rcp_correction", "corrected_rcp"
FORM = "correct_rcp_sheet"


def request_correction(
    db: Session, *, registration_id: int, user: User, now: datetime
) -> Task | None:
    """The coordinator or a deputy reopens nothing: what was approved stays until it is replaced."""
    registration = holding.passage(db, registration_id)
    meeting = queries.session(db, registration.session_id)
    if not queries.may_approve(db, rcp_id=meeting.rcp_id, user_id=user.id):
        raise Forbidden(
            "Seul le médecin coordonnateur de cette RCP, ou son suppléant, corrige la fiche."
        )
    sheet = of_instance(db, instance_id=registration.instance_id, kind=RecordKind.RCP_SHEET)
    if sheet is None or sheet.status != RecordStatus.APPROVED:
        raise Conflict("Seule une fiche validée se corrige\u202f: celle-ci ne l’est pas encore.")
    if registration.instance_id in corrections(db, [registration.case_id]):
        raise Conflict("Une correction de cette fiche est déjà en cours.")
    if MESSAGE not in engine.release_of(db, registration.case_id).starts:
        raise Conflict("Ce dossier suit une révision d’avant les corrections de fiche.")
    runtime.send_message(
        db,
        name=MESSAGE,
        case_id=registration.case_id,
        actor=user.actor,
        now=now,
        payload=_as_it_was(db, registration) | {TARGET: registration.instance_id},
    )
    return corrections(db, [registration.case_id]).get(registration.instance_id)


def corrections(db: Session, case_ids: Collection[int]) -> Mapping[int, Task]:
    """The RCPs whose sheet is being corrected, with the step that is open."""
    rows = db.execute(
        sa.select(Datum.value, Task)
        .join(Instance, Instance.id == Datum.instance_id)
        .join(Task, Task.instance_id == Instance.id)
        .where(
            Instance.definition == DIAGRAM,
            Instance.state == InstanceState.RUNNING,
            Instance.case_id.in_(case_ids),
            Datum.name == TARGET,
            Task.state == TaskState.OPEN,
        )
    )
    return {int(value): task for value, task in rows}


def corrected(db: Session, instance_id: int) -> int:
    """The RCP a diagram speaks of: the one whose sheet it corrects, else its own."""
    found = db.scalar(sa.select(Datum.value).filter_by(instance_id=instance_id, name=TARGET))
    return int(found) if found else instance_id


def _as_it_was(db: Session, registration: Registration) -> dict[str, Any]:
    """What the meeting had answered, so that only what was wrong is typed again."""
    library = library_of(db, engine.case(db, registration.case_id).revision_id)
    asked = set(forms.names_of(library, FORM)) | {"rcp_id", "rcp_session_id"}
    known = engine.instance_data(db, registration.instance_id)
    return {name: value for name, value in known.items() if name in asked}
