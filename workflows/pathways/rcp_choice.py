"""A session somebody chooses comes in; refused when its RCP is retired, or the case goes there already."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import Invalid
from engine.models import Datum, Instance, InstanceState
from workflows.cases.steps import CompletedForm, guard
from workflows.consent.queries import require_sharing
from workflows.pathways.reading import known, number
from workflows.rcp import operations, queries
from workflows.rcp.models import RcpSession


@guard("choose_rcp")
@guard("register_for_rcp")
def require_information(db: Session, step: CompletedForm) -> None:
    """Invariant 1: nothing goes to an RCP before the patient was told, or against their will."""
    require_sharing(db, step.case.id)


@guard("choose_rcp")
@guard("register_for_rcp")
def require_session(db: Session, step: CompletedForm) -> None:
    values = known(db, step)
    urgent = values.get("is_urgent") is True
    operations.require_open_for_registration(chosen(db, values), step.now, urgent=urgent)


@guard("choose_rcp")
def require_in_directory(db: Session, step: CompletedForm) -> None:
    """Out of the directory, an RCP hears the cases that chose it before, and no other."""
    meeting = chosen(db, known(db, step))
    if not meeting.rcp.active:
        raise Invalid(
            f"La RCP «\u202f{meeting.rcp.name}\u202f» est retirée de l’annuaire. Choisissez-en une autre.",
            {"rcp_id": "RCP retirée de l’annuaire."},
        )


@guard("choose_rcp")
def require_once(db: Session, step: CompletedForm) -> None:
    """One case is heard once in a meeting, whatever asked for it: its questions are put together."""
    meeting = chosen(db, known(db, step))
    others = _others(db, step.case.id, step.task.instance_id, meeting)
    if any(_still_goes(db, instance_id) for instance_id in others):
        raise Invalid(
            f"Ce dossier est déjà prévu à la séance du {queries.say_moment(meeting.starts_at)}. "
            "Ajoutez la question à son inscription, ou choisissez une autre séance.",
            {"rcp_session_id": "Dossier déjà prévu à cette séance."},
        )


def _others(db: Session, case_id: int, own: int, meeting: RcpSession) -> list[int]:
    """RCPs of this case, still running beside this one, that have chosen the same session."""
    rows = db.execute(
        sa.select(Instance.id, Datum.value)
        .join(Datum, Datum.instance_id == Instance.id)
        .where(
            Instance.case_id == case_id,
            Instance.id != own,
            Instance.definition == "rcp",
            Instance.state == InstanceState.RUNNING,
            Datum.name == "rcp_session_id",
        )
    )
    return [instance_id for instance_id, value in rows if number(value) == meeting.id]


def _still_goes(db: Session, instance_id: int) -> bool:
    """Not registered yet, or waiting for its turn; what was heard or put off comes back no more."""
    registration = queries.registration_of(db, instance_id)
    return registration is None or registration.state in queries.WAITING


def chosen(db: Session, values: dict[str, Any]) -> RcpSession:
    session_id = number(values.get("rcp_session_id"))
    if session_id is None:
        raise Invalid("Choisissez une séance de RCP.", {"rcp_session_id": "Séance attendue."})
    return queries.session(db, session_id)
