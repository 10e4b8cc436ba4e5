"""A case's passage before a meeting comes in; where it was held, who was there, the quorum go out."""

from typing import Any

from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import (
    Attendance,
    MemberFunction,
    Mode,
    Registration,
    WrittenOpinion,
)
from workflows.rcp.queries import attendances
from workflows.rcp.quorum import Quorum, quorum_of
from workflows.rcp.specialties import specialty_label
from workflows.records.contexts import wording
from workflows.records.contexts.source import Source
from workflows.staff import queries as staff_queries

_PRESENCES = {Mode.ONSITE: "Site", Mode.VIDEO: "Visio"}


def held(source: Source, registration: Registration | None) -> dict[str, str]:
    if registration is None:
        return {"name": "RCP", "date": "", "place": "", "remarks": ""}
    session = rcp_queries.session(source.db, registration.session_id)
    entry = rcp_queries.rcp(source.db, session.rcp_id)
    by_video = any(stay.mode == Mode.VIDEO for stay in _stays(source, registration))
    place = session.place or entry.place or entry.host_name
    remarks = (
        f"Réunion de recours\u202f: {'oui' if entry.is_expert else 'non'}.",
        "Réunion pédiatrique." if entry.is_paediatric else "",
        _guideline(source),
    )
    return {
        "name": entry.name if entry.name.startswith("RCP") else f"RCP {entry.name}",
        "date": session.starts_at.isoformat(),
        "place": wording.joined((place, "visioconférence" if by_video else ""), by=" et "),
        "remarks": wording.joined(remarks, by=" "),
    }


def numbers(source: Source, registration: Registration | None) -> str:
    """« n° 42, séance n° 7, RCP 53-SEN-01 »: by what the sheet is found again elsewhere."""
    if registration is None:
        return ""
    session = rcp_queries.session(source.db, registration.session_id)
    national = rcp_queries.rcp(source.db, session.rcp_id).national_id
    network = source.setting("regional_network_id")
    return wording.joined(
        (
            f"n°\u00a0{registration.id}",
            f"séance n°\u00a0{session.id}",
            national and f"RCP {national}",
            network and f"réseau {network}",
        )
    )


def people(source: Source, registration: Registration | None) -> dict[str, Any]:
    """Those who were there when this case was called, apart from those who do not count."""
    if registration is None:
        return {"participants": [], "guests": [], "quorum": ""}
    leaders = _leaders(source, registration)
    counted = [stay for stay in _stays(source, registration) if stay.in_quorum and stay.specialty]
    others = [stay for stay in _stays(source, registration) if stay not in counted]
    written = rcp_queries.opinions(source.db, registration.id)
    heard = [one for one in written if _was_heard(source, registration, one)]
    return {
        "participants": [
            *(_participant(source, stay, leaders) for stay in counted),
            *map(_writer, heard),
        ],
        "guests": [
            *(_participant(source, stay, leaders) for stay in others),
            *(_writer(one) for one in written if one not in heard),
        ],
        "quorum": _quorum(registration),
    }


def _stays(source: Source, registration: Registration) -> list[Attendance]:
    """At the minute the case was called; a case that never was has nobody to show."""
    if registration.called_at is None:
        return []
    there = rcp_queries.present(source.db, registration.session_id, registration.called_at)
    signed = attendances(source.db, registration.session_id)
    return [stay for stay in signed if stay in there]


def _was_heard(source: Source, registration: Registration, opinion: WrittenOpinion) -> bool:
    """Given before the case was called, to an RCP that counts them: as its quorum has counted it."""
    session = rcp_queries.session(source.db, registration.session_id)
    counts = rcp_queries.rcp(source.db, session.rcp_id).written_opinions
    called_at = registration.called_at
    return counts and called_at is not None and opinion.given_at <= called_at


def _writer(opinion: WrittenOpinion) -> dict[str, str]:
    return {
        "name": opinion.author,
        "specialty": specialty_label(opinion.specialty),
        "presence": "Avis écrit",
    }


def _leaders(source: Source, registration: Registration) -> set[int]:
    session = rcp_queries.session(source.db, registration.session_id)
    return {
        member.user_id
        for member in rcp_queries.coordinators(source.db, session.rcp_id)
        if member.function == MemberFunction.COORDINATOR
    }


def _participant(source: Source, stay: Attendance, leaders: set[int]) -> dict[str, str]:
    name = stay.guest_name or ""
    if stay.user_id:
        name = staff_queries.user(source.db, stay.user_id).display_name
    specialty = specialty_label(stay.specialty)
    return {
        "name": name,
        "specialty": f"{specialty} (responsable)" if stay.user_id in leaders else specialty,
        "presence": _PRESENCES[Mode(stay.mode)],
    }


def _quorum(registration: Registration) -> str:
    if not registration.quorum:
        return "Quorum du dossier\u202f: ne sait pas."
    found: Quorum = quorum_of(registration.quorum)
    if found.status == "reached":
        filled = wording.joined(wording.lowered(group.label) for group in found.groups)
        return wording.sentence(
            wording.joined(("Quorum du dossier atteint", filled), by="\u202f: ")
        )
    if found.status == "not_reached":
        missing = wording.joined(map(wording.lowered, found.missing))
        return f"Quorum du dossier non atteint\u202f: il manque {missing}."
    return "Quorum du dossier\u202f: ne sait pas."


def _guideline(source: Source) -> str:
    said = (
        source.say("guideline_name"),
        wording.joined(("version", source.say("guideline_version")), by=" ")
        if source.raw("guideline_version")
        else "",
        source.say("guideline_date"),
    )
    known = wording.joined(said)
    return f"Référentiel\u202f: {known}." if known else ""
