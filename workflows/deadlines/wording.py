"""A rule and the date it hangs on come in; the French sentence beside a due date goes out."""

from datetime import datetime

from workflows.deadlines.models import Redating
from workflows.deadlines.rules import OPENED, Rule
from workflows.french import plural, say_date

# With the article, so that « du 2 mars 2026 » can follow.
MILESTONES: dict[str, str] = {
    "patient_informed": "l’information du patient",
    "pathology_report": "le compte rendu anatomopathologique",
    "diagnosis_announced": "la consultation d’annonce",
    "nursing_time": "le temps d’accompagnement soignant",
    "rcp_session": "la séance de RCP",
    "rcp_approved": "la validation de la fiche de RCP",
    "proposal": "la proposition de traitement au patient",
    "recontact": "le rendez-vous convenu avec le patient",
    "pps_handed_over": "la remise du PPS",
    "first_treatment": "le premier traitement prévu",
    "surgery": "l’intervention",
    "radiotherapy_planned": "la radiothérapie prévue",
    "radiotherapy_start": "le début de la radiothérapie",
    "last_session": "la dernière séance réalisée",
    "first_cycle": "le premier cycle",
    "next_cycle": "le prochain cycle",
    "oral_start": "le début du traitement oral",
    "next_follow_up": "le prochain suivi du traitement oral",
    "next_interview": "l’entretien pharmaceutique",
    "next_check": "le prochain contrôle de surveillance",
    "procedure": "l’acte",
    "treatment_end": "la fin des traitements",
    "next_control": "le contrôle prévu",
    "ppac_handed_over": "la remise du PPAC",
    "refusal_review": "la date prévue pour revoir le patient",
    "palliative_review": "le point prévu avec le patient",
    "emergency": "le traitement en urgence",
    "window_restart": "la reprise prévue",
    "progression": "la progression",
    "awaited_document": "la date prévue de ce qui est attendu",
    "death": "le décès",
}
_UNITS: dict[str, tuple[str, str]] = {
    "hours": ("heure", "heures"),
    "working_hours": ("heure ouvrée", "heures ouvrées"),
    "days": ("jour", "jours"),
    "working_days": ("jour ouvré", "jours ouvrés"),
    "weeks": ("semaine", "semaines"),
    "months": ("mois", "mois"),
}


def milestone_label(name: str) -> str:
    """Its name in a sentence; one that a site has added is quoted as it is."""
    return MILESTONES.get(name, f"le jalon «\u202f{name}\u202f»")


def unit_label(unit: str) -> tuple[str, str]:
    """« jour ouvré », « jours ouvrés »"""
    return _UNITS.get(unit, (unit, unit))


def explain(rule: Rule, anchor_at: datetime, *, waits: bool) -> str:
    """« 8 jours après le compte rendu anatomopathologique du 2 mars 2026 »

    `waits`: the rule hangs on a milestone nobody knows yet, so it counts from the opening.
    """
    from_opening = waits or rule.anchor == OPENED
    anchor = "l’ouverture de l’étape" if from_opening else milestone_label(rule.anchor)
    if rule.amount == 0:
        sentence = f"Le jour {_of(anchor)}, le {say_date(anchor_at)}"
    else:
        amount = plural(abs(rule.amount), *_UNITS[rule.unit])
        side = "après" if rule.amount > 0 or from_opening else "avant"
        date = f"le {say_date(anchor_at)}" if from_opening else f"du {say_date(anchor_at)}"
        sentence = f"{amount} {side} {anchor} {date}"
    if waits:
        sentence += f", en attendant la date {_of(milestone_label(rule.anchor))}"
    if rule.row_label:
        sentence += f" (règle «\u202f{rule.row_label}\u202f»)"
    return sentence


def say_redating(moved: Redating) -> str:
    """« Échéance déplacée du 10 au 12 mars 2026 : nouvelle date de la séance de RCP »"""
    before = f"du {say_date(moved.due_before)} " if moved.due_before else ""
    return (
        f"Échéance déplacée {before}au {say_date(moved.due_after)}\u202f: "
        f"date {_of(milestone_label(moved.milestone))}"
    )


def _of(noun: str) -> str:
    """« du compte rendu », « de la séance »: the article contracts."""
    return f"du {noun[3:]}" if noun.startswith("le ") else f"de {noun}"
