"""A case at a past moment, as its page shows it: read with the rights of today, and written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import drawing, past
from engine import queries as engine
from engine.errors import NotFound
from engine.models import Instance
from workflows.cases import overview
from workflows.cases.queries import Heading, heading
from workflows.library import Titles
from workflows.records.models import Record, RecordStatus
from workflows.staff import queries as staff
from workflows.staff.models import User


@dataclass(frozen=True)
class Diagram:
    """A diagram that had begun, with the state it had."""

    instance: Instance
    title: str
    state: str


@dataclass(frozen=True)
class Then:
    """`told` is None when the case was not yet open."""

    heading: Heading
    told: past.Past | None
    diagrams: Sequence[Diagram]
    chosen: Diagram | None
    picture: str
    documents: Sequence[tuple[Record, str]]
    doers: dict[str, str]


def then(
    db: Session,
    *,
    case_id: int,
    user: User,
    moment: datetime,
    now: datetime,
    instance_id: int | None = None,
) -> Then:
    head = heading(db, case_id=case_id, user=user, now=now, action="case.read_past")
    told = past.as_of(db, case_id, moment)
    if told is None:
        return Then(head, None, [], None, "", [], {})
    titles = Titles(db)
    diagrams = [
        Diagram(one, titles.of(one.revision_id, one.definition), state)
        for one, state in told.instances
    ]
    chosen = _choose(diagrams, told, instance_id)
    return Then(
        head,
        told,
        diagrams,
        chosen,
        _picture(db, chosen, moment) if chosen else "",
        documents(db, case_id, moment),
        staff.actor_names(db, [one.completed_by for one in told.done]),
    )


def documents(db: Session, case_id: int, moment: datetime) -> list[tuple[Record, str]]:
    """The versions that existed, each with the status it had, the newest first."""
    found = db.scalars(
        sa.select(Record)
        .where(Record.case_id == case_id, Record.produced_at <= moment)
        .order_by(Record.produced_at.desc(), Record.id.desc())
    ).all()
    replaced = {one.replaces_id for one in found if _approved(one, moment)}
    return [(one, _status(one, moment, replaced)) for one in found]


def _status(record: Record, moment: datetime, replaced: set[int | None]) -> str:
    if record.id in replaced:
        return RecordStatus.REPLACED
    return RecordStatus.APPROVED if _approved(record, moment) else RecordStatus.DRAFT


def _approved(record: Record, moment: datetime) -> bool:
    return record.approved_at is not None and record.approved_at <= moment


def _choose(
    diagrams: Sequence[Diagram], told: past.Past, instance_id: int | None
) -> Diagram | None:
    """The one asked for, else where a step waited, else the last that had begun."""
    if instance_id is not None:
        found = next((one for one in diagrams if one.instance.id == instance_id), None)
        if found is None:
            raise NotFound("Ce déroulement n’avait pas commencé à ce moment.")
        return found
    waiting = {task.instance_id for task in told.open}
    return next(
        (one for one in reversed(diagrams) if one.instance.id in waiting),
        diagrams[-1] if diagrams else None,
    )


def _picture(db: Session, chosen: Diagram, moment: datetime) -> str:
    progress = engine.progress(db, chosen.instance.id, at=moment)
    states = {element: place.state for element, place in progress.items()}
    return drawing.draw(overview.bpmn(db, chosen.instance.id), states)
