"""One passage of a meeting comes in; all the shared screen shows of its case goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine import queries as engine
from engine.models import Task
from workflows.cases.queries import Heading, heading
from workflows.library import library_of
from workflows.rcp import decision, queries
from workflows.rcp.models import Registration, WrittenOpinion
from workflows.rcp.quorum import Quorum, quorum_of
from workflows.records.models import Record, RecordKind
from workflows.records.queries import of_instance
from workflows.staff import queries as staff
from workflows.staff.models import User


@dataclass(frozen=True)
class Shown:
    """A case on the shared screen."""

    registration: Registration
    heading: Heading
    data: Mapping[str, Any]
    library: forms.Library
    quorum: Quorum
    requester: str
    presenter: str
    opinions: Sequence[WrittenOpinion]
    sheet: Record | None
    tasks: Mapping[str, Task]  # the meeting's own steps that are open
    drafted_by: str


def show(db: Session, *, registration_id: int, user: User, now: datetime) -> Shown:
    """The right is checked and the reading written down; the quorum is that of this minute.

    Once the case was called, it is that of the minute it was called.
    """
    registration = queries.registration(db, registration_id)
    top = heading(db, case_id=registration.case_id, user=user, now=now, action="rcp.case_shown")
    data = engine.instance_data(db, registration.instance_id)
    revision = engine.case(db, registration.case_id).revision_id
    steps = {form: decision.open_step(db, registration, form) for form in decision.STEPS}
    presenter = data.get("presenter")
    return Shown(
        registration=registration,
        heading=top,
        data=data,
        library=library_of(db, revision),
        quorum=quorum_of(registration.quorum)
        if registration.quorum
        else queries.quorum(db, registration, now),
        requester=staff.actor_name(db, registration.requested_by),
        presenter=staff.user(db, int(presenter)).display_name if presenter else "",
        opinions=queries.opinions(db, registration_id),
        sheet=of_instance(db, instance_id=registration.instance_id, kind=RecordKind.RCP_SHEET),
        tasks={form: task for form, task in steps.items() if task is not None},
        drafted_by=staff.actor_name(db, f"user:{registration.draft_by}")
        if registration.draft_by
        else "",
    )
