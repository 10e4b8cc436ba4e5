"""What a diagram may neither answer by itself nor leave without an answer (domain §13).

The rules read these answers; a script, a table or « with » that wrote them would make a patient
informed, an RCP held or a plan handed over that nobody informed, held or handed over. Publishing
refuses it (`engine.checks`), whoever drew it.
"""

ANSWERED = (
    # 1: the patient was told, and said no or not
    "information_date",
    "information_by",
    "sharing_opposition",
    # 2 and 4: how the meeting treated the case
    "case_status",
    "guideline_name",
    "guideline_version",
    "guideline_date",
    "opinion_given",
    "quorum_status",
    "registration_accepted",
    "postponement",
    "rcp_proposal",
    "rcp_already_given",
    # 5: a date and a person
    "pps_handover_date",
    "ppac_handover_date",
    "handed_over_by",
    # 8: a line that stops, and what an RCP says of it
    "line_stopped",
    "treatments_stopped",
    "treatment_outcome",
    "emergency_date",
    "emergency_rcp_latest_date",
    # 9
    "death_date",
    # 10: who passed over a rule, and why
    "prerequisites_outcome",
    "prerequisites_skipped",
    "start_waiver_reason",
    "waiver_by",
    "waiver_reason",
    "rcp_choice_reason",
    "late_session_reason",
)
# Invariant 8 begins an RCP by this message, from whatever stops.
BEGINS = {
    "rcp_requested": "l’arrêt d’un traitement ne mènerait à aucune RCP.",
}
