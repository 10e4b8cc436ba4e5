"""A form's persons, RCPs and sessions come in by name; whom and what one may choose goes out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine.models import Instance
from workflows.cases.care_team import care_team
from workflows.cases.models import Episode
from workflows.pathways import lines
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import RcpSession, SessionState
from workflows.staff import queries as staff
from workflows.staff.models import Unit, User

Choice = tuple[int, str]
AHEAD = timedelta(days=120)
_OPEN = (SessionState.PLANNED, SessionState.CLOSED)  # closed: an urgent case may still be added


def choices_of(
    db: Session,
    library: forms.Library,
    names: Sequence[str],
    *,
    episode: Episode,
    user: User,
    now: datetime,
    values: Mapping[str, Any],
) -> dict[str, Sequence[Choice]]:
    """« group.column » for the columns of a group."""
    found: dict[str, Sequence[Choice]] = {}
    for path, datum in _asked(library, names):
        if datum.type == "person":
            found[path] = (
                _receivers(db, values, datum.role)
                if datum.name.startswith("receiving_")
                else _people(db, episode, datum.role, user, values.get(datum.name))
            )
        elif datum.type == "rcp":
            found[path] = _rcps(db, episode)
        elif datum.type == "rcp_session":
            found[path] = _sessions(db, now, values)
        elif datum.type == "unit":
            found[path] = _units(db, episode)
        elif datum.type == "lines":
            found[path] = lines.offered(db, episode.case_id, datum.name)
    return found


def naming(db: Session) -> Any:
    """For `forms.display`: who a number is."""

    def name(datum: forms.Datum, value: Any) -> str:
        if not str(value).isdigit():  # typed, and never read
            return str(value)
        number = int(value)
        if datum.type == "person":
            return staff.user(db, number).display_name
        if datum.type == "rcp":
            return rcp_queries.rcp(db, number).name
        if datum.type == "unit":
            return _unit_label(staff.unit(db, number))
        if datum.type == "lines":
            return lines.name_of(db, db.get_one(Instance, number))
        return rcp_queries.session_label(db, rcp_queries.session(db, number))

    return name


def _asked(library: forms.Library, names: Iterable[str]) -> Iterable[tuple[str, forms.Datum]]:
    for name in names:
        datum = library.dictionary.get(name)
        if datum is None:
            continue
        yield name, datum
        for column in datum.fields:
            yield f"{name}.{column.name}", column


def _people(db: Session, episode: Episode, role: str, user: User, kept: Any) -> list[Choice]:
    """Those of the role on site, or the unit and the care team; somebody named already stays."""
    found: dict[int, User] = {}
    team = care_team(db, episode.case_id)
    if role:
        known = [
            *(member.user for member in team if member.role == role),
            *staff.colleagues(db, role=role, establishment_id=episode.establishment_id),
        ]
        known = known or list(staff.colleagues(db, role=role))
    else:
        known = [
            user,
            *(member.user for member in team),
            *staff.people(db, unit_id=episode.unit_id),
        ]
    if str(kept or "").isdigit():
        known.append(staff.user(db, int(kept)))
    for person in known:
        found[person.id] = person
    ordered = sorted(found.values(), key=lambda person: (person.name_key, person.id))
    return [(person.id, person.display_name) for person in ordered]


def _receivers(db: Session, values: Mapping[str, Any], role: str) -> list[Choice]:
    """Those of the unit a case is proposed to."""
    unit_id = str(values.get("receiving_unit_id") or "")
    known = staff.people(db, unit_id=int(unit_id), role=role) if unit_id.isdigit() else ()
    return [(person.id, person.display_name) for person in known]


def _rcps(db: Session, episode: Episode) -> list[Choice]:
    """Those of the organ first: nearly always the one that is wanted."""
    known = sorted(rcp_queries.directory(db), key=lambda rcp: rcp.organ != episode.organ)
    return [(rcp.id, rcp.name) for rcp in known]


def _units(db: Session, episode: Episode) -> list[Choice]:
    """Every unit a case may be proposed to, by establishment."""
    return [(unit.id, _unit_label(unit)) for unit in staff.units(db) if unit.id != episode.unit_id]


def _unit_label(unit: Unit) -> str:
    return f"{unit.establishment.name}, {unit.name}"


def _sessions(db: Session, now: datetime, values: Mapping[str, Any]) -> list[Choice]:
    """Those of the chosen RCP that still take cases; of all RCPs as long as none is chosen."""
    chosen = str(values.get("rcp_id") or "")
    ids = [int(chosen)] if chosen.isdigit() else [rcp.id for rcp in rcp_queries.directory(db)]
    planned = rcp_queries.sessions(db, rcp_ids=ids, since=now, limit=200)
    return [
        (one.id, _session_label(one, with_rcp=not chosen))
        for one in planned
        if one.state in _OPEN and one.starts_at < now + AHEAD
    ]


def _session_label(meeting: RcpSession, *, with_rcp: bool) -> str:
    moment = rcp_queries.say_moment(meeting.starts_at)
    closed = " (inscriptions closes, urgence seulement)" * (meeting.state == SessionState.CLOSED)
    shown = f"{meeting.rcp.name}, {moment}" if with_rcp else moment.capitalize()
    return shown + closed
