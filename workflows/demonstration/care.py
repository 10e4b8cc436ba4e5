"""What is answered from the first treatment on: facts in, answers out."""

from workflows.demonstration.answers import CONSULTATION, WELL, Answers, Given, day


def planned_surgery(given: Given, at: int) -> Answers:
    return {
        "surgery_planned_date": day(at),
        "planned_procedure": given["what"],
        "surgeon": "@surgeon",
        "stay_kind": given["stay"],
    }


def surgery(given: Given, at: int) -> Answers:
    return {
        "surgery_status": "done",
        "surgery_date": day(at),
        "procedure_done": given["what"],
        "surgery_completeness": "R0",
        "surgery_complication": "no",
        "operative_conclusion": f"{given['what']}, suites simples.",
    }


def discharge(at: int) -> Answers:
    return {
        "discharge_date": day(at),
        "discharge_letter": "yes",
        "discharge_destination": "home",
    }


def surgical_pathology(given: Given, at: int) -> Answers:
    return {
        "surgical_pathology_date": day(at),
        "surgical_pathology_conclusion": "Exérèse complète, marges saines.",
        "ptnm_prefix": given.get("prefix", "p"),
        "pathological_t": given["pt"],
        "pathological_n": given["pn"],
        "margins": "clear",
    }


def prescription(given: Given, first: int) -> Answers:
    found: Answers = {
        "systemic_kind": given["kind"],
        "protocol": given["protocol"],
        "treatment_line": given["line"],
        "administration_route": "intravenous",
        "first_cycle_date": day(first),
        "cycles_planned": given["cycles"],
        "cycle_interval_days": given["interval"],
    }
    return found | ({"reassessment_every": given["reassess"]} if given.get("reassess") else {})


def oral(given: Given, first: int) -> Answers:
    return {
        "protocol": given["protocol"],
        "treatment_line": given["line"],
        "administration_route": "oral",
        "oral_start_date": day(first),
        "renewal_months": 1,
    }


def oral_follow_up(at: int) -> Answers:
    return {"observance": "good", "follow_up_date": day(at), "renewal_status": "renewed"}


def interview(at: int) -> Answers:
    return {
        "interview_status": "done",
        "interview_date": day(at),
        "interview_topics": ["intake", "interactions"],
        "interactions": "no_interaction",
    }


def trial(given: Given, at: int) -> Answers:
    return {
        "trial_name": given["trial"],
        "trial_answer": "included",
        "trial_answer_date": day(at),
    }


def daily_life() -> Answers:
    return {
        "daily_life_needs": ["work"],
        "daily_life_actions": "Arrêt de travail expliqué, courrier au médecin du travail.",
    }


def transfer(given: Given) -> Answers:
    return {
        "receiving_unit_id": f"@unit {given['to']}",
        "transfer_reason": "move",
        "transfer_patient_agrees": "yes",
        "transfer_summary": given["summary"],
    }


def checked(at: int) -> Answers:
    return {
        "check_date": day(at),
        "who_status": WELL,
        "neutrophils": "3.1",
        "platelets": 230,
        "go_ahead": True,
    }


def cycle(at: int) -> Answers:
    return {"administration_date": day(at), "dose_percent": 100, "administration_incident": "no"}


def call(at: int) -> Answers:
    return {"call_outcome": "reached", "call_date": day(at), "physician_alerted": "no"}


def response(at: int) -> Answers:
    return {
        "response": "partial",
        "response_date": day(at),
        "response_exam": "Scanner",
        "who_status": WELL,
    }


def radiotherapy(given: Given, first: int) -> Answers:
    return {
        "radiotherapy_target": given["target"],
        "radiotherapy_technique": "imrt",
        "dose_gy": given["dose"],
        "fractions_planned": given["fractions"],
        "radiotherapy_start_date": day(first),
    }


def sessions(first: int, count: int) -> list[Answers]:
    """Five a week."""
    days = [first + 7 * (number // 5) + number % 5 for number in range(count)]
    return [{"date": day(at), "status": "done"} for at in days]


def radiotherapy_end(given: Given, at: int) -> Answers:
    return {
        "radiotherapy_end_date": day(at),
        "fractions_delivered": given["fractions"],
        "dose_delivered_gy": given["dose"],
        "interruption_days": 0,
    }


def closing(at: int, *, is_last: bool) -> Answers:
    if not is_last:
        return {"treatment_outcome": "rcp"}
    return {
        "treatment_outcome": "after_treatment",
        "treatment_end_date": day(at),
        "needs_reassessed": "yes",
    }


def end_visit(at: int) -> Answers:
    return {
        "end_visit_date": day(at),
        "remission_status": "complete",
        "who_status": WELL,
        "late_needs": ["fatigue"],
    }


def ppac(given: Given, at: int) -> Answers:
    first = at + 15 + 30 * given["months"]
    return {
        "ppac_message": "Vos traitements sont terminés. Nous continuons à vous suivre ensemble.",
        "surveillance_plan": [
            {
                "kind": CONSULTATION,
                "exam": "Consultation",
                "first_due": f"month {day(first)}",
                "interval_months": 6,
                "actor": "alternating",
            },
            {
                "exam": given["exam"],
                "first_due": day(first),
                "interval_months": given["months"],
                "actor": "gp",
            },
        ],
        "next_control_date": day(first),
        "late_alert_signs": ["pain", "weight"],
        "prevention": ["activity", "nutrition"],
        "long_term_illness": "yes",
    }


def global_pathway(at: int) -> Answers:
    return {
        "global_pathway": "prescribed",
        "global_pathway_date": day(at),
        "global_pathway_items": ["activity", "dietetics"],
    }


def control(given: Given, at: int) -> Answers:
    return {
        "control_date": day(at),
        "control_exam": given["exam"],
        "control_by": "gp",
        "control_result": "normal",
        "surveillance_continues": True,
        "next_control_date": day(at + 30 * given["months"]),
    }


def progression(given: Given, at: int) -> Answers:
    return {
        "progression_date": day(at),
        "progression_kind": [given["kind"]],
        "progression_basis": ["imaging"],
        "metastatic_sites": given["sites"],
    }


def progression_announced(at: int) -> Answers:
    return {
        "progression_announcement_date": day(at),
        "persons_present": ["relative"],
        "gp_informed": "yes",
    }


def referral(kind: str, at: int) -> Answers:
    return {
        "support_wanted": kind,
        "support_status": "booked",
        "support_appointment_date": day(at),
    }


def reported(at: int) -> Answers:
    return {"support_report_status": "done", "support_report_date": day(at)}
