"""A person declares that something happened; the diagram that handles it starts beside the others."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import expressions, runtime
from engine import queries as engine_queries
from engine.errors import Conflict, NotFound
from engine.expressions import ExpressionError
from engine.models import CaseState, Instance, InstanceState, Message
from workflows.access import permissions_in, require_case, require_permission
from workflows.cases.activities import ACTIVITIES, Event
from workflows.cases.models import Episode
from workflows.consent.queries import obstacle_to_sharing
from workflows.patients.trust import obstacle_to_sharing as identity_obstacle
from workflows.roles import Permission
from workflows.staff.models import User

_NOT_AWAITED = "Cet événement n’est plus attendu dans ce dossier\u202f: rechargez la page."

EVENTS: dict[str, Event] = {
    event.message: event
    for event in (
        Event(
            "rcp_requested",
            "Demander une RCP",
            Permission.DECLARE_EVENT,
            shares=True,
            reopens=True,
        ),
        Event(
            "pps_update_requested", "Mettre à jour le PPS", Permission.DESIGNATE_TEAM, once=True
        ),
        Event("toxicity_declared", "Déclarer une toxicité", Permission.DESIGNATE_TEAM),
        Event(
            "progression_declared",
            "Déclarer une progression ou une rechute",
            Permission.DECLARE_EVENT,
            once=True,
            reopens=True,
        ),
        Event(
            "emergency_declared",
            "Tracer un traitement donné en urgence, avant la RCP",
            Permission.DECLARE_EVENT,
        ),
        Event(
            "refusal_declared",
            "Tracer un refus ou un arrêt demandé par le patient",
            Permission.DECLARE_EVENT,
        ),
        Event(
            "refusal_retracted",
            "Le patient revient sur son refus",
            Permission.DECLARE_EVENT,
            awaited=True,
        ),
        Event(
            "window_declared",
            "Mettre les traitements en pause (fenêtre thérapeutique)",
            Permission.DECLARE_EVENT,
        ),
        Event(
            "window_ended",
            "Reprendre les traitements en pause",
            Permission.DECLARE_EVENT,
            awaited=True,
        ),
        Event(
            "treatment_stop_declared",
            "Envisager l’arrêt des traitements spécifiques",
            Permission.DECLARE_EVENT,
            once=True,
            shares=True,
        ),
        Event(
            "document_follow_up_requested",
            "Suivre un examen ou un document",
            Permission.DESIGNATE_TEAM,
        ),
        Event(
            "information_requested",
            "Informer le patient sur le dossier partagé et la RCP",
            Permission.DECLARE_EVENT,
            once=True,
        ),
        Event("lost_declared", "Déclarer perdu de vue", Permission.DESIGNATE_TEAM, once=True),
        Event(
            "patient_returned", "Noter le retour du patient", Permission.ASSIGN_TASK, awaited=True
        ),
        Event(
            "transfer_declared", "Transférer à une autre équipe", Permission.DECLARE_EVENT, True
        ),
        Event(
            "transfer_cancelled", "Annuler le transfert", Permission.DECLARE_EVENT, awaited=True
        ),
        Event(
            "opposition_declared",
            "Tracer une opposition au partage",
            Permission.DESIGNATE_TEAM,
            once=True,
            reopens=True,
        ),
        Event(
            "opposition_withdrawn",
            "Tracer le retrait d’une opposition",
            Permission.DESIGNATE_TEAM,
            once=True,
            reopens=True,
        ),
        Event(
            "death_declared",
            "Déclarer le décès",
            Permission.OPEN_CASE,
            once=True,
            reopens=True,
        ),
        Event(
            "identity_doubted", "Signaler un doute sur l’identité", Permission.OPEN_CASE, once=True
        ),
    )
}

EVENTS.update(ACTIVITIES)


def declare_event(
    db: Session,
    *,
    case_id: int,
    event: str,
    user: User,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
) -> Message:
    """Start the diagram of that event beside the others."""
    require_case(db, user, case_id, now, written=False)
    wanted = EVENTS.get(event)
    if wanted is None:
        raise NotFound("Cet événement n’existe pas.")
    require_permission(db, user, wanted.permission, case_id)
    if obstacle := _obstacle(db, case_id, wanted):
        raise Conflict(obstacle)
    if engine_queries.case(db, case_id).state == CaseState.CLOSED:
        runtime.reopen_case(db, case_id=case_id, actor=user.actor, now=now)
    return runtime.send_message(
        db, name=event, case_id=case_id, actor=user.actor, now=now, payload=payload
    )


def events_offered(db: Session, *, case_id: int, user: User) -> list[Event]:
    """What this person may declare in this case now, in the order of the page."""
    permitted = permissions_in(db, user, case_id)
    return [
        event
        for event in EVENTS.values()
        if event.permission in permitted and _obstacle(db, case_id, event) is None
    ]


def activities_withheld(db: Session, *, case_id: int, user: User) -> list[tuple[Event, str]]:
    """What this person could do later, and what it waits for."""
    permitted = permissions_in(db, user, case_id)
    found = [
        (activity, _obstacle(db, case_id, activity))
        for activity in ACTIVITIES.values()
        if activity.permission in permitted
    ]
    return [(activity, obstacle) for activity, obstacle in found if obstacle]


def _obstacle(db: Session, case_id: int, event: Event) -> str | None:
    """Why it cannot be declared now, in a sentence."""
    state, data = engine_queries.case(db, case_id).state, engine_queries.case_data(db, case_id)
    reopens = event.reopens and not data.get("death_date")
    if state == CaseState.CLOSED and not reopens:
        return "Ce dossier n’est pas ouvert\u202f: cet événement ne peut pas y être déclaré."
    if event.awaited:
        return (
            None if engine_queries.is_awaited(db, event.message, case_id=case_id) else _NOT_AWAITED
        )
    release = engine_queries.release_of(db, case_id)
    start = release.starts.get(event.message)
    if start is None:
        return "Aucun diagramme de cette révision ne traite cet événement."
    definition = start[0]
    if state == CaseState.SUSPENDED and definition not in release.awake:
        return "Ce dossier est suspendu\u202f: reprenez-le d’abord."
    if event.once and _is_running(db, case_id, definition):
        return "Cet événement est déjà en cours de traitement dans ce dossier."
    if not _is_permitted(release.permitted.get(definition, ""), data):
        return event.needs or "L’avancement de ce dossier ne permet pas encore cet événement."
    if not event.shares:
        return None
    return identity_obstacle(db.get_one(Episode, case_id).patient) or obstacle_to_sharing(data)


def _is_running(db: Session, case_id: int, definition: str) -> bool:
    return (
        db.scalar(
            sa.select(Instance.id)
            .where(
                Instance.case_id == case_id,
                Instance.definition == definition,
                Instance.parent_id.is_(None),
                Instance.state == InstanceState.RUNNING,
            )
            .limit(1)
        )
        is not None
    )


def _is_permitted(condition: str, data: Mapping[str, Any]) -> bool:
    if not condition:
        return True
    try:
        return expressions.compile_expression(condition).evaluate(dict(data)) is True
    except ExpressionError:
        return False  # what cannot be computed permits nothing
