"""A session somebody chooses comes in; refused when its RCP is retired, or when the case goes there already."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import Invalid
from engine.models import Datum, Instance, InstanceState
from workflows.cases.steps import CompletedForm, guard
from workflows.pathways.reading import number
from workflows.rcp import queries
from workflows.rcp.models import RcpSession


@guard("choose_rcp")
def require_in_directory(db: Session, step: CompletedForm) -> None:
    """Out of the directory, an RCP hears the cases that chose it before, and no other."""
    chosen = _chosen(db, step)
    if chosen is not None and not chosen.rcp.active:
        raise Invalid(
            f"La RCP «\u202f{chosen.rcp.name}\u202f» est retirée de l’annuaire. Choisissez-en une autre.",
            {"rcp_id": "RCP retirée de l’annuaire."},
        )


@guard("choose_rcp")
def require_once(db: Session, step: CompletedForm) -> None:
    """One case is heard once in a meeting, whatever asked for it: its questions are put together."""
    chosen = _chosen(db, step)
    if chosen is not None and any(
        _still_goes(db, instance_id)
        for instance_id in _others(db, step.case.id, step.task.instance_id, chosen)
    ):
        raise Invalid(
            f"Ce dossier est déjà prévu à la séance du {queries.say_moment(chosen.starts_at)}. "
            "Ajoutez la question à son inscription, ou choisissez une autre séance.",
            {"rcp_session_id": "Dossier déjà prévu à cette séance."},
        )


def _others(db: Session, case_id: int, own: int, chosen: RcpSession) -> list[int]:
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
    return [instance_id for instance_id, value in rows if number(value) == chosen.id]


def _still_goes(db: Session, instance_id: int) -> bool:
    """Not registered yet, or waiting for its turn; what was heard or put off comes back no more."""
    registration = queries.registration_of(db, instance_id)
    return registration is None or registration.state in queries.WAITING


def _chosen(db: Session, step: CompletedForm) -> RcpSession | None:
    session_id = number(step.answers.get("rcp_session_id"))
    return queries.session(db, session_id) if session_id else None
