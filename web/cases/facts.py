"""A case comes in; the few facts its pages repeat go out: the tumour, what happened last, its RCPs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import queries as engine
from forms import display_row
from web.inbox.disease import in_two_lines
from workflows.cases.queries import Heading
from workflows.library import library_of
from workflows.rcp import queries as rcp
from workflows.rcp.models import RcpSession, Registration
from workflows.rcp.states import REASONS, STATE_LABELS
from workflows.records.models import Record
from workflows.staff import queries as staff

QUORUM = {
    "reached": "Quorum atteint",
    "not_reached": "Quorum non atteint",
    "unknown": "Quorum inconnu",
}


@dataclass(frozen=True)
class Happened:
    """One line of « derniers événements »."""

    what: str
    who: str
    at: datetime
    icon: str


@dataclass(frozen=True)
class Passage:
    """One time the case came, or is to come, before an RCP."""

    registration: Registration
    meeting: RcpSession
    state: str
    reason: str
    quorum: str
    missing: Sequence[str]


def disease(db: Session, head: Heading) -> tuple[str, str]:
    """(what it is, how far it goes), as the inbox says it."""
    return in_two_lines(db, head.case.revision_id, engine.case_data(db, head.case.id))


def latest(db: Session, case_id: int, *, limit: int) -> list[Happened]:
    """Steps done and documents approved, the latest first."""
    done = engine.history(db, case_id)[:limit]
    approved = db.scalars(
        sa.select(Record)
        .where(Record.case_id == case_id, Record.approved_at.is_not(None))
        .order_by(Record.approved_at.desc())
        .limit(limit)
    ).all()
    names = staff.actor_names(
        db, [*(one.completed_by for one in done), *(one.approved_by for one in approved)]
    )
    found = [
        Happened(one.name, names.get(one.completed_by or "", ""), one.completed_at, "circle-check")
        for one in done
        if one.completed_at
    ]
    found += [
        Happened(
            f"{one.title}, version {one.version}, validé",
            names.get(one.approved_by or "", ""),
            one.approved_at,
            "file-check",
        )
        for one in approved
        if one.approved_at
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:limit]


def kept_rows(db: Session, head: Heading, group: str) -> list[dict[str, str]]:
    """What the case remembers line by line (calls, toxicities), in words, the latest first."""
    library = library_of(db, head.case.revision_id)
    if group not in library.dictionary:
        return []
    rows = engine.case_data(db, head.case.id).get(group) or []
    return [display_row(library, group, row) for row in reversed(rows)]


def passages(db: Session, case_id: int) -> list[Passage]:
    found = []
    for registration in rcp.registrations_of_case(db, case_id):
        quorum: dict[str, Any] = registration.quorum or {}
        found.append(
            Passage(
                registration,
                rcp.session(db, registration.session_id),
                STATE_LABELS[registration.state],
                REASONS.get(registration.reason or "", ""),
                QUORUM.get(quorum.get("status", ""), ""),
                quorum.get("missing", ()),
            )
        )
    return found
