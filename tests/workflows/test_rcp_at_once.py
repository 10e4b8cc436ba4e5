"""Two people at the same moment, on the same meeting: one goes first, the other reads a sentence."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.db import transaction
from engine.errors import Refusal
from tests.workflows.test_rcp_meeting import MORNING, THURSDAY, furnish
from workflows.rcp import operations as rcp
from workflows.rcp import queries
from workflows.rcp.models import Convocation, MemberFunction, RcpMember, Reply
from workflows.rcp.models import RegistrationState as State

GIVEN = {"actor": "user:1", "now": THURSDAY}


@dataclass
class Meeting:
    database: sa.Engine
    rcp_id: int
    session_id: int
    people: dict[str, int]
    registrations: list[int]

    def at_once(self, *verbs: Callable[[Session], object]) -> list[str]:
        """Each in a thread and a transaction of its own; what was refused, in words."""
        start, refused = threading.Barrier(len(verbs)), list[str]()
        broken: list[BaseException] = []

        def one(verb: Callable[[Session], object]) -> None:
            start.wait()
            try:
                with transaction(self.database) as db:
                    verb(db)
            except Refusal as refusal:
                refused.append(refusal.message)
            except BaseException as error:
                broken.append(error)

        threads = [threading.Thread(target=one, args=(verb,)) for verb in verbs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert broken == []
        return refused


@pytest.fixture
def meeting(any_database: sa.Engine) -> Meeting:
    with transaction(any_database) as db:
        room = furnish(db)
        names = ("Anne Le Corre", "Maryse Kerbrat", "Léna Jézéquel", "Yves Quéré", "Ana Riou")
        rows = [room.accepted(name).id for name in names]
        people = {who: person.id for who, person in room.people.items()}
        return Meeting(any_database, room.rcp.id, room.meeting.id, people, rows)


def sit(meeting: Meeting) -> None:
    door = rcp.apart(meeting.database)
    rcp.open_session(door, session_id=meeting.session_id, **GIVEN)


def call(registration_id: int) -> Callable[[Session], object]:
    def verb(db: Session) -> None:
        rcp.call_case(db, registration_id=registration_id, **GIVEN)
        rcp.conclude(db, registration_id=registration_id, state=State.DISCUSSED, **GIVEN)

    return verb


def test_a_case_is_decided_or_set_aside_never_both(meeting: Meeting) -> None:
    sit(meeting)
    for one in meeting.registrations:

        def aside(db: Session, one: int = one) -> None:
            rcp.set_aside(db, registration_id=one, reason="requester_absent", **GIVEN)

        refused = meeting.at_once(call(one), aside)

        assert len(refused) == 1
        with transaction(meeting.database) as db:
            row = queries.registration(db, one)
            assert (row.state == State.DISCUSSED) == (row.called_at is not None)
            assert (row.state == State.NOT_DISCUSSED) == (row.reason == "requester_absent")


def test_the_last_case_is_validated_while_a_colleague_ends_the_meeting(meeting: Meeting) -> None:
    sit(meeting)
    last = meeting.registrations[-1]

    start = threading.Barrier(2)
    refused: list[str] = []

    def decide() -> None:
        start.wait()
        try:
            with transaction(meeting.database) as db:
                call(last)(db)
        except Refusal as refusal:
            refused.append(refusal.message)

    thread = threading.Thread(target=decide)
    thread.start()
    start.wait()
    rcp.end_session(rcp.apart(meeting.database), session_id=meeting.session_id, **GIVEN)
    thread.join()

    with transaction(meeting.database) as db:
        row = queries.registration(db, last)
        assert queries.session(db, meeting.session_id).state == "ended"
        assert (row.state, row.called_at is None) == (
            (State.NOT_DISCUSSED, True) if refused else (State.DISCUSSED, False)
        )


def test_one_person_arrives_once_however_often_the_button_is_pressed(meeting: Meeting) -> None:
    sit(meeting)

    def arrive(db: Session) -> None:
        rcp.record_arrival(
            db,
            session_id=meeting.session_id,
            user_id=meeting.people["surgeon"],
            specialty="SM20",
            **GIVEN,
        )

    refused = meeting.at_once(*[arrive] * 4)

    assert refused == ["Cette personne est déjà notée présente."] * 3
    with transaction(meeting.database) as db:
        assert len(queries.attendances(db, meeting.session_id)) == 1


def test_an_answer_sent_twice_is_kept_once(meeting: Meeting) -> None:
    def answer(db: Session) -> None:
        rcp.reply(
            db,
            session_id=meeting.session_id,
            user_id=meeting.people["radio"],
            answer=Reply.VIDEO,
            actor="user:1",
            now=MORNING,
        )

    assert meeting.at_once(*[answer] * 4) == []
    with transaction(meeting.database) as db:
        (kept,) = db.scalars(sa.select(Convocation)).all()
        assert kept.reply == Reply.VIDEO


def test_sessions_planned_by_two_people_are_planned_once(meeting: Meeting) -> None:
    def plan(db: Session) -> None:
        rcp.plan_sessions(
            db,
            rcp_id=meeting.rcp_id,
            from_date=date(2026, 4, 1),
            until=date(2026, 4, 30),
            actor="user:1",
            now=MORNING,
        )

    assert meeting.at_once(*[plan] * 3) == []
    with transaction(meeting.database) as db:
        ahead = queries.sessions(db, since=THURSDAY + timedelta(days=27))
        assert len({one.starts_at for one in ahead}) == len(ahead) == 5


def test_two_coordinators_removed_at_once_leave_one(meeting: Meeting) -> None:
    with transaction(meeting.database) as db:
        given = {"user_id": meeting.people["surgeon"], "specialty": "SM20", "actor": "system"}
        function = MemberFunction.COORDINATOR
        rcp.add_member(db, rcp_id=meeting.rcp_id, function=function, now=MORNING, **given)
        both = [
            one.id
            for one in queries.coordinators(db, meeting.rcp_id)
            if one.function == MemberFunction.COORDINATOR
        ]

    def remove(member_id: int) -> Callable[[Session], object]:
        return lambda db: rcp.remove_member(
            db, rcp_id=meeting.rcp_id, member_id=member_id, actor="user:1", now=MORNING
        )

    (refused,) = meeting.at_once(*map(remove, both))

    assert "seul coordonnateur" in refused
    with transaction(meeting.database) as db:
        left = db.scalars(sa.select(RcpMember).filter_by(function="coordinator")).all()
        assert len(left) == 1


def test_one_entry_of_the_directory_sent_twice_is_kept_once(meeting: Meeting) -> None:
    def add(db: Session) -> None:
        rcp.add_rcp(
            db,
            code="thorax",
            name="RCP Thorax",
            first_date=date(2026, 3, 3),
            starts=THURSDAY.time(),
            actor="user:1",
            now=MORNING,
        )

    refused = meeting.at_once(*[add] * 3)

    assert len(refused) == 2
    assert all("déjà une RCP de ce nom" in one for one in refused)
    with transaction(meeting.database) as db:
        assert [one.name for one in queries.directory(db)] == ["RCP Sénologie", "RCP Thorax"]
