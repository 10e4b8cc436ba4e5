"""What every document of a case says: whose it is, where it was made, whom to call."""

from datetime import date
from typing import Any

from workflows.patients.ins import STATUS_LABELS
from workflows.patients.models import Patient
from workflows.patients.trust import may_send_ins
from workflows.records.contexts import wording
from workflows.records.contexts.source import Source
from workflows.roles import GENERAL_PRACTITIONER, IDEC, REFERRING_PHYSICIAN, ROLES

_RELATED = {
    "trusted_person": "Personne de confiance",
    "emergency_contact": "Personne à prévenir",
    "legal_representative": "Représentant légal",
}


def fact(label: str, value: str) -> list[dict[str, str]]:
    """One line of a grid, or none: what is not known is not printed."""
    return [{"label": label, "value": value}] if value else []


def patient(source: Source) -> dict[str, Any]:
    return identity(source.patient, source.today) | {
        "related": [
            line
            for name, label in _RELATED.items()
            for line in fact(label, source.say(name) or getattr(source.patient, name) or "")
        ],
    }


def identity(person: Patient, today: date) -> dict[str, Any]:
    """Who the document is about. The INS in full is for a qualified identity (domain §8)."""
    qualified = may_send_ins(person)
    return {
        "birth_name": person.birth_name.upper(),
        "first_names": person.first_names,
        "first_name": person.first_name,
        "used_name": (person.used_name or "").upper(),
        "birth_date": person.birth_date.isoformat(),
        "age": f"{person.age_on(today)} ans",
        "sex": person.sex,
        "birth_place_code": person.birth_place_code or "",
        "ins": (person.ins or "") if qualified else "",
        "ins_status": STATUS_LABELS[person.ins_status],
        "is_ins_qualified": qualified,
    }


def establishment(source: Source) -> dict[str, str]:
    unit = source.episode.unit
    return {
        "name": unit.establishment.name,
        "unit": unit.name,
        "address": unit.establishment.address,
        "phone": unit.phone or unit.establishment.phone,
        "network": source.setting("regional_network"),
    }


def general_practitioner(source: Source) -> str:
    """By account, by name, else what is known of there being one."""
    for member in source.team:
        if member.role == GENERAL_PRACTITIONER.code:
            return member.user.display_name
    return source.say("gp_name") or source.patient.gp_name or source.say("gp_known")


def alert(source: Source, signs: list[str]) -> dict[str, Any]:
    """« Appelez-nous sans attendre si » and the numbers to call, in the words of the patient."""
    day, night = source.say("phone_day"), source.say("phone_night")
    hours = source.say("phone_day_hours")
    phones = [
        {"label": wording.joined(("Infirmière", wording.lowered(hours))), "number": day},
        {"label": "La nuit et le week-end", "number": night},
        {"label": "Accès rapide", "number": source.say("phone_fast_track")},
    ]
    known = [one for one in phones if one["number"]]
    site = establishment(source)
    if not day and site["phone"]:
        known.insert(0, {"label": site["unit"], "number": site["phone"]})
    agreed = [wording.agreed(sign, source.patient.sex) for sign in signs]
    return {"signs": wording.items(agreed), "phones": known}


def contacts(source: Source) -> list[dict[str, str]]:
    """The nurse first, then the team, then those outside; each with a number when there is one."""
    site = establishment(source)
    members = sorted(source.team, key=lambda member: member.role != IDEC.code)
    inside = [
        _contact(
            member.user.display_name,
            _role(member.role, member.user.occupation),
            member.user.phone or site["phone"] * (member.role != GENERAL_PRACTITIONER.code),
        )
        for member in members
    ]
    outside = [
        _contact(
            source.cell("contacts", row, "name"),
            wording.joined(
                (source.cell("contacts", row, "role"), source.cell("contacts", row, "place"))
            ),
            source.cell("contacts", row, "phone"),
        )
        for row in source.rows("contacts")
    ]
    named = {one["name"] for one in (*inside, *outside)}
    gp = general_practitioner(source) if source.raw("gp_known") != "none" else ""
    known = source.say("gp_name") or source.patient.gp_name
    physician = [_contact(gp, "Votre médecin traitant", "")] if known and gp not in named else []
    return [*inside, *outside, *physician]


def support(source: Source) -> list[dict[str, str]]:
    """« Alimentation : Mme Le Bris, au niveau 2, à partir du 4 décembre 2025. »"""
    return [
        {
            "name": source.cell("support_actions", row, "kind"),
            "text": _support(source, row),
        }
        for row in source.rows("support_actions")
        if row.get("status") != "not_done"
    ]


def handover(person: Patient) -> dict[str, str]:
    """Filled in by hand on paper: who gives it is known only on the day."""
    name = (person.used_name or person.birth_name).upper()
    return {"to": wording.joined((wording.civility(person.sex), name), by="\u00a0"), "by": ""}


def _contact(name: str, role: str, phone: str) -> dict[str, str]:
    return {"name": name, "role": role, "phone": phone, "rpps": ""}


def _role(code: str, occupation: str) -> str:
    if code == IDEC.code:
        return "Infirmière, votre premier contact"
    if code == GENERAL_PRACTITIONER.code:
        return "Votre médecin traitant"
    label = ROLES[code].label
    if code == REFERRING_PHYSICIAN.code and occupation:
        return f"{occupation}, votre médecin référent"
    return occupation or label


def _support(source: Source, row: Any) -> str:
    period = wording.period(row.get("start") or "", row.get("end") or "")
    at_home = "à domicile" if row.get("at_home") == "yes" else ""
    parts = [
        source.cell("support_actions", row, name)
        for name in ("precision", "professional", "place", "rhythm")
    ]
    return wording.sentence(wording.joined((*parts, at_home, wording.lowered(period))))
