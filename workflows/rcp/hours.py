"""A stay whose hours were mistyped comes in; it is corrected, and each case it counted in is told anew.

Invariant 4 (domain §13): the quorum is counted from who really was there. A sheet that is still a
draft is written again; one that was approved has told who was there, and is corrected first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from engine import audit, runtime
from engine.errors import Conflict, Invalid, NotFound
from workflows.french import listed, say_hour
from workflows.rcp import holding, queries
from workflows.rcp.correction import corrections
from workflows.rcp.models import Attendance, RcpSession, Registration, SessionState
from workflows.rcp.models import RegistrationState as State
from workflows.rcp.quorum import UNKNOWN, Quorum, quorum_of
from workflows.records import operations as records
from workflows.records.models import Record, RecordKind, RecordStatus
from workflows.records.queries import of_instance

Stay = tuple[datetime, datetime | None]
SITTING = (SessionState.OPEN, SessionState.ENDED)


@dataclass(frozen=True)
class Recount:
    """A case called in this session whose quorum is no longer what was said."""

    registration: Registration
    before: Quorum
    after: Quorum


def correct_hours(
    db: Session,
    *,
    attendance_id: int,
    arrived_at: datetime,
    left_at: datetime | None,
    actor: str,
    now: datetime,
) -> list[Recount]:
    """The hours of one stay; without a departure the person is still there."""
    stay = db.get(Attendance, attendance_id)
    if stay is None:
        raise NotFound("Cette présence n’est pas sur la feuille d’émargement.")
    meeting = holding.agenda(db, stay.session_id)
    db.refresh(stay)
    _require_possible(db, meeting, stay, arrived_at, left_at, now)
    before, after = (stay.arrived_at, stay.left_at), (arrived_at, left_at)
    if before == after:
        return []
    stay.arrived_at, stay.left_at = after
    audit.record(
        db,
        actor=actor,
        action="rcp.hours_corrected",
        now=now,
        object=f"rcp_session:{meeting.id}",
        detail={
            "attendance": stay.id,
            "user": stay.user_id,
            "guest": stay.guest_name,
            "from": [_iso(one) for one in before],
            "to": [_iso(one) for one in after],
        },
    )
    return recount(db, meeting, before, after, actor=actor, now=now)


def recount(
    db: Session,
    meeting: RcpSession,
    before: Stay | None,
    after: Stay | None,
    *,
    actor: str,
    now: datetime,
) -> list[Recount]:
    """A presence was noted, ended or corrected with an hour that is past: the cases called meanwhile.

    Every case of the session is held already (`holding.agenda`). Those whose quorum is another one.
    """
    db.flush()
    touched = [
        row
        for row in queries.agenda(db, meeting.id)
        if row.called_at and was_there(row.called_at, before) != was_there(row.called_at, after)
    ]
    _require_not_approved(db, touched)
    told = [_count_again(db, row, actor=actor, now=now) for row in touched]
    return [one for one in told if one.before.status != one.after.status]


def _require_possible(
    db: Session,
    meeting: RcpSession,
    stay: Attendance,
    arrived_at: datetime,
    left_at: datetime | None,
    now: datetime,
) -> None:
    if meeting.state not in SITTING:
        raise Conflict("Cette séance n’a pas été ouverte\u202f: il n’y a pas d’heure à corriger.")
    if left_at is None and meeting.state == SessionState.ENDED:
        raise Invalid(
            "La séance est terminée\u202f: donnez l’heure du départ.",
            {"left": "Heure attendue."},
        )
    if left_at is not None and left_at < arrived_at:
        raise Invalid(
            f"Le départ ({say_hour(left_at)}) ne peut pas précéder l’arrivée "
            f"({say_hour(arrived_at)})\u202f: corrigez l’une des deux heures."
        )
    if max(arrived_at, left_at or arrived_at) > now:
        raise Invalid("Cette heure est dans le futur.")
    if meeting.ended_at and left_at and left_at > meeting.ended_at:
        raise Invalid(
            f"La séance s’est terminée à {say_hour(meeting.ended_at)}\u202f: personne n’en est "
            "parti plus tard."
        )
    for other in queries.attendances(db, meeting.id):
        is_same = (other.user_id, other.guest_name) == (stay.user_id, stay.guest_name)
        if other.id == stay.id or not is_same:
            continue
        starts_before_it_ends = other.left_at is None or arrived_at < other.left_at
        if starts_before_it_ends and (left_at is None or other.arrived_at < left_at):
            until = f"à {say_hour(other.left_at)}" if other.left_at else "à maintenant"
            raise Invalid(
                f"Cette personne est déjà notée présente de {say_hour(other.arrived_at)} "
                f"{until}\u202f: deux présences ne se recouvrent pas."
            )


def _require_not_approved(db: Session, touched: Sequence[Registration]) -> None:
    """What was approved is never changed behind who approved it."""
    under_correction = corrections(db, [row.case_id for row in touched])
    locked = [
        str(row.position or row.id)
        for row in touched
        if (sheet := _sheet(db, row)) is not None
        and sheet.status == RecordStatus.APPROVED
        and row.instance_id not in under_correction
    ]
    if locked:
        subject = "La fiche du dossier" if len(locked) == 1 else "Les fiches des dossiers"
        verb = "est validée et dit" if len(locked) == 1 else "sont validées et disent"
        raise Conflict(
            f"{subject} n° {listed(locked)} {verb} qui était présent. Le coordonnateur en demande "
            "d’abord la correction («\u202fCorriger\u202f», page de la séance), puis l’heure se "
            "corrige."
        )


def _count_again(db: Session, row: Registration, *, actor: str, now: datetime) -> Recount:
    before = quorum_of(row.quorum) if row.quorum else UNKNOWN
    found = queries.quorum(db, row, row.called_at or now)
    if row.state == State.ON_AGENDA and not found.reached:
        if before.reached:
            raise Conflict(
                f"Le dossier n° {row.position or row.id} est en cours d’étude, et n’aurait plus "
                "son quorum\u202f: validez son avis, puis corrigez l’heure."
            )
        return Recount(row, before, before)  # « ne sait pas » until enough people are noted
    if found != before:
        row.quorum = found.as_json()
        audit.record(
            db,
            actor=actor,
            action="rcp.quorum_recounted",
            now=now,
            case_id=row.case_id,
            object=f"rcp_registration:{row.id}",
            detail={"from": before.as_json(), "to": found.as_json()},
        )
    if _is_current(db, row) and row.state in (State.ON_AGENDA, *queries.DECIDED):
        if found.status != before.status:
            _tell_diagram(db, row, found, actor=actor, now=now)
        _write_again(db, row, actor=actor, now=now)
    return Recount(row, before, found)


def _tell_diagram(
    db: Session, row: Registration, found: Quorum, *, actor: str, now: datetime
) -> None:
    """Its gate is passed; what the sheet prints is read there."""
    runtime.put_data(
        db,
        case_id=row.case_id,
        instance_id=row.instance_id,
        values={"quorum_status": found.status},
        actor=actor,
        now=now,
    )


def _write_again(db: Session, row: Registration, *, actor: str, now: datetime) -> None:
    """The draft names who was there and the quorum: the coordinator approves what is true."""
    sheet = _sheet(db, row)
    if sheet is not None and sheet.status == RecordStatus.DRAFT:
        records.produce_from_case(
            db,
            case_id=row.case_id,
            instance_id=row.instance_id,
            kind=RecordKind.RCP_SHEET,
            update_reason=sheet.update_reason,
            actor=actor,
            now=now,
        )


def _sheet(db: Session, row: Registration) -> Record | None:
    """Of this very passage: one that was put off has its sheet from the meeting that heard it."""
    if not _is_current(db, row):
        return None
    return of_instance(db, instance_id=row.instance_id, kind=RecordKind.RCP_SHEET)


def _is_current(db: Session, row: Registration) -> bool:
    current = queries.registration_of(db, row.instance_id)
    return current is not None and current.id == row.id


def was_there(at: datetime, stay: Stay | None) -> bool:
    if stay is None:
        return False
    arrived_at, left_at = stay
    return arrived_at <= at and (left_at is None or at < left_at)


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
