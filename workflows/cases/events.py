"""A person declares that something happened; the diagram that handles it starts beside the others."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.errors import Conflict, Invalid, NotFound
from engine.models import CaseState, Message
from workflows.access import permissions_in, require_case, require_permission
from workflows.cases.activities import ACTIVITIES, Event
from workflows.cases.obstacles import NOT_AWAITED, Standing
from workflows.french import say_date
from workflows.roles import Permission
from workflows.staff.models import User

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
            told_by="refused_names",
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
            told_by="paused_names",
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
    about: int | None = None,
) -> Message:
    """Start the diagram of that event beside the others, or wake the one that waits for it.

    `about` says which, where several wait (`awaiting`): two pauses are never taken for one another.
    """
    require_case(db, user, case_id, now, written=False)
    wanted = EVENTS.get(event)
    if wanted is None:
        raise NotFound("Cet événement n’existe pas.")
    require_permission(db, user, wanted.permission, case_id)
    if obstacle := Standing(db, case_id).obstacle(wanted):
        raise Conflict(obstacle)
    addressee = _addressee(db, case_id, wanted, about) if wanted.awaited else None
    if engine_queries.case(db, case_id).state == CaseState.CLOSED:
        runtime.reopen_case(db, case_id=case_id, actor=user.actor, now=now)
    return runtime.send_message(
        db, name=event, case_id=case_id, actor=user.actor, now=now, payload=payload,
        instance_id=addressee,
    )  # fmt: skip


def awaiting(db: Session, *, case_id: int, event: Event) -> list[tuple[int, str]]:
    """What waits for it in this case, in words: nothing to choose when there is one."""
    found = []
    for one in engine_queries.awaiting(db, event.message, case_id=case_id):
        about = engine_queries.instance_data(db, one.id).get(event.told_by)
        since = f"depuis le {say_date(one.started_at)}"
        found.append((one.id, f"{about}, {since}" if about else since.capitalize()))
    return found


def _addressee(db: Session, case_id: int, event: Event, about: int | None) -> int | None:
    waiting = awaiting(db, case_id=case_id, event=event)
    if about is None and len(waiting) > 1:
        names = "\u202f; ".join(name for _id, name in waiting)
        raise Invalid(f"Plusieurs sont en cours, choisissez\u202f: {names}.")
    if about is not None and about not in [one for one, _name in waiting]:
        raise Conflict(NOT_AWAITED)
    return about


def events_offered(db: Session, *, case_id: int, user: User) -> list[Event]:
    """What this person may declare in this case now, in the order of the page."""
    permitted, standing = permissions_in(db, user, case_id), Standing(db, case_id)
    return [
        event
        for event in EVENTS.values()
        if event.permission in permitted and standing.obstacle(event) is None
    ]


def activities_withheld(db: Session, *, case_id: int, user: User) -> list[tuple[Event, str]]:
    """What this person could do later, and what it waits for."""
    permitted, standing = permissions_in(db, user, case_id), Standing(db, case_id)
    if standing.has_died:
        return []
    found = [
        (activity, standing.obstacle(activity))
        for activity in ACTIVITIES.values()
        if activity.permission in permitted
    ]
    return [(activity, obstacle) for activity, obstacle in found if obstacle]
