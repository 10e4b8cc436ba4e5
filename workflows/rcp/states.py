"""The machine of an inscription (domain §3.5): a state and where one wants to go come in; one move out."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict
from workflows.rcp.models import Registration
from workflows.rcp.models import RegistrationState as State

# The machine of domain §3.5: from a state, where one may go.
MOVES: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.CANCELLED}),
    State.SUBMITTED: frozenset({State.ACCEPTED, State.REFUSED, State.POSTPONED, State.CANCELLED}),
    State.ACCEPTED: frozenset({State.ON_AGENDA, State.POSTPONED, State.CANCELLED}),
    State.ON_AGENDA: frozenset(
        {
            State.DISCUSSED,
            State.REGISTERED,
            State.NOT_DISCUSSED,
            State.POSTPONED,  # its session does not take place
            State.CANCELLED,
        }
    ),
    # A case shown to the meeting and then put off (examinations wanted, an opinion missing).
    State.DISCUSSED: frozenset({State.REGISTERED, State.POSTPONED, State.CANCELLED}),
    State.REGISTERED: frozenset({State.DISCUSSED, State.CANCELLED}),
    State.NOT_DISCUSSED: frozenset({State.POSTPONED, State.CANCELLED}),
}

NON_DISCUSSION_REASONS: dict[str, str] = {
    "incomplete_file": "Dossier incomplet",
    "quorum_not_reached": "Quorum non atteint",
    "requester_absent": "Médecin demandeur absent",
    "not_enough_time": "Temps insuffisant",
    "patient_deceased": "Patient décédé",
    "opposition": "Opposition du patient",
    "treatments_stopped": "Arrêt des traitements décidé",
}
# What the session or a step « sans objet » decides, never chosen by hand.
SESSION_REASONS: dict[str, str] = {
    "session_full": "Séance complète",
    "session_cancelled": "Séance annulée",
    "case_closed": "Dossier clos",
    "passed_over": "Étape sans objet",
}
REASONS = NON_DISCUSSION_REASONS | SESSION_REASONS
HEARD = (State.DISCUSSED, State.REGISTERED, State.NOT_DISCUSSED)

STATE_LABELS: dict[str, str] = {
    State.DRAFT: "Brouillon",
    State.SUBMITTED: "Soumise",
    State.ACCEPTED: "Acceptée",
    State.REFUSED: "Refusée",
    State.ON_AGENDA: "À l’ordre du jour",
    State.DISCUSSED: "Discutée",
    State.REGISTERED: "Enregistrée",
    State.NOT_DISCUSSED: "Non discutée",
    State.POSTPONED: "Reportée",
    State.CANCELLED: "Annulée",
}


def move(
    db: Session, registration: Registration, to: State, *, actor: str, now: datetime, **detail: Any
) -> None:
    """One legal move, audited; the others are refused with both states named."""
    if to not in MOVES.get(registration.state, frozenset()):
        raise Conflict(
            f"Une inscription «\u202f{STATE_LABELS[registration.state].lower()}\u202f» ne peut "
            f"pas devenir «\u202f{STATE_LABELS[to].lower()}\u202f». Rechargez la page\u202f: un "
            "collègue l’a peut-être déjà traitée."
        )
    detail |= {"from": registration.state, "to": str(to)}
    registration.state = str(to)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.registration_moved",
        now=now,
        case_id=registration.case_id,
        object=f"rcp_registration:{registration.id}",
        detail=detail,
    )
