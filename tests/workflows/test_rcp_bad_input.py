"""What cannot be right around a meeting: a sentence that names the thing, and nothing half done."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.db import transaction
from engine.errors import Conflict, Invalid, NotFound, Refusal
from engine.scheduler import beat
from tests.workflows.pathway import Region
from tests.workflows.test_rcp_meeting import MORNING, THURSDAY, Room, furnish
from workflows.notices.models import Notice
from workflows.rcp import operations as rcp
from workflows.rcp import queries
from workflows.rcp.models import RegistrationState as State
from workflows.rcp.models import Reply, SessionState


@pytest.fixture
def room(db: Session) -> Room:
    return furnish(db)


# — The session —


def test_a_session_is_not_opened_before_its_day(room: Room) -> None:
    registration = room.accepted("Annick Prigent")

    with pytest.raises(Conflict, match="jeudi 5 mars 2026 à 14 h 00 s’ouvre le jour même"):
        rcp.open_session(
            rcp.within(room.db), session_id=room.meeting.id, actor="user:1", now=MORNING
        )

    assert room.meeting.state == SessionState.PLANNED
    assert registration.state == State.ACCEPTED


def test_a_session_held_before_its_day_says_when_it_was_held(room: Room) -> None:
    registration = room.accepted("Annick Prigent")

    rcp.open_session(
        rcp.within(room.db), session_id=room.meeting.id, early=True, actor="user:1", now=MORNING
    )

    assert room.meeting.state == SessionState.OPEN
    assert room.meeting.starts_at == MORNING
    assert registration.state == State.ON_AGENDA


def test_a_meeting_nobody_opened_is_told_once_to_those_who_run_it(
    database: sa.Engine, room: Room
) -> None:
    room.accepted("Annick Prigent")
    rcp.change_rcp(room.db, rcp_id=room.rcp.id, months_ahead=3, actor="user:1", now=MORNING)
    room.db.commit()

    for day in range(1, 4):
        beat(database, now=THURSDAY + timedelta(days=day))

    with transaction(database) as db:
        told = db.scalars(sa.select(Notice).where(Notice.text.contains("non ouverte"))).all()
        runners = {room.people[who].id for who in ("oncologist", "surgeon", "secretary")}
        assert {one.user_id for one in told} == runners
        assert len(told) == 3
        assert all("Prigent" not in one.text for one in told)


# — The directory —


def test_an_rcp_out_of_the_directory_keeps_the_session_its_cases_wait_for(room: Room) -> None:
    room.accepted("Annick Prigent")

    left = rcp.change_rcp(room.db, rcp_id=room.rcp.id, active=False, actor="user:1", now=MORNING)

    assert left == [room.meeting]
    assert list(queries.sessions(room.db, since=MORNING)) == [room.meeting]


def test_an_rcp_put_back_in_the_directory_plans_again(room: Room) -> None:
    given = {"rcp_id": room.rcp.id, "actor": "user:1", "now": MORNING}
    rcp.change_rcp(room.db, months_ahead=2, **given)  # type: ignore[arg-type] (actor and moment)
    rcp.change_rcp(room.db, active=False, **given)  # type: ignore[arg-type] (actor and moment)
    assert queries.sessions(room.db, since=MORNING) == []

    rcp.change_rcp(room.db, active=True, **given)  # type: ignore[arg-type] (actor and moment)

    assert len(queries.sessions(room.db, since=MORNING)) == 9


def test_another_rhythm_keeps_the_session_somebody_has_answered_for(room: Room) -> None:
    rcp.reply(
        room.db,
        session_id=room.meeting.id,
        user_id=room.people["radio"].id,
        answer=Reply.VIDEO,
        actor=room.people["radio"].actor,
        now=MORNING,
    )

    left = rcp.change_rcp(
        room.db,
        rcp_id=room.rcp.id,
        first_date=date(2026, 3, 3),
        actor="user:1",
        now=MORNING,
    )

    assert left == [room.meeting]


def test_an_entry_does_not_take_the_name_of_another(room: Room) -> None:
    rcp.add_rcp(
        room.db,
        code="thorax",
        name="Thorax",
        first_date=date(2026, 3, 3),
        starts=THURSDAY.time(),
        actor="user:1",
        now=MORNING,
    )

    with pytest.raises(Conflict, match="déjà une RCP de ce nom"):
        rcp.change_rcp(room.db, rcp_id=room.rcp.id, name="THORAX", actor="user:1", now=MORNING)

    assert room.rcp.name == "RCP Sénologie"


def test_a_case_chooses_no_retired_rcp(region: Region) -> None:
    region.open_case()
    region.announce()
    session = region.plan_session(8)
    with transaction(region.database) as db:
        queries.rcp(db, region.rcp_id).active = False

    with pytest.raises(Invalid, match="est retirée de l’annuaire"):
        region.do("choose_rcp", rcp_session_id=session)


def test_one_case_goes_once_to_a_session(region: Region) -> None:
    region.open_case()
    region.announce()
    session, later = region.plan_session(8), region.plan_session(15)
    region.register(session)
    region.send("rcp_requested")

    with pytest.raises(Invalid, match="déjà prévu à la séance du mardi 10 mars 2026"):
        region.do("choose_rcp", rcp_session_id=session)
    region.do("choose_rcp", rcp_session_id=later)

    assert [one.session_id for one in region.registrations()] == [session]


# — Who is there —


@pytest.mark.parametrize(
    ("who", "refusal", "sentence"),
    [
        ({"guest_name": "  "}, Invalid, "le nom d’un invité"),
        ({"guest_name": "A" * 121}, Invalid, "2 à 120 caractères"),
        ({"user_id": 999}, NotFound, "n’existe pas"),
        ({"guest_name": "Inès Floch", "specialty": "SM99"}, Invalid, "SM99"),
    ],
)
def test_somebody_who_cannot_be_noted_present(
    room: Room, who: dict[str, object], refusal: type[Refusal], sentence: str
) -> None:
    room.sit()

    with pytest.raises(refusal, match=sentence):
        rcp.record_arrival(
            room.db,
            session_id=room.meeting.id,
            actor="user:1",
            now=THURSDAY,
            **who,  # type: ignore[arg-type] (one wrong person each)
        )

    assert queries.attendances(room.db, room.meeting.id) == []


def test_who_left_does_not_come_back_before(room: Room) -> None:
    room.sit()
    stay = room.arrives("radio", "SM45", minute=10)
    rcp.record_departure(
        room.db, attendance_id=stay, actor="user:1", now=THURSDAY + timedelta(minutes=40)
    )

    for minute in (0, 20):
        with pytest.raises(Invalid, match="l’heure de son retour"):
            room.arrives("radio", "SM45", minute=minute)

    room.arrives("radio", "SM45", minute=40)
    with pytest.raises(Invalid, match="deux présences ne se recouvrent pas"):
        rcp.correct_hours(
            room.db,
            attendance_id=stay,
            arrived_at=THURSDAY,
            left_at=THURSDAY + timedelta(minutes=50),
            actor="user:1",
            now=THURSDAY + timedelta(hours=1),
        )


def test_an_arrival_noted_by_mistake_leaves_the_sheet(room: Room) -> None:
    registration = room.accepted("Annick Prigent")
    room.sit()
    stay = room.arrives("radio", "SM45")

    rcp.withdraw_arrival(room.db, attendance_id=stay, actor="user:1", now=THURSDAY)

    assert queries.attendances(room.db, room.meeting.id) == []
    assert queries.quorum(room.db, registration, THURSDAY).status == "unknown"


def test_a_presence_that_has_counted_is_not_wiped_out(room: Room) -> None:
    registration = room.accepted("Annick Prigent")
    room.sit()
    stays = [
        room.arrives(who, specialty)
        for who, specialty in (("surgeon", "SM20"), ("oncologist", "SM36"), ("radio", "SM45"))
    ]
    room.call(registration, minute=5)

    with pytest.raises(Conflict, match="a compté au dossier n° 1"):
        rcp.withdraw_arrival(room.db, attendance_id=stays[2], actor="user:1", now=THURSDAY)

    assert len(queries.attendances(room.db, room.meeting.id)) == 3
