"""One RCP of a case comes in; what its sheet says goes out (national model, domain §3.4)."""

from typing import Any

from workflows.rcp import queries as rcp_queries
from workflows.rcp.completeness import awaits_geriatrician
from workflows.records.contexts import meeting, parts, tumour, wording
from workflows.records.contexts.parts import fact
from workflows.records.contexts.source import Row, Source
from workflows.staff import queries as staff_queries

Facts = list[dict[str, str]]
_TITLES = {
    "treatment": "traitement proposé",
    "surveillance": "surveillance proposée",
    "examinations": "examens complémentaires demandés",
    "expert_rcp": "avis d’une RCP de recours demandé",
    "stop_treatment": "arrêt des traitements spécifiques",
}
_INTENTIONS = {"1": "En première intention", "2": "En alternative"}


def build(source: Source) -> dict[str, Any]:
    registration = rcp_queries.registration_of(source.db, source.instance_id)
    return {
        "rcp": meeting.held(source, registration),
        "request": _request(source),
        "question": source.say("question"),
        "general": _general(source),
        "history": _history(source),
        "disease": tumour.disease(source),
        "biomarkers": tumour.biomarkers(source),
        "examinations": sorted(tumour.examinations(source), key=lambda row: row["date"] or "9999"),
        "treatments": [tumour.treatment(source, row) for row in source.rows("past_treatments")],
        "opinion": _opinion(source),
        **meeting.people(source, registration),
        "actions": [_action(source, row) for row in source.rows("next_steps")],
        "distribution": _distribution(source),
    }


def _request(source: Source) -> Facts:
    registration = rcp_queries.registration_of(source.db, source.instance_id)
    requester = registration.requested_by if registration else ""
    completeness = {"yes": "complet", "no": "incomplet"}.get(source.raw("file_complete"), "")
    return [
        *fact(
            "Médecin demandeur",
            staff_queries.actor_name(source.db, requester) if requester else "",
        ),
        *fact("IPP", source.say("ipp")),
        *fact("Présenté par", source.person("presenter")),
        *fact("Inscription", meeting.numbers(source, registration)),
        *fact("Médecin traitant", parts.general_practitioner(source)),
        *fact("Patient informé le", source.say("information_date")),
        *fact("Motif", source.say("rcp_motives")),
        *fact("Statut du cas", source.say("case_status")),
        *fact(
            "Phase", wording.joined((source.say("cancer_phase"), source.say("progression_kind")))
        ),
        *fact("Mode de découverte", source.say("discovery_mode")),
        *fact(
            "Dossier",
            wording.raised(
                wording.joined((completeness, wording.lowered(source.say("quorum_status"))))
            ),
        ),
        *fact("Il manque", source.say("missing_pieces")),
    ]


def _general(source: Source) -> Facts:
    who = source.say("who_status")
    size = wording.joined((source.say("height_cm"), source.say("weight_kg")))
    bmi = source.say("bmi")
    g8 = source.say("g8_total")
    return [
        *fact("État général", f"OMS {who}" if who else ""),
        *fact("Taille, poids", f"{size} (IMC {bmi})" if size and bmi else size),
        *fact("Fonctions d’organes", source.say("organ_function")),
        *fact("Allergies", source.say("allergies") or source.say("allergy_status")),
        *fact("Score G8", f"{g8} sur 17" if g8 else ""),
        *fact("Avis gériatrique", _geriatric(source)),
        *fact("Grossesse", source.say("pregnancy_status")),
        *parts.patient(source)["related"],
    ]


def _geriatric(source: Source) -> str:
    """A12: a meeting held before the geriatrician has seen the patient says so."""
    facts = {name: source.raw(name) for name in ("geriatric_needed", "geriatric_status")}
    if awaits_geriatrician(facts):
        return "EGS en attente"
    return source.say("geriatric_advice") or source.say("geriatric_status")


def _history(source: Source) -> Facts:
    return [
        line
        for label, name in (
            ("Antécédents", "medical_history"),
            ("Antécédents familiaux", "family_history"),
            ("Comorbidités", "comorbidities"),
            ("Traitements habituels", "current_medications"),
            ("Conclusion gériatrique", "geriatric_opinion"),
            ("Souhaits du patient", "patient_preferences"),
            ("Histoire de la maladie", "clinical_summary"),
        )
        for line in fact(label, wording.sentence(source.say(name)))
    ]


def _opinion(source: Source) -> dict[str, Any]:
    conclusion = source.raw("rcp_proposal")
    return {
        "title": _TITLES.get(conclusion, wording.lowered(source.say("rcp_proposal"))),
        "intentions": _intentions(source),
        "remarks": _remarks(source),
    }


def _intentions(source: Source) -> list[dict[str, Any]]:
    """First choice and alternative, each in its order; no label when there is one choice only."""
    rows = sorted(source.rows("proposals"), key=lambda row: row.get("sequence") or 0)
    ranks = sorted({str(row.get("intention_rank") or "1") for row in rows})
    return [
        {
            "label": _INTENTIONS.get(rank, rank) if len(ranks) > 1 or rank != "1" else "",
            "proposals": [
                _proposal(source, row)
                for row in rows
                if str(row.get("intention_rank") or "1") == rank
            ],
        }
        for rank in ranks
    ]


def _between(row: Row) -> str:
    """« au plus tôt 04/05/2026, au plus tard 18/05/2026 »"""
    earliest, latest = row.get("earliest"), row.get("latest")
    return wording.joined(
        (
            f"au plus tôt {wording.printed(earliest)}" if earliest else "",
            f"au plus tard {wording.printed(latest)}" if latest else "",
        )
    )


def _proposal(source: Source, row: Row) -> dict[str, str]:
    return {
        "name": source.cell("proposals", row, "kind"),
        "detail": wording.sentence(
            wording.joined((source.cell("proposals", row, "precision"), _between(row)))
        ),
    }


def _remarks(source: Source) -> Facts:
    asked = [
        wording.joined((source.cell("requested_exams", row, "exam"), source.cell("requested_exams", row, "addressed_to"), _between(row)))
        for row in source.rows("requested_exams")
    ]  # fmt: skip
    trial = wording.joined((source.say("trial_inclusion"), source.say("trial_name")))
    lines = (
        ("Intention", source.say("treatment_intent")),
        ("Justification", source.say("justification")),
        ("Au regard du référentiel", source.say("guideline_conformity")),
        ("Situation reconnue", source.say("conforming_situation")),
        ("Discussion", source.say("discussion_summary")),
        ("Examens demandés", "\u202f; ".join(asked)),
        ("Question à la RCP de recours", source.say("expert_question")),
        ("Essai clinique", trial),
        ("Oncogénétique", source.say("oncogenetics")),
        ("Soins et expertises conseillés", source.say("support_advised")),
        ("Alternatives discutées", source.say("alternatives_considered")),
        ("Avis divergents", source.say("disagreement")),
    )
    return [line for label, value in lines for line in fact(label, wording.sentence(value))]


def _action(source: Source, row: Row) -> dict[str, str]:
    return {
        "name": source.cell("next_steps", row, "action"),
        "owner": source.cell("next_steps", row, "responsible"),
        "before": str(row.get("before") or ""),
    }


def _distribution(source: Source) -> str:
    """What Hent does, and nothing it does not: the sheet stays in the case."""
    copies = ", ".join(source.lines("correspondents"))
    own = "Mise à disposition de l’équipe de soins dans Hent."
    return f"{own} Copie à adresser à\u202f: {copies}." if copies else own
