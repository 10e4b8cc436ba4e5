"""An identity was corrected or merged; its documents go out again under the right one.

An approved version is never touched: the new one names what it replaces, waits for the approval of
the person who has the right, and everybody who was told of the old one is told (domain §8, X09).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.models import Case, CaseState
from workflows.cases.models import Episode
from workflows.french import PARIS
from workflows.patients.models import Patient
from workflows.rcp import queries as rcp_queries
from workflows.records import contexts, operations, queries
from workflows.records.models import Record, RecordKind, RecordStatus

REASON = "identity"  # of a version that only corrects whose document it is
DIAGRAM = "reissue"


@dataclass
class Reissued:
    made: list[Record] = field(default_factory=list)
    waiting: list[Record] = field(default_factory=list)  # their revision does not know how


def to_reissue(db: Session, patient: Patient) -> Iterator[tuple[Record, Case]]:
    """The last version of each document that names another identity than this one."""
    cases = db.scalars(
        sa.select(Case)
        .join(Episode, Episode.case_id == Case.id)
        .where(Episode.patient_id == patient.id)
        .order_by(Case.id)
    )
    for case in cases:
        for set_id in dict.fromkeys(
            one.set_id for one in reversed(queries.records_of(db, case.id))
        ):
            last = queries.latest(db, set_id)
            if last is not None and contexts.names_another(last.context, patient):
                yield last, case


def reissue(db: Session, patient: Patient, *, actor: str, now: datetime) -> Reissued:
    """Doing it twice makes nothing more. Neither a pause nor a closing is a reason to leave a wrong
    name on a paper that is read for twenty years: its documents are made again at once, and a
    closed case stays closed. What a revision does not know how to do waits: `when_resumed`.
    """
    found = Reissued()
    for last, case in list(to_reissue(db, patient)):
        if not _can_follow(db, case):
            found.waiting.append(last)
            continue
        found.made.append(_again(db, last, patient, actor=actor, now=now))
    return found


def when_resumed(db: Session, case_id: int, *, actor: str, now: datetime) -> Reissued:
    """The case goes on: what could not be made again while it stood still is made now."""
    episode = db.get_one(Episode, case_id)
    if episode.patient.is_doubtful:
        return Reissued()  # settling the doubt comes here again
    return reissue(db, episode.patient, actor=actor, now=now)


def _can_follow(db: Session, case: Case) -> bool:
    release = engine_queries.release_of(db, case.id)
    if case.state == CaseState.SUSPENDED:
        return DIAGRAM in release.awake
    return DIAGRAM in release.titles


def under_way(db: Session, case_id: int) -> set[int]:
    """What makes documents again in this case: closing it is no reason to leave the wrong name."""
    running = engine_queries.instances(db, case_id, running=True)
    return {one.id for one in running if one.definition == DIAGRAM}


def reissued_in(db: Session, instance_id: int) -> Record | None:
    """What this diagram is about: the last version, a second correction may have made a newer one."""
    named = engine_queries.instance_data(db, instance_id).get("reissued_record")
    return queries.latest(db, queries.record(db, int(named)).set_id) if named else None


def _again(db: Session, last: Record, patient: Patient, *, actor: str, now: datetime) -> Record:
    """The next version; a draft goes on to whoever was to approve it, else somebody is asked."""
    was_draft = last.status == RecordStatus.DRAFT
    record = operations.produce(
        db,
        case_id=last.case_id,
        instance_id=last.instance_id,
        kind=RecordKind(last.kind),
        set_id=last.set_id,
        number=last.number,
        title=last.title,
        context=contexts.with_identity(
            last.context, patient, on=last.produced_at.astimezone(PARIS).date()
        ),
        actor=actor,
        now=now,
        update_reason=REASON,
    )
    if not was_draft:
        was_given = last.handed_over_date is not None
        for before in _under_way(db, record):
            was_given |= engine_queries.instance_data(db, before)["reissued_was_given"] is True
            runtime.cancel_instance(
                db, instance_id=before, reason="Réémis de nouveau", actor=actor, now=now
            )
        _ask_approval(db, record, was_given=was_given, actor=actor, now=now)
    return record


def _under_way(db: Session, record: Record) -> list[int]:
    """Corrected again before the last correction was handed over: one paper, asked for once."""
    return [
        one.id
        for one in engine_queries.instances(db, record.case_id, running=True)
        if one.definition == DIAGRAM
        and (reissued := reissued_in(db, one.id)) is not None
        and reissued.set_id == record.set_id
    ]


def _ask_approval(
    db: Session, record: Record, *, was_given: bool, actor: str, now: datetime
) -> None:
    data = {
        "reissued_record": record.id,
        "reissued_is_sheet": record.kind == RecordKind.RCP_SHEET,
        "reissued_title": record.title,
        "reissued_was_given": was_given,
    }
    registration = rcp_queries.registration_of(db, record.instance_id)
    if record.kind == RecordKind.RCP_SHEET and registration is not None:
        data["rcp_id"] = rcp_queries.session(db, registration.session_id).rcp_id
    runtime.start_instance(
        db,
        case_id=record.case_id,
        definition=DIAGRAM,
        data=data,
        key=f"{DIAGRAM}:{record.id}",
        actor=actor,
        now=now,
    )
