"""A case comes in; a version of its document is produced, approved, handed over, distributed."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, Forbidden, Invalid
from engine.jobs import later
from engine.models import Instance
from workflows.french import PARIS, say_date
from workflows.notices.operations import notify
from workflows.patients.trust import require_sharing
from workflows.rcp import queries as rcp_queries
from workflows.records import contexts, queries
from workflows.records.models import KIND_LABELS, Record, RecordKind, RecordStatus
from workflows.records.naming import number_of, set_of, title_of
from workflows.records.recipients import recipients


def produce_from_case(
    db: Session,
    *,
    case_id: int,
    instance_id: int,
    kind: RecordKind | str,
    actor: str,
    now: datetime,
    update_reason: str | None = None,
) -> Record:
    """The next version of a document, from what the case says now: a draft to be approved."""
    kind = RecordKind(kind)
    return produce(
        db,
        case_id=case_id,
        instance_id=instance_id,
        kind=kind,
        set_id=set_of(kind, case_id=case_id, instance_id=instance_id),
        number=number_of(db, kind, case_id=case_id, instance_id=instance_id),
        title=title_of(db, kind, case_id=case_id),
        context=contexts.build(
            db,
            kind=kind,
            case_id=case_id,
            instance_id=instance_id,
            now=now,
            update_reason=update_reason,
        ),
        actor=actor,
        now=now,
        update_reason=update_reason,
    )


def produce(
    db: Session,
    *,
    case_id: int,
    instance_id: int,
    kind: RecordKind,
    set_id: str,
    number: str,
    title: str,
    context: Mapping[str, Any],
    actor: str,
    now: datetime,
    update_reason: str | None = None,
) -> Record:
    """The next version of a set, a draft; it names the version it will replace."""
    before = queries.latest(db, set_id)
    record = Record(
        case_id=case_id,
        instance_id=instance_id,
        revision_id=db.get_one(Instance, instance_id).revision_id,
        kind=str(kind),
        set_id=set_id,
        version=before.version + 1 if before else 1,
        number=number,
        title=title,
        replaces_id=before.id if before else None,
        update_reason=update_reason,
        context=dict(context),
        produced_by=actor,
        produced_at=now,
    )
    db.add(record)
    if before and before.status == RecordStatus.DRAFT:
        _replace(db, before, now)
    db.flush()
    _audit(db, record, "record.produced", actor=actor, now=now)
    _render_later(db, record, now)
    return record


def approve(db: Session, *, record_id: int, actor: str, now: datetime) -> Record:
    """Lock a draft; from now on a correction is a new version. Two at once: the second is told."""
    record = queries.record(db, record_id)
    require_sharing(db, record.case_id)
    if record.kind == RecordKind.RCP_SHEET:
        _require_coordinator(db, record, actor)
    locked = db.execute(
        sa.update(Record)
        .where(Record.id == record_id, Record.status == RecordStatus.DRAFT)
        .values(status=RecordStatus.APPROVED, approved_by=actor, approved_at=now)
    )
    if locked.rowcount != 1:  # type: ignore[attr-defined]
        db.refresh(record)
        raise Conflict(_why_not_approved(db, record))
    db.refresh(record)
    _replace_previous(db, record, now)
    _audit(db, record, "record.approved", actor=actor, now=now)
    _render_later(db, record, now)
    return record


def _why_not_approved(db: Session, record: Record) -> str:
    if record.status == RecordStatus.APPROVED:
        return "Ce document a déjà été validé\u202f: rechargez la page."
    newer = queries.latest(db, record.set_id)
    return (
        f"La version {newer.version if newer else ''} de ce document a remplacé celle-ci\u202f: "
        "c’est elle qui se valide. Passez cette étape avec «\u202fSans objet\u202f»."
    )


def hand_over(
    db: Session,
    *,
    record_id: int,
    handed_over_date: date | None,
    handed_over_by: str | None,
    actor: str,
    now: datetime,
    mode: str | None = None,
    not_before: date | None = None,
    date_field: str = "handed_over_date",
) -> Record:
    """Given to the patient (invariant 5): a date and a person, and an approved version.

    `date_field`: where the form that is refused asks for the date.
    """
    record = queries.record(db, record_id)
    require_sharing(db, record.case_id)
    _require_may_be_offered(record, handed_over_date, handed_over_by)
    _require_possible_date(record, handed_over_date, now, not_before, date_field)
    record.handed_over_date = handed_over_date
    record.handed_over_by = handed_over_by
    record.handover_mode = mode
    db.flush()
    _audit(db, record, "record.handed_over", actor=actor, now=now)
    return record


def refuse_handover(
    db: Session,
    *,
    record_id: int,
    offered_date: date | None,
    offered_by: str | None,
    actor: str,
    now: datetime,
    reason: str = "",
    not_before: date | None = None,
    date_field: str = "refused_date",
) -> Record:
    """The patient does not want the paper: traced with who offered it, and not a handing over."""
    record = queries.record(db, record_id)
    require_sharing(db, record.case_id)
    _require_may_be_offered(record, offered_date, offered_by)
    _require_possible_date(record, offered_date, now, not_before, date_field)
    record.refused_date, record.refused_with = offered_date, offered_by
    record.refusal_reason = reason or None
    db.flush()
    _audit(db, record, "record.handover_refused", actor=actor, now=now)
    return record


def _require_may_be_offered(
    record: Record, handed_over_date: date | None, handed_over_by: str | None
) -> None:
    label = KIND_LABELS[record.kind]
    if not handed_over_date or not handed_over_by:
        raise Invalid(
            f"«\u202f{label}\u202f» n’est remis qu’avec une date de remise et le nom de la "
            "personne qui le remet."
        )
    if record.status != RecordStatus.APPROVED:
        raise Conflict(
            f"Validez d’abord le document «\u202f{label}\u202f»\u202f: un brouillon ne se remet pas. "
            "Si sa validation a été passée, passez aussi cette étape avec «\u202fSans objet\u202f»."
        )
    if record.handed_over_date is not None:
        raise Conflict(f"Ce document a déjà été remis, le {say_date(record.handed_over_date)}.")


def _require_possible_date(
    record: Record, given: date | None, now: datetime, not_before: date | None, field: str
) -> None:
    written = record.produced_at.astimezone(PARIS).date()
    if given is None:
        return  # refused already
    if given > now.astimezone(PARIS).date():
        raise Invalid("La date de remise est dans le futur.", {field: "Date dans le futur."})
    if not_before and given < not_before:
        raise Invalid(
            "La date de remise précède la RCP qui a décidé le traitement "
            f"({not_before:%d/%m/%Y})\u202f: corrigez-la.",
            {field: f"À partir du {not_before:%d/%m/%Y}."},
        )
    if given < written:
        raise Invalid(
            f"Cette version a été établie le {say_date(written)}\u202f: elle n’a pas pu être remise "
            "avant. Corrigez la date de remise.",
            {field: f"À partir du {written:%d/%m/%Y}."},
        )


def distribute(
    db: Session, *, record_id: int, actor: str, now: datetime, also: Collection[int] = ()
) -> Record:
    """Tell the care team, in the application, that an approved version is there; once.

    `also`: those a version before this one had gone to, when it said another identity.

    Nothing leaves Hent yet: secure mail and the national record are not claimed here.
    """
    record = queries.record(db, record_id)
    if record.status != RecordStatus.APPROVED:
        raise Conflict("Seul un document validé est diffusé.")
    require_sharing(db, record.case_id)
    if record.distributed_at is None:
        record.distributed_at = now
        before = queries.latest_approved(db, record.set_id, before=record.version)
        notify(
            db,
            user_ids=recipients(db, record) | set(also),
            key=f"record:{record.id}",
            kind="document",
            text=_told(record, before, is_identity=bool(also)),
            case_id=record.case_id,
            now=now,
        )
        _audit(db, record, "record.distributed", actor=actor, now=now)
    return record


def _told(record: Record, before: Record | None, *, is_identity: bool) -> str:
    said = f"«\u202f{record.title}\u202f», version {record.version}"
    if is_identity:
        return f"Identité corrigée\u202f: {said}, remplace la version reçue, à ne plus utiliser."
    replaces = f", qui remplace la version {before.version}" if before else ""
    return f"Document validé\u202f: {said}{replaces}."


def _require_coordinator(db: Session, record: Record, actor: str) -> None:
    """Invariant 3: the physician coordinator of that RCP or a deputy, whatever the diagram says."""
    registration = rcp_queries.registration_of(db, record.instance_id)
    user_id = int(actor.removeprefix("user:")) if actor.startswith("user:") else None
    if registration is None or user_id is None:
        raise Forbidden("La fiche de RCP est validée par le médecin coordonnateur de sa RCP.")
    meeting = rcp_queries.session(db, registration.session_id)
    if not rcp_queries.may_approve(db, rcp_id=meeting.rcp_id, user_id=user_id):
        raise Forbidden(
            "Seul le médecin coordonnateur de cette RCP, ou son suppléant, valide la fiche."
        )


def _replace_previous(db: Session, record: Record, now: datetime) -> None:
    before = record.replaces_id
    while before is not None:
        previous = queries.record(db, before)
        if previous.status != RecordStatus.REPLACED:
            _replace(db, previous, now)
        before = previous.replaces_id
    db.flush()


def _replace(db: Session, record: Record, now: datetime) -> None:
    """Its paper will say which version replaces it; what was laid out before is kept."""
    record.status = RecordStatus.REPLACED
    db.flush()
    _render_later(db, record, now)


def _render_later(db: Session, record: Record, now: datetime) -> None:
    later(
        db,
        kind="render_record",
        payload={"record_id": record.id},
        key=f"render_record:{record.id}:{record.status}",
        case_id=record.case_id,
        now=now,
    )


def _audit(db: Session, record: Record, action: str, *, actor: str, now: datetime) -> None:
    audit.record(
        db,
        actor=actor,
        action=action,
        now=now,
        case_id=record.case_id,
        object=f"record:{record.id}",
        detail={"kind": record.kind, "version": record.version},
    )
