"""The directory and the calendar of an RCP through their pages: who may, what is refused, in words."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.db import transaction
from tests.factories import make_user
from tests.web.conftest import Time
from tests.web.rcp_room import Room
from tests.workflows.pathway import Region
from workflows.rcp import queries
from workflows.rcp.models import Rcp, RcpMember, RcpSession, SessionState
from workflows.rcp.models import RegistrationState as State
from workflows.staff.models import User

As = Callable[[User], FlaskClient]


@pytest.fixture
def room(region: Region) -> Room:
    return Room(region, region.plan_session(10))


@pytest.fixture
def pages(room: Room, as_: As) -> Callable[[str], FlaskClient]:
    with transaction(room.region.database) as db:
        for role in ("administrator", "quality_manager"):
            room.region.people[role] = make_user(db, f"Nolwenn {role}", roles=(role,)).id
    return lambda who: as_(room.person(who))


def said(answer: Any) -> str:
    return unescape(answer.get_data(as_text=True)).replace("\u202f", " ")


def filled(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Urologie",
        "kind": "standard",
        "organ": "prostate",
        "rhythm": "month",
        "month_weeks": ["1", "3"],
        "weekday": "1",
        "starts": "14:00",
        "minutes": "90",
        "first_date": "2026-03-02",
        "on_holiday": "skip",
        "months_ahead": "3",
        "closing_days": "2",
        "max_cases": "25",
        "group-0-label": "Chirurgie",
        "group-0-specialties": ["SM12", "SM05"],
        "group-2-label": "Oncologie",
        "group-2-specialties": ["SM36", "SM45"],
        "min_specialties": "2",
        "min_persons": "3",
        "written_opinions": "1",
        "national_id": "RCP-029",
        "manager_id": "3C-BREST",
        "network_id": "RRC-BZH",
    } | changes


def kept(room: Room, name: str = "Urologie") -> Rcp | None:
    with transaction(room.region.database) as db:
        return db.scalar(sa.select(Rcp).where(Rcp.name == name))


# — The directory —


@pytest.mark.parametrize("who", ["administrator", "quality_manager"])
def test_an_entry_is_added_with_its_coordinator_and_its_sessions(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time, who: str
) -> None:
    client = pages(who)
    found = client.post(
        "/rcp/annuaire/nouvelle", data=filled(_find="1", coordinator_name="oncologue")
    )
    assert found.status_code == 200
    answer = client.post(
        "/rcp/annuaire/nouvelle",
        data=filled(
            coordinator_id=room.region.people["coordinator"], coordinator_specialty="SM36"
        ),
    )

    assert answer.status_code == 303
    page = said(client.get(answer.location))
    assert "Le 1er et le 3e mardi du mois à 14 h" in page
    assert "RRC : RRC-BZH" in page
    made = kept(room)
    assert made is not None
    assert [one["label"] for one in made.quorum_groups] == ["Chirurgie", "Oncologie"]
    assert (made.max_cases, made.on_holiday, made.written_opinions) == (25, "skip", True)
    with transaction(room.region.database) as db:
        assert [m.function for m in queries.coordinators(db, made.id)] == ["coordinator"]
        ahead = queries.sessions(db, rcp_ids=[made.id], since=clock.now)
        assert [f"{one.starts_at:%d/%m}" for one in ahead][:3] == ["03/03", "17/03", "07/04"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Une RCP a un médecin coordonnateur"),
        ({"name": ""}, "Donnez un nom"),
        ({"month_weeks": []}, "Choisissez au moins une semaine du mois"),
        ({"starts": "midi"}, "L’heure s’écrit comme 14:30"),
        ({"group-0-specialties": []}, "au moins une spécialité de la liste"),
        ({"group-0-specialties": ["SM99"]}, "inconnue : SM99"),
        ({"minutes": "1000"}, "de 15 à 480"),
        ({"video_link": "http://visio"}, "commence par https://"),
        ({"weekday": "6"}, "du lundi au vendredi"),
    ],
)
def test_a_refused_entry_says_why_keeps_what_was_typed_and_writes_nothing(
    room: Room, pages: Callable[[str], FlaskClient], changes: dict[str, Any], sentence: str
) -> None:
    leader = {"coordinator_id": room.region.people["coordinator"]} if changes else {}
    answer = pages("administrator").post(
        "/rcp/annuaire/nouvelle", data=filled(**leader, **changes)
    )

    assert answer.status_code == 422
    assert sentence in said(answer)
    assert 'value="3C-BREST"' in said(answer)
    assert kept(room) is None


def test_two_rcps_do_not_share_a_name(room: Room, pages: Callable[[str], FlaskClient]) -> None:
    leader = room.region.people["coordinator"]
    answer = pages("administrator").post(
        "/rcp/annuaire/nouvelle", data=filled(name="Sénologie", coordinator_id=leader)
    )

    assert answer.status_code == 409
    assert "déjà une RCP de ce nom" in said(answer)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("coordinator", 303),
        ("surgeon_member", 403),
        ("rcp_secretary", 403),
        ("idec", 403),
        ("administrator", 303),
    ],
)
def test_an_entry_is_changed_by_its_leaders_and_the_keepers_of_the_directory(
    room: Room, pages: Callable[[str], FlaskClient], who: str, status: int
) -> None:
    address = f"/rcp/annuaire/{room.region.rcp_id}/modifier"
    client = pages(who)

    answer = client.post(address, data=filled(name="Sénologie Brest"))

    assert answer.status_code == status
    assert client.get(address).status_code == (200 if status == 303 else 403)
    assert (kept(room, "Sénologie Brest") is not None) == (status == 303)


def test_only_the_keepers_add_an_entry(room: Room, pages: Callable[[str], FlaskClient]) -> None:
    for who in ("coordinator", "rcp_secretary", "idec"):
        assert pages(who).get("/rcp/annuaire/nouvelle").status_code == 403
        assert pages(who).post("/rcp/annuaire/nouvelle", data=filled()).status_code == 403


def test_a_member_is_named_then_removed_but_never_the_last_coordinator(
    room: Room, pages: Callable[[str], FlaskClient]
) -> None:
    client, place = pages("coordinator"), f"/rcp/annuaire/{room.region.rcp_id}"
    assert "Ajouter" in said(client.get(f"{place}?qui=Nolwenn"))

    client.post(
        f"{place}/membres",
        data={
            "user": room.region.people["oncologist"],
            "function": "participant",
            "specialty": "SM01",
        },
    )
    with transaction(room.region.database) as db:
        rows = {
            (one.user_id, one.function): one.id for one in db.scalars(sa.select(RcpMember)).all()
        }
    named = rows[room.region.people["oncologist"], "participant"]
    assert client.post(f"{place}/membres/{named}/retirer").status_code == 303

    leader = rows[room.region.people["coordinator"], "coordinator"]
    refused = client.post(f"{place}/membres/{leader}/retirer")
    assert refused.status_code == 409
    assert "nommez d’abord son remplaçant" in said(refused)


# — The calendar —


def test_the_secretary_plans_adds_moves_and_cancels(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    registration = room.bring("Annick Prigent")
    client, place = pages("rcp_secretary"), f"/rcp/annuaire/{room.region.rcp_id}"
    clock.now = room.region.now

    assert "9 séances planifiées" in said(
        client.post(f"{place}/seances", data={"until": "2026-04-30"}, follow_redirects=True)
    )
    assert "déjà planifiées" in said(
        client.post(f"{place}/seances", data={"until": "30/04/2026"}, follow_redirects=True)
    )
    twice = {"date": "2026-03-20", "at": "09:00"}
    assert client.post(f"{place}/seances/autre", data=twice).status_code == 303
    assert client.post(f"{place}/seances/autre", data=twice).status_code == 409

    session = f"/rcp/seances/{room.session_id}"
    moved = client.post(
        f"{session}/modifier",
        data={"date": "2026-03-13", "at": "10:30", "video_link": "https://visio.example.org/a"},
        follow_redirects=True,
    )
    assert "Les échéances de son dossier suivent" in said(moved)
    cancelled = client.post(
        f"{session}/annuler", data={"reason": "Grève des transports"}, follow_redirects=True
    )
    assert "1 dossier reporté à la suivante" in said(cancelled)
    assert "Grève des transports" in said(cancelled)
    with transaction(room.region.database) as db:
        assert queries.session(db, room.session_id).state == SessionState.CANCELLED
        again = queries.registration_of(db, registration.instance_id)
        assert again is not None
        assert again.session.starts_at.date() == date(2026, 3, 19)
        assert client.get("/rcp").status_code == 200


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"date": "2025-01-05", "at": "10:00"}, 422, "est passée"),
        ({"date": "demain", "at": "10:00"}, 422, "s’écrit comme 12/03/2026"),
        ({"date": "2026-03-13", "at": "25:00"}, 422, "L’heure s’écrit comme 14:30"),
        ({"date": "2026-03-13", "at": "10:00", "video_link": "ftp://a"}, 422, "https://"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(
    room: Room,
    pages: Callable[[str], FlaskClient],
    clock: Time,
    typed: dict[str, str],
    status: int,
    sentence: str,
) -> None:
    clock.now = room.region.now
    answer = pages("rcp_secretary").post(f"/rcp/seances/{room.session_id}/modifier", data=typed)

    assert answer.status_code == status
    assert sentence in said(answer)
    with transaction(room.region.database) as db:
        assert db.get_one(RcpSession, room.session_id).starts_at == datetime.fromisoformat(
            "2026-03-12T14:00:00+00:00"
        )


@pytest.mark.parametrize("who", ["radiotherapist_member", "idec"])
def test_others_plan_nothing(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time, who: str
) -> None:
    client = pages(who)
    for address, data in (
        (f"/rcp/annuaire/{room.region.rcp_id}/seances", {"until": "2026-04-30"}),
        (f"/rcp/seances/{room.session_id}/modifier", {"date": "2026-03-13", "at": "10:00"}),
        (f"/rcp/seances/{room.session_id}/annuler", {"reason": "Congrès"}),
    ):
        assert client.post(address, data=data).status_code == 403


# — After the closing —


def test_the_coordinator_lets_a_late_case_in_with_a_reason(
    room: Room, pages: Callable[[str], FlaskClient], clock: Time
) -> None:
    late = room.bring("Maryse Kerbrat", accept=False, is_urgent=True)
    with transaction(room.region.database) as db:
        meeting = queries.session(db, room.session_id)
        meeting.state = SessionState.CLOSED
        meeting.agenda_closed_at = room.region.now - timedelta(hours=1)
    clock.now = room.region.now
    session = f"/rcp/seances/{room.session_id}"
    agreement = f"{session}/dossiers/{late.id}/accord"

    assert "Accord du coordonnateur attendu" in said(pages("rcp_secretary").get(session))
    assert pages("rcp_secretary").post(agreement, data={"agreement": "Urgent"}).status_code == 403
    coordinator = pages("coordinator")
    assert "Admettre après la clôture" in said(coordinator.get(session))
    assert coordinator.post(agreement, data={"agreement": " "}).status_code == 422
    page = said(
        coordinator.post(
            agreement, data={"agreement": "Compression débutante"}, follow_redirects=True
        )
    )
    assert "Admis après la clôture : Compression débutante" in page
    room.region.do("accept_registration", registration_accepted=True)
    assert room.registration(late.id).state == State.ACCEPTED


def test_the_network_of_the_region_is_named_by_who_keeps_the_directory(
    room: Room, pages: Callable[[str], FlaskClient]
) -> None:
    keeper = pages("administrator")

    keeper.post("/rcp/annuaire/reseau", data={"network": "1.2.250.53-ONCO"})

    assert 'value="1.2.250.53-ONCO"' in said(keeper.get("/rcp/annuaire"))
    refused = keeper.post("/rcp/annuaire/reseau", data={"network": "réseau <b>"})
    assert refused.status_code == 422
    assert "au plus 40 lettres" in said(refused)
    assert "Réseau régional" not in said(pages("surgeon_member").get("/rcp/annuaire"))
    assert (
        pages("surgeon_member").post("/rcp/annuaire/reseau", data={"network": "x"}).status_code
        == 403
    )
    assert 'value="1.2.250.53-ONCO"' in said(keeper.get("/rcp/annuaire"))
