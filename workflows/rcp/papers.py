"""A session comes in; what its two papers say, in finished French, goes out: agenda and attendance."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from documents.contexts import (
    AgendaCase,
    AgendaContext,
    AttendanceContext,
    CalledCase,
    Fact,
    SessionHead,
    Signing,
)
from workflows.french import PARIS, listed, plural, say_hour, say_sex
from workflows.patients.models import Patient
from workflows.rcp import board, queries, roll
from workflows.rcp.board import AgendaLine
from workflows.rcp.models import Attendance, Mode, Rcp, RcpSession, Registration, SessionState
from workflows.rcp.models import RegistrationState as State
from workflows.rcp.needs import composition
from workflows.rcp.quorum import quorum_of
from workflows.rcp.roll import GUEST, Seat
from workflows.staff.models import User

HEARD = (State.DISCUSSED, State.REGISTERED)
ON_AGENDA = (State.ACCEPTED, State.ON_AGENDA, *HEARD, State.NOT_DISCUSSED)
# Kept on one line of the table.
INS = {
    "qualified": "INS\u00a0qualifiée",
    "retrieved": "INS\u00a0récupérée, à\u00a0vérifier",
    "provisional": "INS\u00a0provisoire",
}


def agenda(db: Session, *, meeting: RcpSession, user: User, now: datetime) -> AgendaContext:
    """Cases this person may read, in the order they will be heard."""
    lines = [
        line for line in board.agenda(db, user, meeting.id) if line.registration.state in ON_AGENDA
    ]
    return {
        "title": "Ordre du jour",
        "mark": "Provisoire" if meeting.state == SessionState.PLANNED else "",
        "produced_at": now.isoformat(),
        "rcp": _head(meeting),
        "references": _references(meeting.rcp),
        "counted": _counted(lines),
        "cases": [_case(line, number, now) for number, line in enumerate(lines, 1)],
        "quorum": _rule(meeting.rcp),
    }


def attendance(db: Session, *, meeting: RcpSession, now: datetime) -> AttendanceContext:
    """Blank before the meeting, to be signed; afterwards with what was recorded."""
    seats = roll.roll(db, meeting.id)
    numbers = _rpps(db, seats)
    written = [_signing(seat, numbers) for seat in seats]
    rows = queries.agenda(db, meeting.id)
    return {
        "title": "Feuille d’émargement",
        "mark": "",
        "produced_at": now.isoformat(),
        "rcp": _head(meeting),
        "references": _references(meeting.rcp),
        "members": [
            one for one, seat in zip(written, seats, strict=True) if seat.function != GUEST
        ],
        "guests": [
            one for one, seat in zip(written, seats, strict=True) if seat.function == GUEST
        ],
        "cases": [_called(row) for row in rows if row.called_at is not None],
    }


def _head(meeting: RcpSession) -> SessionHead:
    rcp = meeting.rcp
    parts = (meeting.place, "visioconférence" if meeting.video_link else "")
    return {
        "name": rcp.name,
        "starts_at": meeting.starts_at.isoformat(),
        "when": queries.say_moment(meeting.starts_at),
        "place": " et ".join(filter(None, parts)),
        "host_name": rcp.host_name,
        "host_address": rcp.host_address,
    }


def _references(rcp: Rcp) -> list[Fact]:
    named = (("RCP", rcp.national_id), ("Gestionnaire", rcp.manager_id), ("RRC", rcp.network_id))
    return [{"label": label, "value": value} for label, value in named if value]


def _counted(lines: Sequence[AgendaLine]) -> str:
    registered = sum(line.registration.case_status == "registered" for line in lines)
    return f"{len(lines)}" + (f", dont {registered} à enregistrer" if registered else "")


def _case(line: AgendaLine, number: int, now: datetime) -> AgendaCase:
    row, patient = line.registration, line.episode.patient
    minutes = line.facts.get("discussion_minutes")
    remarks = [
        "Urgent" if row.urgent else "",
        f"Admis après la clôture\u202f: {row.agreement}" if row.agreement else "",
        f"{minutes} minutes" if minutes else "",
    ]
    return {
        "number": str(row.position or number),
        "birth_name": patient.birth_name.upper(),
        "first_names": patient.first_names,
        "traits": _traits(patient, now),
        "question": row.question or "Question à préciser",
        "remark": ". ".join(filter(None, remarks)),
        "requester": line.requester,
        "status": "Enregistré" if row.case_status == "registered" else "Discuté",
        "missing": listed(line.missing),
    }


def _traits(patient: Patient, now: datetime) -> str:
    age = patient.age_on(now.astimezone(PARIS).date())
    born = "née" if patient.sex == "F" else "né"
    used = patient.used_name or ""
    named = f", nom utilisé {used.upper()}" if used and used != patient.birth_name else ""
    ins = INS.get(patient.ins_status, "sans\u00a0INS")
    return f"{say_sex(patient.sex)}, {age} ans, {born} le {patient.birth_date:%d/%m/%Y}{named} · {ins}"


def _rule(rcp: Rcp) -> str:
    rule = composition(rcp)
    least = (
        f"{plural(rule.min_specialties, 'spécialité différente', 'spécialités différentes')} et "
        f"{plural(rule.min_persons, 'personne')} au moins"
    )
    groups = listed([group.label for group in rule.groups])
    opinions = "comptent" if rcp.written_opinions else "ne comptent pas"
    required = f"{groups}\u202f; " if groups else ""
    return f"{required}{least}. Les avis écrits {opinions}."


def _signing(seat: Seat, numbers: dict[int, str]) -> Signing:
    remote = any(stay.mode == Mode.VIDEO for stay in seat.stays)
    onsite = any(stay.mode == Mode.ONSITE for stay in seat.stays)
    modes = [
        "Présentiel" if onsite else "",
        "Visio" if remote else "",
        "hors quorum" if seat.stays and not any(stay.in_quorum for stay in seat.stays) else "",
    ]
    return {
        "name": seat.name,
        "rpps": numbers.get(seat.user_id or 0, ""),
        "specialty": seat.specialty_label,
        "function": seat.function,
        "stays": [_stay(stay) for stay in seat.stays],
        "mode": ", ".join(filter(None, modes)),
        "signature": "À distance" if remote and not onsite else "",
    }


def _stay(stay: Attendance) -> str:
    return f"{say_hour(stay.arrived_at)} – {say_hour(stay.left_at) if stay.left_at else '…'}"


def _called(row: Registration) -> CalledCase:
    status = {State.DISCUSSED: "Discuté", State.REGISTERED: "Enregistré"}.get(
        State(row.state), "Non discuté"
    )
    found = quorum_of(row.quorum) if row.quorum else None
    if found is None or found.status == "unknown":
        said = "Ne sait pas"
    elif found.reached:
        held = [group.label for group in found.groups if group.filled]
        said = "Atteint" + (f"\u202f: {listed(held)}" if held else "")
    else:
        said = f"Non atteint\u202f: manque {listed(found.missing)}"
    return {
        "number": str(row.position or "–"),
        "hour": say_hour(row.called_at) if row.called_at else "",
        "status": status,
        "quorum": said,
    }


def _rpps(db: Session, seats: Sequence[Seat]) -> dict[int, str]:
    ids = [seat.user_id for seat in seats if seat.user_id]
    rows = db.execute(sa.select(User.id, User.rpps).where(User.id.in_(ids)))
    return {row.id: row.rpps for row in rows if row.rpps}
