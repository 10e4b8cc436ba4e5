"""A meeting through its pages: prepared, sat, decided, ended; each only by those who may."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.db import transaction
from tests.documents.reading import pages as read_pdf
from tests.factories import make_unit, make_user
from tests.web.conftest import Time
from tests.web.rcp_room import Room
from tests.workflows.pathway import Region
from tests.workflows.ward import counted
from workflows.access import may_complete
from workflows.notices.models import Notice
from workflows.rcp import board, queries
from workflows.rcp.models import RegistrationState as State
from workflows.rcp.models import SessionState
from workflows.staff.models import User

SURGERY, CHEMOTHERAPY = "387713003", "C15632"
As = Callable[[User], FlaskClient]


@pytest.fixture
def room(region: Region) -> Room:
    return Room(region, region.plan_session(10))


@pytest.fixture
def pages(room: Room, as_: As) -> Callable[[str], FlaskClient]:
    return lambda who: as_(room.person(who))


def opinion(**changes: Any) -> dict[str, Any]:
    """What the panel posts for a discussed case with one proposal."""
    return {
        "case_status": "discussed",
        "rcp_proposal": "treatment",
        "treatment_intent": "curative",
        "proposals-0-kind": CHEMOTHERAPY,
        "proposals-0-intention_rank": "1",
        "proposals-0-precision": "EC puis paclitaxel",
    } | changes


def said(answer: Any) -> str:
    return unescape(answer.get_data(as_text=True)).replace("\u202f", " ")


def sit(room: Room, clock: Time, *absent: str) -> str:
    room.sit(*absent)
    clock.now = room.region.now
    return f"/rcp/seances/{room.session_id}"


# — Before —


def test_the_list_shows_the_sessions_of_my_rcps(
    room: Room, pages: Callable[[str], FlaskClient]
) -> None:
    room.bring("Annick Prigent", accept=False)

    page = said(pages("rcp_secretary").get("/rcp"))

    assert "jeu. 12 mars" in page
    assert "1 inscription à accepter" in page


def test_the_directory_says_the_quorum_in_words(
    room: Room, pages: Callable[[str], FlaskClient]
) -> None:
    page = said(pages("surgeon").get("/rcp/annuaire"))

    assert "Chaque semaine, le jeudi à 14 h" in page
    assert "Oncologie médicale" in page
    assert "3 spécialités différentes et 3 personnes au moins" in page
    assert "Gwen Tanguy" in page


def test_the_agenda_names_what_a_case_lacks(
    room: Room, pages: Callable[[str], FlaskClient]
) -> None:
    room.bring("Annick Prigent", sheet={"who_status": None})

    page = said(pages("rcp_secretary").get(f"/rcp/seances/{room.session_id}"))

    assert "PRIGENT" in page
    assert "À compléter" in page
    assert "état général (OMS)" in page


def test_the_requester_sees_only_cases_of_their_own(
    room: Room, pages: Callable[[str], FlaskClient], as_: As, database: sa.Engine
) -> None:
    room.bring("Annick Prigent")
    with transaction(database) as db:
        stranger = make_user(
            db, "Zoé Morvan", unit=make_unit(db, "Ailleurs"), roles=("referring_physician",)
        )
    address = f"/rcp/seances/{room.session_id}"

    assert "PRIGENT" in said(pages("requesting_physician").get(address))
    refused = as_(stranger).get(address)
    assert refused.status_code == 403
    assert "PRIGENT" not in said(refused)


@pytest.mark.parametrize(
    "path", ["ordre", "cloture", "convocation", "invites", "ouverture", "fin", "arrivee", "depart"]
)
def test_a_participant_reads_and_conducts_nothing(
    room: Room, pages: Callable[[str], FlaskClient], path: str
) -> None:
    registration = room.bring("Annick Prigent")
    address = f"/rcp/seances/{room.session_id}"

    assert pages("surgeon_member").get(address).status_code == 200
    answer = pages("surgeon_member").post(
        f"{address}/{path}", data={"registration": registration.id, "places": "1", "name": "X Y"}
    )

    assert answer.status_code == 403


def test_the_secretary_orders_convenes_and_closes(
    room: Room, pages: Callable[[str], FlaskClient], database: sa.Engine
) -> None:
    first, second = room.bring("Anne Le Corre"), room.bring("Maryse Kerbrat")
    secretary, address = pages("rcp_secretary"), f"/rcp/seances/{room.session_id}"

    secretary.post(f"{address}/ordre", data={"registration": second.id, "places": "-1"})
    secretary.post(f"{address}/convocation")
    secretary.post(f"{address}/invites", data={"name": "Dr Alix Rolland", "specialty": "SM44"})
    secretary.post(f"{address}/cloture")

    with transaction(database) as db:
        agenda = queries.agenda(db, room.session_id)
        told = set(db.scalars(sa.select(Notice.user_id)))
        assert [row.id for row in agenda] == [second.id, first.id]
        assert {row.state for row in agenda} == {State.ON_AGENDA}
        assert room.region.people["radiotherapist_member"] in told
        assert room.region.people["requesting_physician"] in told
    page = said(secretary.get(address))
    assert "Dr Alix Rolland" in page
    assert "Ordre du jour arrêté" in page
    again = {"reason": "Arrêté par erreur"}
    assert pages("surgeon_member").post(f"{address}/reouverture", data=again).status_code == 403
    assert secretary.post(f"{address}/reouverture").status_code == 422
    reopened = said(secretary.post(f"{address}/reouverture", data=again, follow_redirects=True))
    assert "Inscriptions rouvertes" in reopened
    assert "reçoivent une convocation rectifiée" in reopened


def test_a_registration_is_accepted_from_the_agenda_in_one_gesture(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    waiting = room.bring("Annick Prigent", accept=False)
    clock.now = room.region.now
    secretary = pages("rcp_secretary")
    task = room.region.task("accept_registration")
    place = f"/dossiers/{task.case_id}/taches/{task.id}"
    page = secretary.get(f"/rcp/seances/{room.session_id}").get_data(as_text=True)
    assert f'action="{place}"' in page
    pressed = page.split('name="registration_accepted" value="')[1].split('"')[0]

    answer = secretary.post(
        place, data={"_version": task.version, "registration_accepted": pressed}
    )

    assert answer.location == f"/rcp/seances/{room.session_id}#rang-{waiting.id}"
    assert "terminée" in said(secretary.get(answer.location))
    assert room.region.registrations()[-1].state == "accepted"


def test_no_patient_is_named_in_a_title_or_an_address(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    registration = room.bring("Annick Prigent")
    address = sit(room, clock)
    secretary = pages("rcp_secretary")

    for path in ("", f"/reunion/{registration.id}"):
        page = said(secretary.get(address + path))
        title = page.split("<title>")[1].split("</title>")[0]
        assert "prigent" not in title.lower()
        assert "PRIGENT" in page


def test_the_papers_of_a_session_are_pdfs_for_those_of_the_session(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    room.bring("Annick Prigent", sheet={"g8_total": None})
    room.bring("Maryse Kerbrat", file_complete="no", missing_pieces="IRM du 3 mars")
    address = sit(room, clock, "surgeon_member")

    agenda = pages("rcp_secretary").get(f"{address}/ordre-du-jour.pdf")
    sheet = pages("coordinator").get(f"{address}/emargement.pdf")

    assert agenda.mimetype == sheet.mimetype == "application/pdf"
    assert agenda.headers["Cache-Control"] == "no-store"
    (listed,), (signed,) = read_pdf(agenda.data), read_pdf(sheet.data)
    assert "PRIGENT" in listed
    assert "Manque : " in listed
    assert "IRM du 3 mars" in listed
    assert "Gwen Tanguy" in signed
    assert "PRIGENT" not in signed
    with transaction(room.region.database) as db:
        stranger = make_user(db, "Erwan Nicolas")
        room.region.people["stranger"] = stranger.id
    for paper in ("ordre-du-jour.pdf", "emargement.pdf"):
        assert pages("stranger").get(f"{address}/{paper}").status_code == 403


def test_an_agenda_asks_no_more_for_five_cases_than_for_two(room: Room) -> None:
    def questions() -> int:
        with transaction(room.region.database) as db:
            user = room.region.person(db, "rcp_secretary")
            board.agenda(db, user, room.session_id)  # forms and tables are read once a process
            with counted(db) as asked:
                board.agenda(db, user, room.session_id)
            return len(asked)

    for name in ("Anne Le Corre", "Maryse Kerbrat"):
        room.bring(name)
    for_two = questions()
    for name in ("Léna Jézéquel", "Brigitte Coadou", "Rozenn Madec"):
        room.bring(name)

    assert questions() == for_two
    assert for_two <= 14


# — The meeting —


def test_one_gesture_decides_a_case_and_shows_the_next(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    first, second = room.bring("Anne Le Corre"), room.bring("Maryse Kerbrat")
    address = sit(room, clock)

    answer = pages("rcp_secretary").post(
        f"{address}/dossiers/{first.id}/avis", data=opinion(discussion_summary="Accord de tous.")
    )

    assert answer.headers["Location"].endswith(f"/reunion/{second.id}")
    decided = room.registration(first.id)
    assert decided.state == State.DISCUSSED
    assert decided.quorum is not None
    assert decided.quorum["status"] == "reached"
    data = room.data(first)
    assert data["rcp_proposal"] == "treatment"
    assert data["proposals"] == [
        {"kind": CHEMOTHERAPY, "intention_rank": "1", "precision": "EC puis paclitaxel"}
    ]
    assert data["discussion_summary"] == "Accord de tous."
    assert "approve_rcp_sheet" in room.open_tasks(first)


def test_a_missing_specialty_is_named_and_nothing_typed_is_lost(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    registration = room.bring("Annick Prigent")
    address = sit(room, clock, "radiotherapist_member")
    secretary = pages("rcp_secretary")
    decide = f"{address}/dossiers/{registration.id}/avis"

    refused = secretary.post(decide, data=opinion())

    assert refused.status_code == 422
    assert "il manque Radiothérapie" in said(refused)
    assert "EC puis paclitaxel" in said(refused)
    assert room.registration(registration.id).called_at is None

    clock.now += timedelta(minutes=20)
    secretary.post(
        f"{address}/arrivee",
        data={"user": room.region.people["radiotherapist_member"], "mode": "video"},
    )
    assert secretary.post(decide, data=opinion()).status_code == 303
    assert room.registration(registration.id).state == State.DISCUSSED


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rcp_proposal": ""}, "Choisissez la conclusion"),
        ({"proposals-0-kind": ""}, "Choisissez une réponse"),
        ({"case_status": ""}, "discuté ou enregistré"),
    ],
)
def test_an_incomplete_opinion_is_refused_field_by_field(
    room: Room,
    pages: Callable[[str], FlaskClient],
    clock: Time,
    changes: dict[str, str],
    words: str,
) -> None:
    registration = room.bring("Annick Prigent")
    address = sit(room, clock)

    answer = pages("coordinator").post(
        f"{address}/dossiers/{registration.id}/avis", data=opinion(**changes)
    )

    assert answer.status_code == 422
    assert words in said(answer)
    assert room.registration(registration.id).state == State.ON_AGENDA


def test_a_registered_case_names_its_guideline(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    registration = room.bring("Annick Prigent")
    address = sit(room, clock)
    decide = f"{address}/dossiers/{registration.id}/avis"
    guideline = {
        "guideline_name": "Oncobretagne, sein",
        "guideline_version": "2025",
        "guideline_date": "03/2025",
    }

    refused = pages("coordinator").post(decide, data=opinion(case_status="registered"))
    accepted = pages("coordinator").post(
        decide, data=opinion(case_status="registered", **guideline)
    )

    assert refused.status_code == 422
    assert accepted.status_code == 303
    assert room.registration(registration.id).state == State.REGISTERED
    assert room.data(registration)["guideline_date"] == "2025-03"


def test_examinations_go_to_the_requester(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    registration = room.bring("Annick Prigent")
    address = sit(room, clock)

    pages("rcp_secretary").post(
        f"{address}/dossiers/{registration.id}/avis",
        data={
            "case_status": "discussed",
            "rcp_proposal": "examinations",
            "requested_exams-0-exam": "IRM mammaire",
        },
    )

    assert room.registration(registration.id).state == State.DISCUSSED
    assert "request_examinations" in room.open_tasks(registration)
    assert room.data(registration)["requested_exams"] == [{"exam": "IRM mammaire"}]


def test_the_second_of_two_people_is_told_who_was_faster(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    registration = room.bring("Annick Prigent")
    address = sit(room, clock)
    decide = f"{address}/dossiers/{registration.id}/avis"
    pages("coordinator").post(decide, data=opinion())

    late = pages("rcp_secretary").post(decide, data=opinion(rcp_proposal="surveillance"))

    assert late.status_code == 409
    assert "déjà été validé par Gwen Tanguy à 15 h 00" in said(late)
    assert room.data(registration)["rcp_proposal"] == "treatment"


def test_what_is_typed_saves_itself_and_is_guarded_from_a_colleague(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    registration = room.bring("Annick Prigent")
    address = sit(room, clock)
    draft = f"{address}/dossiers/{registration.id}/brouillon"

    saved = pages("rcp_secretary").post(draft, data=opinion())
    other = pages("coordinator").post(draft, data=opinion(rcp_proposal="surveillance"))

    assert "Enregistré à" in saved.get_json()["saved"]
    assert other.status_code == 409
    assert "Lena Pennec saisit" in said(other)
    page = said(pages("rcp_secretary").get(f"{address}/reunion/{registration.id}"))
    assert "EC puis paclitaxel" in page


def test_a_row_is_added_without_a_script(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    registration = room.bring("Annick Prigent")
    address = sit(room, clock)

    page = said(
        pages("coordinator").post(
            f"{address}/dossiers/{registration.id}/avis", data=opinion(_add="proposals")
        )
    )

    assert 'name="proposals-1-kind"' in page
    assert "EC puis paclitaxel" in page


def test_the_secretary_types_but_approves_nothing(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time, database: sa.Engine
) -> None:
    registration = room.bring("Annick Prigent")
    address = sit(room, clock)
    pages("rcp_secretary").post(f"{address}/dossiers/{registration.id}/avis", data=opinion())

    task = room.open_tasks(registration)["approve_rcp_sheet"]
    with transaction(database) as db:
        for who, may in (
            ("coordinator", True),
            ("rcp_secretary", False),
            ("surgeon_member", False),
        ):
            assert may_complete(db, room.region.person(db, who), task) is may


# — After —


def test_after_the_end_each_sheet_waits_alone_for_the_coordinator(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time, database: sa.Engine
) -> None:
    decided, aside, left = (
        room.bring(name) for name in ("Anne Le Corre", "Maryse Kerbrat", "Léna Jézéquel")
    )
    room.region.plan_session(17)
    address = sit(room, clock)
    secretary = pages("rcp_secretary")
    secretary.post(f"{address}/dossiers/{decided.id}/avis", data=opinion())
    secretary.post(
        f"{address}/dossiers/{aside.id}/non-discute", data={"reason": "requester_absent"}
    )
    secretary.post(f"{address}/fin")

    with transaction(database) as db:
        assert queries.session(db, room.session_id).state == SessionState.ENDED
    assert room.registration(left.id).reason == "not_enough_time"
    task = room.open_tasks(decided)["approve_rcp_sheet"]
    for who, may_approve in (("coordinator", True), ("rcp_secretary", False)):
        page = said(pages(who).get(address))
        link = f"/dossiers/{decided.case_id}/taches/{task.id}"
        assert (link in page) is may_approve
        assert "Médecin demandeur absent" in page
        assert "Temps insuffisant" in page
        assert ("Reporter les 2 dossiers au jeu. 19 mars" in page) is not may_approve
        assert ("À la prochaine séance" in page) is not may_approve
    assert pages("surgeon_member").post(f"{address}/reports").status_code == 403
    moved = said(secretary.post(f"{address}/reports", follow_redirects=True))
    assert "2 dossiers reportés à la prochaine séance" in moved
    assert moved.count("Reporté au jeu. 19 mars") == 2
    assert room.registration(aside.id).reason == "requester_absent"  # each keeps its own
    assert secretary.post(f"{address}/reports").status_code == 409


def test_a_case_left_aside_goes_to_the_next_session_in_one_gesture(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    left = room.bring("Léna Jézéquel", question="Chirurgie première ?")
    room.region.plan_session(17)
    address = sit(room, clock)
    secretary = pages("rcp_secretary")
    secretary.post(f"{address}/fin")
    task = room.open_tasks(left)["postpone"]
    place = f"/dossiers/{left.case_id}/taches/{task.id}"
    page = secretary.get(address).get_data(as_text=True)
    assert "première\u202f?" in page, "a question mark never stands alone on its line"
    row = page.split(f'action="{place}"')[1].split("</form>")[0]
    assert 'value="not_enough_time"' in row
    assert 'name="postponement" value="postponed"' in row

    answer = secretary.post(
        place,
        data={
            "_version": task.version,
            "non_discussion_reason": "not_enough_time",
            "postponement": "postponed",
        },
    )

    assert answer.location == f"{address}#rang-{left.id}"
    assert "Reporté au jeu. 19 mars" in said(secretary.get(address))


def test_a_participant_answers_and_only_for_oneself(
    room: Room, pages: Callable[[str], FlaskClient]
) -> None:
    room.bring("Annick Prigent")
    address = f"/rcp/seances/{room.session_id}"
    surgeon, radio = pages("surgeon_member"), room.region.people["radiotherapist_member"]

    assert surgeon.post(f"{address}/reponse", data={"answer": "absent"}).status_code == 303
    page = said(surgeon.get(address))
    assert "1 absente" in page
    assert "Quorum menacé" in page
    refused = surgeon.post(f"{address}/reponse", data={"answer": "absent", "user": radio})
    assert refused.status_code == 403
    answered = {"answer": "replaced", "user": room.region.people["surgeon_member"]}
    for substitute, status in (("", 422), ("Dr Alix Rolland", 303)):
        given = answered | {"substitute": substitute}
        answer = pages("rcp_secretary").post(f"{address}/reponse", data=given)
        assert answer.status_code == status
    page = said(pages("rcp_secretary").get(address))
    assert "Dr Alix Rolland" in page
    assert "Quorum menacé" not in page
