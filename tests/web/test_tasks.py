"""The form of a task: shown, kept, refused without losing a word, validated, taken back."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.db import transaction
from tests.factories import make_user
from tests.web.conftest import Time
from tests.workflows.pathway import Region
from workflows.cases import operations
from workflows.rcp import operations as rcp
from workflows.staff.models import User

SignIn = Callable[[User], FlaskClient]
WRONG = "31/02/2026"


@pytest.fixture
def opened(region: Region, clock: Time) -> Region:
    region.open_case()
    clock.now = region.now
    return region


class Desk:
    """One person at the form of one step."""

    def __init__(self, region: Region, as_: SignIn, who: str, element: str) -> None:
        with transaction(region.database) as db:
            self.client = as_(region.person(db, who))
        self.task = region.task(element)
        self.place = f"/dossiers/{self.task.case_id}/taches/{self.task.id}"

    def look(self) -> TestResponse:
        return self.client.get(self.place)

    def post(self, path: str = "", **typed: Any) -> TestResponse:
        given = {"_version": str(self.task.version), **typed}
        return self.client.post(self.place + path, data=given)


def test_a_form_shows_whose_it_is_and_what_it_asks(opened: Region, as_: SignIn) -> None:
    shown = Desk(opened, as_, "secretary", "check_identity").look().text

    assert "TEST-LANNIC" in shown
    assert "10/01/1974" in shown
    assert "Vérification de l’identité" in shown
    assert "TEST-LANNIC" not in shown.split("</title>")[0], "no patient in the page's title"


def test_a_plain_post_finishes_the_step_and_goes_on(opened: Region, as_: SignIn) -> None:
    desk = Desk(opened, as_, "secretary", "check_identity")

    answer = desk.post(identity_check="verified")

    assert answer.status_code == 303
    assert opened.open() == ["inform_patient"]
    assert "terminée" in desk.client.get(answer.location).text


def test_nothing_more_to_do_in_a_case_leads_back_to_the_list_one_came_from(
    opened: Region, as_: SignIn
) -> None:
    desk = Desk(opened, as_, "secretary", "check_identity")
    assert desk.client.post("/taches", data={"view": "week", "text": "lannic"}).status_code == 200

    answer = desk.post(identity_check="verified")

    assert answer.location == "/taches?view=week", "a name looked for is in no address"


def test_a_blocked_step_says_so_on_its_page_and_can_still_be_finished(
    opened: Region, as_: SignIn
) -> None:
    desk = Desk(opened, as_, "secretary", "check_identity")
    until = (opened.now + timedelta(days=7)).date().isoformat()
    reason = {"task": desk.task.id, "case": desk.task.case_id, "reason": "Carte non présentée"}

    answer = desk.client.post("/taches/bloquer", data={**reason, "until": until})

    assert answer.location == desk.place
    shown = desk.look().text
    assert "Carte non présentée" in shown
    assert "Reprendre" in shown
    assert desk.post(identity_check="verified").status_code == 303
    assert opened.open() == ["inform_patient"]


def test_a_wrong_answer_is_said_and_nothing_typed_is_lost(opened: Region, as_: SignIn) -> None:
    opened.do("check_identity", identity_check="verified")
    desk = Desk(opened, as_, "referring_physician", "inform_patient")

    answer = desk.post(information_date=WRONG, suspicion_by="Dr Abalan")

    assert answer.status_code == 422
    assert f'value="{WRONG}"' in answer.text
    assert 'value="Dr Abalan"' in answer.text
    assert "Cette date ne se lit pas" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert opened.open() == ["inform_patient"]
    assert f'value="{WRONG}"' in desk.look().text, "leaving and coming back loses nothing either"


def test_rows_are_added_and_taken_out_by_plain_buttons(opened: Region, as_: SignIn) -> None:
    opened.announce()
    opened.register(opened.plan_session(8))
    opened.on(8)
    opened.meet(opened.registrations()[-1].session_id)
    opened.do("discuss_case", by="coordinator", opinion_given="yes")
    desk = Desk(opened, as_, "coordinator", "record_rcp_decision")

    added = desk.post(_add="proposals", **{"proposals-0-precision": "Tumorectomie"})
    assert added.status_code == 200
    assert "proposals-1-" in added.text
    assert "Tumorectomie" in added.text

    removed = desk.post(
        _remove="proposals-0",
        **{"proposals-0-precision": "Tumorectomie", "proposals-1-precision": "Ganglion"},
    )
    assert "Tumorectomie" not in removed.text
    assert "Ganglion" in removed.text


def test_a_draft_is_kept_and_a_colleagues_is_taken_over_on_purpose(
    opened: Region, as_: SignIn, clock: Time
) -> None:
    desk = Desk(opened, as_, "secretary", "check_identity")
    with transaction(opened.database) as db:
        secretary = opened.person(db, "secretary")
        other = make_user(
            db, "Ewen Second", unit=secretary.memberships[0].unit, roles=("secretary",)
        )

    assert "Enregistré à" in desk.post("/brouillon", referred_by="Dr Abalan").json["saved"]
    assert "Dr Abalan" in desk.look().text

    client = as_(other)
    refused = client.post(f"{desk.place}/brouillon", data={"referred_by": "Autre"})
    assert refused.status_code == 409
    assert "remplit ce formulaire" in refused.json["message"]
    assert client.post(f"{desk.place}/brouillon/main").status_code == 303
    assert client.post(f"{desk.place}/brouillon", data={"referred_by": "B"}).status_code == 200


def test_a_form_that_has_changed_meanwhile_keeps_what_was_typed(
    opened: Region, as_: SignIn
) -> None:
    desk = Desk(opened, as_, "secretary", "check_identity")

    answer = desk.post(_version="0", identity_check="verified", referred_by="Dr Abalan")

    assert answer.status_code == 409
    assert "Dr Abalan" in answer.text
    assert "a changé" in answer.text
    assert opened.open() == ["check_identity"]


def test_a_step_a_colleague_has_finished_says_who_and_when(
    opened: Region, as_: SignIn, clock: Time
) -> None:
    desk = Desk(opened, as_, "secretary", "check_identity")
    opened.do("check_identity", identity_check="verified")

    answer = desk.post(identity_check="verified")

    assert answer.status_code == 409
    assert "déjà" in answer.text
    assert opened.open() == ["inform_patient"]


def test_a_step_of_another_role_is_read_and_not_finished(opened: Region, as_: SignIn) -> None:
    desk = Desk(opened, as_, "idec", "check_identity")

    assert desk.look().status_code == 200
    answer = desk.post(identity_check="verified")

    assert answer.status_code == 403
    assert "Secrétariat" in answer.text
    assert opened.open() == ["check_identity"]


def test_the_rcps_of_the_organ_are_offered_first(opened: Region, as_: SignIn) -> None:
    with transaction(opened.database) as db:
        for name, organ in (("Appareil locomoteur", ""), ("Zone réservée au sein", "breast")):
            rcp.add_rcp(
                db, code=name, name=name, organ=organ, first_date=date(2026, 1, 8),
                starts=time(14), quorum_groups=[], actor="system", now=opened.now,
            )  # fmt: skip
    opened.announce()

    shown = Desk(opened, as_, "referring_physician", "choose_rcp").look().text
    offered = shown.split('name="rcp_id"', 1)[1].split("</select>", 1)[0]

    assert offered.index("Zone réservée au sein") < offered.index("Appareil locomoteur")


def test_an_unknown_step_is_not_found(opened: Region, as_: SignIn) -> None:
    desk = Desk(opened, as_, "secretary", "check_identity")

    assert desk.client.get(f"/dossiers/{opened.case_id}/taches/9999").status_code == 404
    assert desk.client.get(f"/dossiers/9999/taches/{desk.task.id}").status_code == 404


def test_a_step_without_object_owes_a_reason(opened: Region, as_: SignIn) -> None:
    opened.announce()
    desk = Desk(opened, as_, "idec", "nursing_time")

    assert desk.post("/sans-objet", reason="").status_code == 422
    seen_long_ago = desk.post("/sans-objet", reason="Déjà fait en ville", _version="0")
    assert seen_long_ago.status_code == 409
    assert 'value="Déjà fait en ville"' in seen_long_ago.text, "nothing typed is lost"
    assert "nursing_time" in opened.open()
    assert desk.post("/sans-objet", reason="Déjà fait en ville").status_code == 303
    assert "nursing_time" not in opened.open()


def test_a_finished_step_can_be_undone_from_the_word_that_says_so(
    opened: Region, as_: SignIn, clock: Time
) -> None:
    opened.announce()
    desk = Desk(opened, as_, "idec", "nursing_time")
    answer = desk.post(nursing_time_status="done", nursing_time_date="02/03/2026")
    assert answer.status_code == 303
    assert f"/dossiers/{opened.case_id}/annuler" in desk.client.get(answer.location).text

    clock.now += timedelta(seconds=5)
    assert desk.client.post(f"/dossiers/{opened.case_id}/annuler").status_code == 302
    assert "nursing_time" in opened.open()


def test_answers_can_be_read_once_the_step_is_done(opened: Region, as_: SignIn) -> None:
    desk = Desk(opened, as_, "secretary", "check_identity")
    with transaction(opened.database) as db:
        operations.complete_task(
            db, task_id=desk.task.id, answers={"identity_check": "verified", "referred_by": "Dr Abalan"},
            user=opened.person(db, "secretary"), now=opened.now,
        )  # fmt: skip

    shown = desk.look().text

    assert "Terminée" in shown
    assert "Dr Abalan" in shown


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_form_answers_while_it_is_typed(
    opened: Region, live_server: Any, page: Any, no_faults: Callable[[Any], None], theme: str
) -> None:
    opened.do("check_identity", identity_check="verified")
    task = opened.task("inform_patient")
    with transaction(opened.database) as db:
        live_server.sign_in(page, opened.person(db, "referring_physician"))
    page.emulate_media(color_scheme=theme)
    page.goto(f"{live_server.url}/dossiers/{opened.case_id}/taches/{task.id}")
    detail = page.locator('[name="suspicion_by"]')
    assert not detail.is_visible()

    page.locator('[name="suspicion_status"][value="documented"]').check(force=True)
    detail.wait_for(state="visible")
    detail.fill("Dr Abalan")
    detail.blur()
    page.get_by_text("Enregistré à").first.wait_for()
    no_faults(page)
    page.reload()

    assert page.locator('[name="suspicion_by"]').input_value() == "Dr Abalan"


def test_the_age_of_the_g8_is_read_from_the_identity_not_typed_again(
    region: Region, clock: Time, as_: SignIn
) -> None:
    region.open_case(born=date(1944, 1, 10))
    clock.now = region.now
    region.announce()

    shown = Desk(region, as_, "oncologist", "g8_score").look().text

    eighty_to_85 = shown.split('name="g8_age" value="1"')[1].split(">")[0]
    assert "checked" in eighty_to_85
    assert "repris de la date de naissance" in shown
