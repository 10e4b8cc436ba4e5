"""Treated first, discussed after: the reason, the treatment beside, an RCP within days (X10).

The RCP that follows is a real discussion, never a registration (Breton charter 2007, domain §3.1).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine.errors import Conflict, Invalid
from engine.handlers import ServiceStep, handles
from workflows.cases.steps import CompletedForm, effect, guard, write_down
from workflows.consent.queries import is_opposed
from workflows.deadlines.operations import due_by
from workflows.french import PARIS, say_date
from workflows.pathways import redirection
from workflows.pathways.reading import day, known, number, refuse_future, rows
from workflows.pathways.treatment import start_emergency
from workflows.rcp import queries as rcp_queries

AFTER_EMERGENCY = "after_emergency"
_TREATED_FIRST = (
    "Le patient a été traité en urgence\u202f: la RCP qui suit discute le dossier, elle ne "
    "l’enregistre pas"
)


@guard("record_emergency")
def refuse_future_emergency(db: Session, step: CompletedForm) -> None:
    refuse_future(step, "emergency_date", "Un traitement à venir se discute d’abord en RCP.")


@handles("start_emergency_treatment")
def start_emergency_treatment(step: ServiceStep) -> None:
    """The treatment is followed from now on; the RCP has a last day, from the table of delays."""
    begun = str(step.get("emergency_date") or "")
    row = {
        "kind": step.get("emergency_treatment"),
        "precision": step.get("emergency_precision"),
        "planned_start": begun,
        "status": "in_progress",
    }
    row = {name: value for name, value in row.items() if value}
    treatments = rows(engine_queries.case_data(step.db, step.case.id), "treatments")
    step.set("treatments", [*treatments, row])
    start_emergency(step, row)
    data = engine_queries.case_data(step.db, step.case.id)
    latest = due_by(step.db, case=step.case, deadline=step.properties["deadline"], since=begun)
    sooner = day(data.get("emergency_rcp_latest_date")) if _follows_another(step) else None
    if sooner and latest:
        latest = min(latest, sooner)  # the RCP of the first one discusses both
    step.set("emergency_rcp_latest_date", latest.isoformat() if latest else None)
    needed = not _is_to_be_discussed(step) and not is_opposed(data)
    step.set("emergency_rcp_needed", needed)
    if needed:
        awaited = redirection.is_open(step, "announcement")
        step.set("emergency_rcp_awaited", awaited)


def _follows_another(step: ServiceStep) -> bool:
    """A second emergency while the RCP of the first one is still to come."""
    running = engine_queries.instances(step.db, step.case.id, running=True)
    return any(one.definition == "emergency" and one.id != step.instance.id for one in running)


def _is_to_be_discussed(step: ServiceStep) -> bool:
    """An RCP under way will discuss this too, unless it has already come to its discussion."""
    discussed = {
        one.instance_id
        for one in rcp_queries.registrations_of_case(step.db, step.case.id)
        if one.state in rcp_queries.DECIDED
    }
    running = engine_queries.instances(step.db, step.case.id, running=True)
    return any(one.definition == "rcp" and one.id not in discussed for one in running)


@handles("tell_emergency_rcp")
def tell_emergency_rcp(step: ServiceStep) -> None:
    """The pathway has not asked for its first RCP yet: this one was it."""
    if not (
        step.get("emergency_rcp_needed") is True and step.get("emergency_rcp_awaited") is True
    ):
        return
    payload: dict[str, Any] = {
        "emergency_rcp_awaited": False,
        "rcp_reason": AFTER_EMERGENCY,
        "rcp_proposal": step.get("rcp_proposal"),
    }
    redirection.send(step, "emergency_rcp_given", payload)


@guard("register_for_rcp")
def require_discussion(db: Session, step: CompletedForm) -> None:
    """However conforming, what was treated in an emergency is discussed."""
    if known(db, step).get("case_status") == "registered" and awaits_rcp(db, step.case.id):
        raise Invalid(
            f"{_TREATED_FIRST}. Choisissez «\u202fDiscuté\u202f».",
            {"case_status": "Choisissez «\u202fDiscuté\u202f»."},
        )


@guard("register_conforming_case")
def refuse_registration(db: Session, step: CompletedForm) -> None:
    """Treated while its registration was being written: the meeting has not discussed it."""
    if awaits_rcp(db, step.case.id):
        raise Conflict(
            f"{_TREATED_FIRST}. Passez cette étape avec «\u202fSans objet\u202f»\u202f: "
            "une nouvelle RCP sera demandée."
        )


@guard("choose_rcp")
@guard("register_for_rcp")
def require_near_session(db: Session, step: CompletedForm) -> None:
    """Within the days of the table, or a physician says why later (invariant 10)."""
    values = known(db, step)
    latest = _exceeded(db, step, values)
    if latest and not values.get("late_session_reason"):
        raise Invalid(
            f"La RCP qui suit un traitement en urgence se tient au plus tard le {say_date(latest)}"
            "\u202f: choisissez une séance plus proche, ou dites pourquoi elle est plus tardive.",
            {"rcp_session_id": "Séance trop tardive.", "late_session_reason": "Motif attendu."},
        )


@effect("register_for_rcp")
def keep_why_later(db: Session, step: CompletedForm) -> None:
    values = known(db, step)
    if _exceeded(db, step, values):
        write_down(db, step, "rcp.late_after_emergency", reason=values.get("late_session_reason"))


def _exceeded(db: Session, step: CompletedForm, values: Mapping[str, Any]) -> date | None:
    """The last day of the RCP that follows an emergency, when the session chosen is later."""
    latest = day(engine_queries.case_data(db, step.case.id).get("emergency_rcp_latest_date"))
    session_id = number(values.get("rcp_session_id"))
    if session_id is None or latest is None or not awaits_rcp(db, step.case.id):
        return None
    starts = rcp_queries.session(db, session_id).starts_at.astimezone(PARIS).date()
    return latest if starts > latest else None


def awaits_rcp(db: Session, case_id: int) -> bool:
    """Whether no RCP has discussed the case since it was treated in an emergency."""
    treated = treated_on(db, case_id)
    return treated is not None and not any(
        one.state in rcp_queries.DECIDED
        and one.session.starts_at.astimezone(PARIS).date() >= treated
        for one in rcp_queries.registrations_of_case(db, case_id)
    )


def treated_on(db: Session, case_id: int) -> date | None:
    """The day of the last treatment given before any RCP."""
    return day(engine_queries.case_data(db, case_id).get("emergency_date"))
