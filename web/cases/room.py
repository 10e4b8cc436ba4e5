"""The room of a case: its blueprint, and what every page of it shows around its own content."""

from typing import Any

from flask import Blueprint, request, url_for
from sqlalchemy.orm import Session

from engine.models import CaseState
from web.cases.facts import disease
from web.door import now
from workflows.cases import duplicates, events, undo
from workflows.cases.activities import ACTIVITIES
from workflows.cases.queries import Heading
from workflows.cases.whereabouts import phases
from workflows.pathways import death_undone
from workflows.records import queries as records
from workflows.roles import Permission
from workflows.staff.models import User

blueprint = Blueprint("cases", __name__, template_folder="templates")
PLACE = "/dossiers/<int:case_id>"


def around(db: Session, user: User, head: Heading) -> dict[str, Any]:
    """What every page of a case shows above its own content."""
    case_id = head.case.id
    doubles = duplicates.of_the_same_tumour(db, case_id=case_id, user=user)
    return {
        "heading": head,
        "case": head.case,
        "patient": head.patient,
        "disease": disease(db, head),
        "phases": phases(db, case_id),
        "records": records.records_of(db, case_id),
        "events": events.events_offered(db, case_id=case_id, user=user),
        "may_see_identity": bool(
            {Permission.OPEN_CASE, Permission.MANAGE_IDENTITIES} & head.permissions
        ),
        "activities": ACTIVITIES,
        "withheld": events.activities_withheld(db, case_id=case_id, user=user),
        "may_designate": Permission.DESIGNATE_TEAM in head.permissions,
        "may_undo_death": Permission.OPEN_CASE in head.permissions
        and death_undone.may_undo(db, case_id),
        "may_close": Permission.DECLARE_EVENT in head.permissions,
        "doubles": doubles,
        "doubles_ask": bool(doubles)
        and duplicates.come_from_a_merge(db, [case_id, *(one.case_id for one in doubles)]),
        "kept_instead": duplicates.kept_instead(db, case_id)
        if head.case.state == CaseState.CLOSED
        else None,
        "second_tumour": duplicates.second_tumour(db, case_id=case_id, user=user),
        "undo": undo.last_step(db, case_id=case_id, user=user, now=now()),
        "me": user,
        "here": request.endpoint,
        "tabs": _tabs(case_id),
    }


def _tabs(case_id: int) -> list[tuple[str, str, str, str]]:
    """endpoint, label, icon, address"""
    return [
        (endpoint, label, icon, url_for(endpoint, case_id=case_id))
        for endpoint, label, icon in (
            ("cases.show", "Parcours", "route"),
            ("cases.timeline", "Chronologie", "history"),
            ("records.index", "Documents", "files"),
            ("cases.team", "Équipe", "users"),
        )
    ]
