"""The answers a diagram turns on must be given: such a step is never passed over « sans objet ».

Without them a gateway would take its default way: a cancer confirmed, a treatment accepted, a
cycle counted that nobody gave. The forms ask the same; this holds whoever answers.
"""

from sqlalchemy.orm import Session

from engine.errors import Invalid
from workflows.cases.steps import CompletedForm, guard, require_answers
from workflows.pathways.reading import day, is_no, today

# Form → datum → what the person reads.
REQUIRED: dict[str, dict[str, str]] = {
    "inform_patient": {"information_date": "Indiquez quand le patient a été informé."},
    "attach_pathology_report": {"pathology_result": "Indiquez le résultat du compte rendu."},
    "accept_registration": {
        "registration_accepted": "Dites si l’inscription est acceptée ou refusée."
    },
    "discuss_case": {"opinion_given": "Dites si la réunion a rendu un avis."},
    "postpone": {"postponement": "Dites si le dossier est reporté ou annulé."},
    "record_rcp_decision": {"rcp_proposal": "Indiquez la conclusion de la RCP."},
    "correct_rcp_sheet": {"rcp_proposal": "Indiquez la conclusion de la RCP."},
    "choose_follow_on": {"opinion_follow_on": "Choisissez la suite de l’avis."},
    "propose_treatment": {"patient_decision": "Indiquez la décision du patient."},
    "trace_refusal": {
        "refusal_date": "Indiquez la date du refus.",
        "refusal_scope": "Dites si tout est refusé, ou quel traitement.",
        "refusal_information": "Tracez l’information donnée sur les conséquences du refus.",
        "refusal_outcome": "Dites si une alternative est retenue ou si la RCP est sollicitée.",
        "refusal_review_date": "Indiquez quand revoir le patient.",
    },
    "record_emergency": {
        "emergency_date": "Indiquez le jour du traitement en urgence.",
        "emergency_reason": "Dites pourquoi la RCP ne pouvait pas être attendue.",
        "emergency_treatment": "Indiquez le traitement donné en urgence.",
    },
    "inform_after_death": {
        "death_gp_informed": "Dites si le médecin traitant est prévenu du décès.",
        "death_sites_informed": "Dites si les autres établissements sont prévenus.",
    },
    "correct_after_death": {
        "death_corrected_gp": "Dites si le médecin traitant sait que c’était une erreur.",
    },
    "follow_opinion": {"opinion_followed": "Dites quelle suite est donnée à l’avis de la RCP."},
    "decide_restart": {"window_decision": "Dites si les traitements reprennent."},
    "apply_stop": {"stop_application": "Dites si les traitements s’arrêtent ou se poursuivent."},
    "propose_stop": {"stop_question": "Dites si la RCP est saisie ou si la question est retirée."},
    "review_refusal": {"refusal_maintained": "Dites si le patient maintient son refus."},
    "close_treatment": {"treatment_outcome": "Choisissez la suite après cette phase."},
    "plan_surgery": {"surgery_planned_date": "Indiquez la date prévue de l’intervention."},
    "prepare_radiotherapy": {
        "fractions_planned": "Indiquez le nombre de séances prévues.",
        "radiotherapy_start_date": "Indiquez la date de la première séance.",
    },
    "prescribe_systemic": {
        "first_cycle_date": "Indiquez la date du premier cycle.",
        "cycles_planned": "Indiquez le nombre de cycles prévus.",
    },
    "pre_cycle_check": {"go_ahead": "Dites si le cycle peut être administré."},
    "adapt_treatment": {"adaptation": "Choisissez comment adapter le traitement."},
    "reassess_response": {"response": "Indiquez la réponse au traitement."},
    "prescribe_oral": {"oral_start_date": "Indiquez la date de la première prise."},
    "follow_oral": {"observance": "Dites comment le traitement est pris."},
    "pharmacist_interview": {"interview_status": "Dites si l’entretien a eu lieu."},
    "follow_up_call": {"call_outcome": "Dites si le patient a été joint."},
    "call_after_alert": {"call_outcome": "Dites si le patient a été joint."},
    "record_admission": {
        "stay_admission_date": "Indiquez la date d’entrée.",
    },
    "record_stay_end": {"stay_outcome": "Dites comment le séjour s’est terminé."},
    "arrange_referral": {
        "support_wanted": "Indiquez le soin de support demandé.",
        "support_status": "Dites si le rendez-vous est pris.",
    },
    "record_check": {
        "check_done_date": "Indiquez la date du contrôle.",
        "reclassified": "Dites si le dossier est reclassé.",
    },
    "plan_procedure": {
        "procedure_planned_date": "Indiquez la date prévue de l’acte.",
        "aplasia_expected": "Dites si une aplasie est attendue.",
    },
    "record_procedure": {"procedure_status": "Dites si l’acte a été réalisé."},
    "follow_aplasia": {"aplasia_over": "Dites si le patient est sorti d’aplasie."},
    "rate_toxicity": {"toxicity_grade": "Indiquez le grade de la toxicité."},
    "record_control": {
        "control_result": "Indiquez le résultat du contrôle.",
        "surveillance_continues": "Dites si la surveillance continue.",
    },
    "explore_suspicion": {"relapse_confirmed": "Dites si la rechute est confirmée."},
    "record_progression": {"progression_date": "Indiquez la date de la progression."},
}


for form_name, answers in REQUIRED.items():
    require_answers(form_name, answers)


@guard("record_control")
def require_next_control(db: Session, step: CompletedForm) -> None:
    """A surveillance that goes on knows when: the next control wakes it."""
    if is_no(step.answers.get("surveillance_continues")):
        return
    following = day(step.answers.get("next_control_date"))
    if step.answers.get("control_result") != "suspicion" and (
        following is None or following <= today(step.now)
    ):
        raise Invalid(
            "Indiquez la date du prochain contrôle, après aujourd’hui.",
            {"next_control_date": "Date à venir attendue."},
        )
