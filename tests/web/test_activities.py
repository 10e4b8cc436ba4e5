"""What may be done at any time: each is offered where its condition holds, opens its form, is done,
and is seen in the history of the case (issue 4, part 2)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine import runtime
from engine.db import transaction
from tests.web.conftest import Time
from tests.workflows.pathway import Region
from workflows.cases.activities import ACTIVITIES
from workflows.staff.models import User

SignIn = Callable[[User], FlaskClient]
CHEMOTHERAPY = "C15632"
DAY = "10/03/2026"
G8 = {f"g8_{item}": "1" for item in ("appetite", "mobility", "neuropsychology", "bmi",
                                     "medications", "health", "age", "weight_loss")}  # fmt: skip

# Message → who declares it, its first step, who does it, what they type, how the history says it.
DONE: dict[str, tuple[str, str, str, dict[str, str], str]] = {
    "follow_up_call_requested": (
        "idec", "call_patient", "idec", {"call_outcome": "reached"}, "Appeler le patient",
    ),
    "referral_requested": (
        "idec", "arrange_referral", "idec",
        {"support_wanted": "ORG-036", "support_status": "booked", "support_appointment_date": DAY},
        "Prendre le rendez-vous",
    ),
    "nursing_time_requested": (
        "idec", "nursing_time", "idec",
        {"nursing_time_status": "done", "nursing_time_date": DAY}, "Mener le temps soignant",
    ),
    "frailty_requested": (
        "idec", "g8_score", "idec", {"g8_status": "done", **G8}, "Calculer le score G8",
    ),
    "letter_requested": (
        "idec", "write_letter", "referring_physician",
        {"letter_to": "Dr Riou", "letter_subject": "Suivi", "letter_text": "Chère consœur,"},
        "Écrire le courrier",
    ),
    "cycle_move_requested": (
        "idec", "move_cycle", "idec",
        {"next_cycle_date": "24/03/2026", "adaptation_reason": "Mariage de sa fille"},
        "Déplacer le cycle",
    ),
    "reassessment_requested": (
        "referring_physician", "reassess_response", "oncologist", {"response": "partial"},
        "Faire le bilan de réévaluation",
    ),
    "synthesis_visit_requested": (
        "idec",
        "record_synthesis",
        "general_practitioner",
        {"synthesis_date": DAY, "synthesis_summary": "Va bien."},
        "Consulter pour la synthèse",
    ),
    "trial_requested": (
        "referring_physician", "propose_trial", "investigator",
        {"trial_name": "BREIZH-1", "trial_answer": "included"}, "Proposer l’inclusion",
    ),
    "daily_life_requested": (
        "idec", "accompany_return", "social_worker", {"daily_life_needs": "work"},
        "Accompagner le retour",
    ),
    "ppac_update_requested": (
        "idec", "revise_ppac", "idec",
        {
            "pps_update_reason": "MED-560", "surveillance_plan-0-kind": "11429006",
            "surveillance_plan-0-exam": "Consultation", "surveillance_plan-0-actor": "oncologist",
            "surveillance_plan-0-first_due": "10/09/2026",
        },
        "Réviser le PPAC",
    ),
    "suspicion_reported": (
        "idec", "explore_suspicion", "oncologist", {"relapse_confirmed": "false"},
        "Explorer la suspicion",
    ),
    "telemonitoring_alert": (
        "idec", "call_after_alert", "idec", {"call_outcome": "reached"}, "Appeler après l’alerte",
    ),
    "unplanned_stay_declared": (
        "idec", "record_admission", "idec",
        {"stay_admission_date": DAY, "stay_reason": "toxicity"}, "Saisir l’entrée",
    ),
}  # fmt: skip


@pytest.fixture
def treated(region: Region, clock: Time) -> Region:
    """Somebody of eighty-two, a chemotherapy under way: every condition holds."""
    region.open_case(born=date(1944, 1, 10))
    region.announce()
    for step in ("nursing_time", "g8_score"):  # those that follow the announcement
        region.skip(step)
    region.hold_rcp(7, CHEMOTHERAPY)
    region.on(8)
    region.hand_over([{"kind": CHEMOTHERAPY, "status": "planned"}])
    region.do(
        "prescribe_systemic", first_cycle_date=region.day(7), cycles_planned=4,
        cycle_interval_days=21,
    )  # fmt: skip
    region.skip("record_synthesis")  # the one that follows the first PPS
    with transaction(region.database) as db:
        runtime.put_data(
            db, case_id=region.case_id, values={"ppac_in_force": True},  # as after a first one
            actor="system", now=region.now,
        )  # fmt: skip
    clock.now = region.now
    return region


@pytest.mark.parametrize("message", sorted(ACTIVITIES))
def test_an_activity_is_offered_opened_done_and_kept(
    treated: Region, as_: SignIn, message: str
) -> None:
    declarer, step, doer, typed, said = DONE[message]
    first, second = _at(treated, as_, declarer), _at(treated, as_, doer)
    case = f"/dossiers/{treated.case_id}"
    menu = first.get(case).text
    place = f"{case}/evenements/{message}"
    assert f'href="{place}"' in menu, "offered on the page of the case"

    asked = first.get(place).text
    assert ACTIVITIES[message].label in asked
    assert first.post(place).status_code == 302
    assert step in treated.open()

    task = treated.task(step)
    form = f"{case}/taches/{task.id}"
    shown = second.get(form).text
    for name in typed:
        assert f'name="{name}"' in shown or name.partition("-")[0] in shown, name
    answer = second.post(form, data={"_version": str(task.version), **typed})
    assert answer.status_code == 303, answer.text

    history = second.get(f"{case}/chronologie").text
    assert said in history


def test_on_a_new_case_the_others_say_what_they_wait_for(
    region: Region, clock: Time, as_: SignIn
) -> None:
    region.open_case()  # fifty-two years old
    clock.now = region.now
    who = {name: _at(region, as_, name) for name in ("idec", "referring_physician")}
    for message, activity in ACTIVITIES.items():
        person = who[DONE[message][0]]
        page = person.get(f"/dossiers/{region.case_id}").text
        place = f"/dossiers/{region.case_id}/evenements/{message}"
        assert (f'href="{place}"' in page) is not bool(activity.needs), message
        if activity.needs:
            assert activity.needs in page
            assert person.get(place).status_code == 404
            assert person.post(place).status_code == 409


def _at(region: Region, as_: SignIn, who: str) -> Any:
    with transaction(region.database) as db:
        return as_(region.person(db, who))
