"""What a person would answer, in a region where everybody answers well: facts in, answers out."""

from collections.abc import Mapping
from random import Random
from typing import Any

from workflows.pathways.frailty import age_item

Answers = dict[str, Any]
Given = Mapping[str, Any]
DOCTOR, NURSE, WELL = "@referring_physician", "@idec", "LA9622-7"
SURGERY, RADIOTHERAPY, CONSULTATION = "387713003", "C15313", "11429006"
KINDS = {"surgery": SURGERY, "radiotherapy": RADIOTHERAPY}
SIDES = ("7771000", "24028007")  # left, right
APPROVED: Answers = {"correction_requested": False}
TEAM: Answers = {
    f"team_{role}": f"@{role}"
    for role in ("referring_physician", "idec", "surgeon", "oncologist", "radiation_oncologist")
}
PREREQUISITES: Answers = {
    "check_rcp": "done",
    "check_pps": "done",
    "check_workup": "done",
    "check_fertility": "not_concerned",
    "prerequisites_outcome": "met",
}
APPOINTMENTS: Answers = {
    "appointments": [{"title": "Consultation avant traitement", "place": "Hôpital de jour"}]
}
INFORMED_AFTER_DEATH: Answers = {
    "death_gp_informed": "yes",
    "death_sites_informed": "yes",
    "death_appointments_cancelled": "yes",
}


def day(number: int) -> str:
    """« D+8 », « D-3 »: the words of a story."""
    return f"D{number:+d}" if number else "D0"


def identity(at: int, random: Random, *, identified: bool) -> Answers:
    return {
        "identity_check": "verified" if identified else "to_verify",
        "identity_document": "identity_card" if identified else "none",
        "referral_date": day(at),
        "referral_origin": random.choice(["letter", "call", "screening", "internal"]),
    }


def information(at: int) -> Answers:
    return {
        "information_date": day(at),
        "information_by": DOCTOR,
        "information_to": "patient",
        "information_mode": "oral_leaflet",
        "information_topics": ["rcp", "shared_record", "rights"],
        "sharing_opposition": False,
        "gp_sharing": "accepted",
    }


def pathology(illness: Given, site: Given, random: Random) -> Answers:
    found: Answers = {
        "pathology_report_date": day(0),
        "pathology_result": "malignant",
        "sampling_date": day(-4),
        "pathology_conclusion": f"{illness['histology']}. {illness['grade']}".strip(" ."),
        "topography": illness["topography"],
        "morphology": illness["morphology"],
        "histology": illness["histology"],
        "second_reading": "not_needed",
        "biomarkers": [{"marker": name, "result": result} for name, result in illness["markers"]],
    }
    if illness["grade"]:
        found["tumour_grade"] = illness["grade"]
    if site["sides"]:
        found["laterality"] = random.choice(SIDES)
    return found


def announcement(at: int, random: Random) -> Answers:
    wishes = (
        "Souhaite être soigné près de chez lui.",
        "Veut continuer à travailler autant que possible.",
        "Demande que sa famille soit informée avec lui.",
    )
    return {
        "announcement_date": day(at),
        "persons_present": random.choice(
            [["relative"], ["relative", "announcement_nurse"], ["alone"]]
        ),
        "wish_to_know": "yes",
        "patient_preferences": random.choice(wishes),
        "rcp_explained": "yes",
        "gp_informed": "yes",
    }


def nursing_time(at: int) -> Answers:
    return {
        "nursing_time_status": "done",
        "nursing_time_date": day(at),
        "nursing_time_by": NURSE,
        "nursing_time_mode": "onsite",
        "patient_understanding": "A compris le diagnostic et les étapes à venir.",
    }


def needs(at: int, random: Random) -> Answers:
    level = ("none", "none", "watch", "referral")
    names = ("need_pain", "need_nutrition", "need_psychological", "need_social")
    return {name: random.choice(level) for name in names} | {"needs_date": day(at)}


def g8(at: int, age: int, *, is_frail: bool) -> Answers:
    low, high = ("1", "1") if is_frail else ("2", "3")
    return {
        "g8_status": "done",
        "g8_date": day(at),
        "g8_appetite": low,
        "g8_weight_loss": high,
        "g8_mobility": "2",
        "g8_neuropsychology": "2",
        "g8_bmi": "3",
        "g8_medications": "0" if is_frail else "1",
        "g8_health": "1",
        "g8_age": age_item(age),
    }


def geriatric(at: int) -> Answers:
    return {
        "geriatric_status": "done",
        "geriatric_date": day(at),
        "geriatric_advice": "adapted",
        "geriatric_opinion": "Autonomie conservée, traitement possible avec adaptation.",
    }


def chosen(code: str, held: int, reason: str) -> Answers:
    session = f"@session {code} {day(held)}"
    return {"rcp_reason": reason, "rcp_id": f"@rcp {code}", "rcp_session_id": session}


def registration(given: Given) -> Answers:
    return {
        "case_status": "registered" if given.get("registered") else "discussed",
        "rcp_motives": ["ORG-114"],
        "question": given["question"],
    }


def sheet(at: int, illness: Given, site: Given, random: Random) -> Answers:
    found: Answers = {
        "clinical_summary": f"{illness['histology']}, c{illness['t']} {illness['n']} {illness['m']}.",
        "discovery_mode": random.choice(site["discovery"]),
        "cancer_phase": "MED-268",
        "comorbidities": random.choice(
            ["Aucune.", "Hypertension.", "Diabète de type 2.", "Asthme."]
        ),
        "allergy_status": "none_known",
        "who_status": random.choice([WELL, WELL, "LA9623-5", "LA9624-3"]),
        "who_status_date": day(at),
        "diagnosis_date": "month D0",
        "staging_system": "tnm",
        "clinical_t": illness["t"],
        "clinical_n": illness["n"],
        "clinical_m": illness["m"],
        "stage": illness["stage"],
        "tnm_edition": "8",
        "exams": [{"date": day(-6), "exam": site["first_exam"], "result": "Lésion suspecte"}],
    }
    return found | ({"metastatic_sites": illness["sites"]} if illness.get("sites") else {})


def pieces(reason: str) -> Answers:
    kinds = (
        ["pathology", "operative_report"]
        if reason == "post_operative"
        else ["pathology", "imaging"]
    )
    return {
        "pieces": [{"kind": kind, "state": "attached"} for kind in kinds],
        "file_complete": "yes",
    }


def guideline(name: str) -> Answers:
    return {"guideline_name": name, "guideline_version": "2025", "guideline_date": "2025-01"}


def decision(given: Given) -> Answers:
    rows = [(given["kind"], given["what"]), *map(tuple, given.get("also", []))]
    trial = {"trial_inclusion": "none"}
    if given.get("trial"):
        trial = {"trial_inclusion": "proposed", "trial_name": given["trial"]}
    return trial | {
        "rcp_proposal": given.get("outcome", "treatment"),
        "treatment_intent": given.get("intent", "curative"),
        "proposals": [
            {"kind": kind, "intention_rank": "1", "sequence": order, "precision": what}
            for order, (kind, what) in enumerate(rows, 1)
        ],
        "guideline_conformity": "conforming",
    }


def proposal(at: int) -> Answers:
    return {
        "proposal_date": day(at),
        "proposal_by": DOCTOR,
        "risks_explained": ["adverse_effects", "quality_of_life"],
        "second_opinion_offered": "offered",
        "patient_decision": "accepts",
    }


def treatment(name: str, given: Given, start: int, order: int) -> Answers:
    """A row of the PPS; what comes later has no firm date yet."""
    row: Answers = {
        "kind": KINDS.get(name) or given["kind"],
        "precision": given.get("what") or given.get("protocol") or given.get("target"),
        "status": "planned",
        "planned_start": day(start) if order == 0 else f"month {day(start + 90 * order)}",
        "date_certainty": "planned" if order == 0 else "to_set",
    }
    if name == "oral":
        row |= {"mode": "oral", "at_home": "yes"}
    number = given.get("cycles") or given.get("fractions")
    return row | ({"cycles": number} if number else {})


def support(random: Random) -> Answers:
    return {
        "alert_signs": random.sample(["fever", "vomiting", "bleeding", "breathless", "pain"], 3),
        "phone_day": "02 99 00 10 41",
        "phone_day_hours": "De 8 h 30 à 17 h 30, du lundi au vendredi",
        "phone_night": "02 99 00 10 00",
        "support_actions": [
            {"kind": random.choice(["psychology", "ORG-036", "ORG-175"]), "status": "planned"}
        ],
        "advance_directives": "discussed",
    }


def handed_over(kind: str, at: int) -> Answers:
    by = DOCTOR if kind == "pps" else "@oncologist"
    return {f"{kind}_handover_date": day(at), "handed_over_by": by, "handover_mode": "in_person"}
