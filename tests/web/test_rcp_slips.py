"""A wrong click around a meeting is seen before it costs anything, or taken back in one gesture."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from engine.db import transaction
from tests.web.conftest import Time
from tests.web.rcp_room import Room
from tests.web.test_rcp import opinion, said, sit
from tests.workflows.pathway import Region
from workflows.french import PARIS
from workflows.rcp import queries
from workflows.rcp.models import SessionState
from workflows.staff.models import User

Pages = Callable[[str], FlaskClient]


@pytest.fixture
def room(region: Region) -> Room:
    return Room(region, region.plan_session(10))


@pytest.fixture
def pages(room: Room, as_: Callable[[User], FlaskClient]) -> Pages:
    return lambda who: as_(room.person(who))


def test_a_session_opens_before_its_day_only_when_it_is_confirmed(
    room: Room, pages: Pages, clock: Time
) -> None:
    room.bring("Annick Prigent")
    clock.now = room.region.now
    client, address = pages("rcp_secretary"), f"/rcp/seances/{room.session_id}"

    assert "Ouvrir avant la date prévue" in said(client.get(address))
    refused = client.post(f"{address}/ouverture")
    assert refused.status_code == 409
    assert "s’ouvre le jour même" in said(refused)
    assert client.post(f"{address}/ouverture", data={"early": "1"}).status_code == 303

    with transaction(room.region.database) as db:
        meeting = queries.session(db, room.session_id)
        assert meeting.state == SessionState.OPEN
        assert meeting.starts_at == clock.now.replace(second=0, microsecond=0)


def test_a_session_nobody_opened_says_what_to_do(room: Room, pages: Pages, clock: Time) -> None:
    room.bring("Annick Prigent")
    room.region.on(12)
    clock.now = room.region.now
    address = f"/rcp/seances/{room.session_id}"

    assert "Séance non ouverte" in said(pages("rcp_secretary").get(address))
    assert "Séance non ouverte" not in said(pages("surgeon_member").get(address))


def test_an_arrival_noted_by_mistake_is_wiped_out_by_who_runs_the_session(
    room: Room, pages: Pages, clock: Time
) -> None:
    room.bring("Annick Prigent")
    address = sit(room, clock)
    with transaction(room.region.database) as db:
        stays = [one.id for one in queries.attendances(db, room.session_id)]
    mistake = {"attendance": str(stays[2]), "_mistake": "1"}

    assert pages("surgeon_member").post(f"{address}/depart", data=mistake).status_code == 403
    assert pages("rcp_secretary").post(f"{address}/depart", data=mistake).status_code == 303

    with transaction(room.region.database) as db:
        assert [one.id for one in queries.attendances(db, room.session_id)] == stays[:2]


def test_a_mistyped_hour_is_corrected_and_the_quorum_told_anew_until_the_sheet_is_approved(
    room: Room, pages: Pages, clock: Time
) -> None:
    registration = room.bring("Annick Prigent")
    address = sit(room, clock)
    secretary, at_first = pages("rcp_secretary"), clock.now
    secretary.post(f"{address}/dossiers/{registration.id}/avis", data=opinion())
    with transaction(room.region.database) as db:
        radio = queries.attendances(db, room.session_id)[2].id
    clock.now = room.region.now = at_first + timedelta(minutes=40)
    secretary = pages("rcp_secretary")  # the first has been still for too long

    def corrected(client: FlaskClient, arrived: int, left: int | None) -> tuple[int, str]:
        hours = [
            "" if one is None else f"{(at_first + timedelta(minutes=one)).astimezone(PARIS):%H:%M}"
            for one in (arrived, left)
        ]
        data = {"attendance": str(radio), "arrived": hours[0], "left": hours[1]}
        answer = client.post(f"{address}/heures", data=data, follow_redirects=True)
        return answer.status_code, said(answer)

    assert corrected(pages("surgeon_member"), 20, None)[0] == 403
    assert "ne peut pas précéder l’arrivée" in corrected(secretary, 20, 10)[1]
    lost = "Dossier n° 1 : quorum non atteint avec les heures corrigées, il manque radiothérapie"
    assert lost in corrected(secretary, 20, None)[1]
    replaced, draft = room.region.records("rcp_sheet")
    assert (replaced.status, draft.status) == ("replaced", "draft")
    assert "non atteint" in draft.context["quorum"]
    secretary.post(f"{address}/fin")
    assert "Quorum non atteint, dossier n° 1" in said(secretary.get(address))
    assert "donnez l’heure du départ" in corrected(secretary, 0, None)[1]
    assert "quorum atteint avec les heures corrigées" in corrected(secretary, 0, 40)[1]
    room.region.do("approve_rcp_sheet")

    refused = corrected(pages("coordinator"), 20, 40)

    assert refused[0] == 409
    assert "La fiche du dossier n° 1 est validée et dit qui était présent" in refused[1]
    assert (room.registration(registration.id).quorum or {})["status"] == "reached"


def test_who_ends_the_meeting_reads_which_opinions_are_typed_and_not_validated(
    room: Room, pages: Pages, clock: Time
) -> None:
    room.bring("Annick Prigent")
    registration = room.bring("Maryse Kerbrat")
    address = sit(room, clock)
    client = pages("rcp_secretary")
    assert "pas validé" not in said(client.get(f"{address}/reunion"))

    client.post(f"{address}/dossiers/{registration.id}/brouillon", data=opinion())

    page = said(client.get(f"{address}/reunion"))
    assert "1 avis saisi n’est pas validé, dossier n° 2 : validez avant de terminer" in page


def test_a_guest_is_taken_off_the_list_by_the_secretary_alone(
    room: Room, pages: Pages, clock: Time
) -> None:
    clock.now = room.region.now
    client, address = pages("rcp_secretary"), f"/rcp/seances/{room.session_id}"
    client.post(f"{address}/invites", data={"name": "Inès Floch"})
    with transaction(room.region.database) as db:
        (guest,) = queries.invitations(db, room.session_id)
    off = f"{address}/invites/{guest.id}/retirer"

    assert pages("surgeon_member").post(off).status_code == 403
    assert "Inès Floch n’est plus sur la liste" in said(client.post(off, follow_redirects=True))
    assert client.post(off).status_code == 404


def test_an_rcp_leaves_the_directory_and_says_which_sessions_are_still_to_hold(
    room: Room, pages: Pages, clock: Time
) -> None:
    room.bring("Annick Prigent")
    clock.now = room.region.now
    client, entry = pages("coordinator"), f"/rcp/annuaire/{room.region.rcp_id}"

    gone = said(client.post(f"{entry}/retirer", follow_redirects=True))

    assert "RCP retirée de l’annuaire" in gone
    assert "1 séance attendue reste à tenir" in gone


def test_an_opinion_received_before_the_meeting_is_read_and_counted_in_it(
    room: Room, pages: Pages, clock: Time
) -> None:
    registration = room.bring("Annick Prigent")
    with transaction(room.region.database) as db:
        queries.rcp(db, room.region.rcp_id).written_opinions = True
    clock.now = room.region.now
    client, address = pages("rcp_secretary"), f"/rcp/seances/{room.session_id}"
    given = {
        "registration": str(registration.id),
        "author": "Dr Hugo Bellec",
        "specialty": "SM45",
        "text": "Irradiation possible après chirurgie.",
    }

    assert pages("surgeon_member").post(f"{address}/avis-ecrit", data=given).status_code == 403
    elsewhere = client.post(f"{address}/avis-ecrit", data=given | {"registration": "999"})
    assert elsewhere.status_code == 422
    added = said(client.post(f"{address}/avis-ecrit", data=given, follow_redirects=True))
    assert "Avis écrit de Dr Hugo Bellec ajouté" in added

    sit(room, clock, "radiotherapist_member")
    page = said(pages("rcp_secretary").get(f"{address}/reunion"))
    assert "Irradiation possible après chirurgie." in page
    assert "Quorum du dossier atteint" in page
