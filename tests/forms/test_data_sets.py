"""Every item of the data sets of the domain (§2 to §6) is a datum, or a column, or said why not.

Left: the item as the domain names it. Right: data of the dictionary (« group.column » for a
column), `Table.column` for what a form never asks because a table already holds it, or a sentence.
"""

import importlib

import pytest

import forms
from engine.db import Base
from workflows.revisions import release

LIBRARY = forms.load(
    [one for one in release.gather() if one.kind in ("dictionary", "form", "value_set")]
)

ANNOUNCEMENT = {
    "temps 1: auteur, date, examen, destinataire": "suspicion_by suspicion_date suspicion_exam suspicion_addressed_to",
    "temps 2: date, personnes présentes, RCP et DCC expliqués, MT prévenu": "announcement_date persons_present rcp_explained gp_informed",
    "temps 2: diagnostic, options, date de la proposition": "announcement_summary proposal_planned_date",
    "temps 3: accord ou refus, second avis, information due": "patient_decision second_opinion_offered risks_explained fertility_preservation",
    "temps 4: écoute, besoins, orientations": "nursing_time_summary need_pain need_nutrition need_psychological need_social tobacco_status alcohol_use",
    "origine professionnelle, addictions": "occupational_origin addiction_information",
}
SHEET = {
    "INS, IPP": "patient.ins ipp",
    "nom de naissance, prénoms, nom utilisé, sexe, naissance": "patient.birth_name patient.first_names patient.used_name patient.sex patient.birth_date patient.birth_place_code",
    "représentant légal": "legal_representative",
    "personne de confiance": "trusted_person",
    "contact d’urgence": "emergency_contact",
    "auteur": "record.produced_by",
    "validateur": "record.approved_by record.approved_at",
    "coordonnateur": "rcp_member.function",
    "demandeur": "rcp_registration.requested_by",
    "présentateur": "presenter",
    "médecin traitant, ou inconnu": "gp_known gp_name",
    "participants du quorum et hors quorum": "rcp_attendance.specialty rcp_attendance.in_quorum",
    "correspondants": "correspondents",
    "numéro d’inscription, de séance": "rcp_registration.id rcp_session.id",
    "identifiant de la RCP": "rcp.national_id",
    "identifiants du réseau et du gestionnaire": "A setting of the region (regional_network_id): one for every case.",
    "date": "rcp_session.starts_at",
    "établissement hôte et son adresse": "rcp.host_name rcp.host_address",
    "version et ensemble": "record.version record.set_id",
    "nature, appareil ou traitement": "rcp.kind rcp.organ",
    "recours, pédiatrique": "rcp.is_expert rcp.is_paediatric",
    "motif": "rcp_motives",
    "statut du cas": "case_status",
    "issu du dépistage": "discovery_mode",
    "tumeur: diagnostic, topographie, latéralité, morphologie": "diagnosis_date topography laterality morphology",
    "tumeur: cTNM, stade, édition": "ctnm_prefix clinical_t clinical_n clinical_m stage tnm_edition",
    "tumeur: autre classification": "classification_name classification_version classification_value more_classifications.name more_classifications.version more_classifications.value",
    "tumeurs suivantes": "other_tumours.diagnosis_date other_tumours.topography other_tumours.laterality other_tumours.morphology other_tumours.clinical_t other_tumours.clinical_n other_tumours.clinical_m other_tumours.stage other_tumours.tnm_edition other_tumours.staging",
    "antécédents, comorbidités": "medical_history comorbidities family_history",
    "OMS daté": "who_status who_status_date",
    "fragilité gériatrique": "g8_total g8_date geriatric_opinion",
    "éléments paracliniques": "exams.date exams.exam exams.result biomarkers.marker",
    "phase, rechute": "cancer_phase relapse_date",
    "progression": "cancer_progression progression_kind",
    "traitements passés et en cours": "past_treatments.kind past_treatments.start past_treatments.end past_treatments.status",
    "CRO": "operative_conclusion operative_report_date operative_author",
    "CR-ACP": "pathology_conclusion pathology_report_date sampling_date pathology_author surgical_pathology_conclusion surgical_pathology_date surgical_pathology_author",
    "CR-GM": "molecular_reports.conclusion molecular_reports.date molecular_reports.author",
    "synthèse et question": "clinical_summary question",
    "dossier complet, quorum": "file_complete quorum_status",
    "passage en RCP de recours": "expert_rcp_id expert_question",
    "examens complémentaires": "requested_exams.exam requested_exams.earliest requested_exams.latest",
    "surveillance": "rcp_proposal",
    "propositions": "proposals.intention_rank proposals.sequence proposals.kind proposals.precision proposals.earliest proposals.latest",
    "référentiel": "guideline_name guideline_version guideline_date",
    "essai clinique": "trial_inclusion trial_name trial_search",
    "statut du document": "record.status",
    "non discuté et raison": "non_discussion_reason",
    "proposition appliquée": "proposal_applied not_applied_reason",
    "oncogénétique": "oncogenetics",
    "préférence du patient": "patient_preferences",
}
PPS = {
    "établissements de référence, équipe": "care_team_member.role contacts.role contacts.name contacts.phone",
    "hébergement": "lodging",
    "arrêt des traitements actifs": "treatments_stopped treatments_stopped_date",
    "traitement: type, état": "treatments.kind treatments.status",
    "traitement: dates prévues et confirmées": "treatments.planned_start treatments.planned_end treatments.date_certainty",
    "traitement: lieu, professionnel, rythme, domicile, voie": "treatments.place treatments.professional treatments.rhythm treatments.at_home treatments.mode",
    "traitement: effets notables, remarque": "treatments.side_effects treatments.comment",
    "actions contre les effets": "treatments.side_effect_actions",
    "mesures associées": "associated_measures.kind associated_measures.precision associated_measures.date",
    "suivi": "follow_up_plan.kind follow_up_plan.rhythm",
    "SOS et social": "support_actions.kind support_actions.status support_actions.start support_actions.end support_actions.place support_actions.rhythm support_actions.at_home",
    "poids, tabac": "weight_kg tobacco_status",
    "date de RCP": "rcp_session.starts_at",
    "date de la consultation d’annonce": "announcement_date",
    "remise: date et personne": "pps_handover_date handed_over_by",
    "refus de recevoir": "handover_mode handover_refusal_reason",
    "motif de mise à jour": "pps_update_reason pps_update_detail",
    "PPS précédent, documents cités": "record.replaces_id",
    "mention d’information": "Printed on every PPS by its template: nobody types it.",
    "directives anticipées": "advance_directives advance_directives_place",
    "téléphone 24 h sur 24, signes d’alerte": "phone_night alert_signs",
    "allergies": "allergy_status allergies",
    "langue, accessibilité": "preferred_language accessibility_needs",
}
PPAC = {
    "traitements reçus, doses cumulées": "received_treatments.kind received_treatments.start received_treatments.end received_treatments.dose",
    "séquelles, traitements qui continuent": "sequelae residual_treatments",
    "calendrier": "surveillance_plan.kind surveillance_plan.exam surveillance_plan.condition surveillance_plan.first_due surveillance_plan.interval_months surveillance_plan.until surveillance_plan.actor surveillance_plan.done surveillance_plan.result surveillance_plan.version",
    "signes d’alerte, effets tardifs": "late_alert_signs late_effects",
    "prévention": "prevention",
    "SOS": "late_needs support_actions.kind",
    "travail, études, droits": "work_return work_return_date work_change long_term_illness rights_information occupational_origin",
    "contacts, référent, accès rapide": "contacts.name follow_up_referent phone_fast_track",
    "parcours de soins global": "global_pathway global_pathway_date global_pathway_items",
    "remise": "ppac_handover_date handed_over_by",
}
TREATMENT = {
    "chirurgie": "surgery_date anaesthesia_date procedure_done discharge_date discharge_letter",
    "radiothérapie": "fractions_planned dose_gy sessions.date sessions.status interruption_days dose_delivered_gy",
    "cycles": "cycles_planned cycle_interval_days administration_date dose_percent go_ahead hold_reason",
    "toxicité": "toxicity toxicity_grade toxicity_date toxicity_cause",
    "réponse": "response response_date",
}
SETS = {**ANNOUNCEMENT, **SHEET, **PPS, **PPAC, **TREATMENT}


@pytest.mark.parametrize("item", SETS)
def test_an_item_of_the_domain_has_its_place(item: str) -> None:
    importlib.import_module("workflows.tables")
    place = SETS[item]
    if place[0].isupper():  # a sentence says why it is asked nowhere
        assert place.endswith(".")
        return
    for name in place.split():
        table, _, column = name.partition(".")
        if LIBRARY.datum(name) is None:
            assert column in Base.metadata.tables[table].columns, name


def test_a_national_value_is_never_invented() -> None:
    """What may not be known can be said to be unknown, or be left empty: nothing of it is owed."""
    owed = {
        one.name
        for form in ("complete_rcp_sheet", "attach_pathology_report", "complete_pps_treatment")
        for _, one in LIBRARY.forms[form].fields()
        if one.required and not one.when
    }

    assert owed <= {"pathology_report_date", "pathology_result"}
