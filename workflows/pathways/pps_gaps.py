"""A case comes in; what its PPS still lacks, in words, goes out (domain §11, P05; §4 for the list).

It is said to whoever completes the PPS and to whoever approves it; nothing is refused for that.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from workflows.cases.care_team import care_team
from workflows.cases.models import Episode
from workflows.french import listed
from workflows.pathways.reading import rows
from workflows.roles import GENERAL_PRACTITIONER

NOTHING = "Rien"
# What answers it, one of several → how it is called when none does.
_EXPECTED: dict[tuple[str, ...], str] = {
    ("plan_explanation", "proposal_summary"): "l’explication pour le patient",
    ("alert_signs", "other_alert_signs"): "les signes d’alerte",
    ("allergy_status", "allergies"): "les allergies",
    (
        "needs_date",
        "need_pain",
        "need_nutrition",
        "need_psychological",
        "need_social",
    ): "l’évaluation des besoins de support",
}
# Kept for the patient from one case to the next.
_OF_THE_PATIENT = {
    "trusted_person": "la personne de confiance",
    "emergency_contact": "la personne à prévenir",
}
READ = (
    "treatments",
    "phone_day",
    "gp_name",
    "gp_known",
    *(name for names in _EXPECTED for name in names),
    *_OF_THE_PATIENT,
)


def said(db: Session, case_id: int, facts: Mapping[str, Any]) -> str:
    """« Le médecin traitant et les dates des traitements »"""
    found = listed(lacking(db, case_id, facts))
    return found[:1].upper() + found[1:] or NOTHING


def lacking(db: Session, case_id: int, facts: Mapping[str, Any]) -> list[str]:
    episode = db.get_one(Episode, case_id)
    patient, site = episode.patient, episode.unit.establishment
    found = [] if _knows_the_gp(db, case_id, facts, patient.gp_name) else ["le médecin traitant"]
    treatments = rows(facts, "treatments")
    if not treatments:
        found.append("les traitements")
    elif any(not row.get("planned_start") for row in treatments if row.get("status") == "planned"):
        found.append("les dates des traitements")
    if not (facts.get("phone_day") or episode.unit.phone or site.phone):
        found.append("un téléphone")
    found += [word for names, word in _EXPECTED.items() if not any(map(facts.get, names))]
    found += [
        word
        for name, word in _OF_THE_PATIENT.items()
        if not (facts.get(name) or getattr(patient, name))
    ]
    return found


def _knows_the_gp(db: Session, case_id: int, facts: Mapping[str, Any], name: str | None) -> bool:
    """The one contact the national model asks for; « none » is an answer."""
    in_the_team = any(one.role == GENERAL_PRACTITIONER.code for one in care_team(db, case_id))
    return bool(in_the_team or name or facts.get("gp_name") or facts.get("gp_known") == "none")
