"""Who is asked to a session, by the application and by mail; what they answer counts beforehand."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from engine.db import transaction
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.models import Job, JobState
from engine.scheduler import beat
from tests.factories import MORNING
from tests.mailroom import Mailroom, mailroom
from tests.workflows.test_rcp_meeting import Room, furnish
from workflows.notices.models import Notice
from workflows.rcp import convocations, expected
from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries


@pytest.fixture
def room(db: sa.orm.Session) -> Room:
    return furnish(db)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailroom]:
    with mailroom() as room:
        configure(monkeypatch, room)
        yield room


def configure(monkeypatch: pytest.MonkeyPatch, room: Mailroom) -> None:
    monkeypatch.setenv("HENT_SMTP", room.address)
    monkeypatch.setenv("HENT_MAIL_FROM", "rcp@hent.test")
    monkeypatch.setenv("HENT_URL", "https://hent.test/")


def answer(room: Room, who: str, said: str, **given: str) -> None:
    rcp.reply(
        room.db,
        session_id=room.meeting.id,
        user_id=room.people[who].id,
        answer=said,
        actor=room.people[who].actor,
        now=MORNING,
        **given,
    )


def foreseen(room: Room) -> expected.Expectation:
    return expected.expectation(room.db, room.meeting)


def warnings(room: Room) -> list[str]:
    return list(
        room.db.scalars(
            sa.select(Notice.text)
            .where(Notice.kind == "rcp_quorum", Notice.user_id == room.people["secretary"].id)
            .order_by(Notice.id)
        )
    )


def test_a_fixed_agenda_asks_members_and_guests_by_mail_without_a_patient(
    room: Room, database: sa.Engine, post: Mailroom
) -> None:
    room.accepted("Annick Prigent")
    rcp.invite(
        room.db,
        session_id=room.meeting.id,
        name="Dr Alix Rolland",
        email="a.rolland@ailleurs.test",
        specialty="SM44",
        actor="user:1",
        now=MORNING,
    )
    room.close()
    surgeon = room.people["surgeon"].email
    room.db.commit()

    beat(database, now=MORNING)

    [mine] = post.to(surgeon)
    [theirs] = post.to("a.rolland@ailleurs.test")
    assert len(post.received) == 5  # four members, one guest
    assert "jeudi 5 mars 2026 à 14 h 00" in mine["Subject"]
    assert f"https://hent.test/rcp/seances/{room.meeting.id}" in mine.get_content()
    assert (
        "hent.test/rcp" not in theirs.get_content()
    )  # no account: the secretary notes the answer
    for message in post.received:
        assert "prigent" not in message.as_string().lower()
        assert "prigent" not in message.get_content().lower()


def test_nobody_is_written_to_twice_and_an_urgent_case_writes_to_nobody_again(
    room: Room, database: sa.Engine, post: Mailroom
) -> None:
    room.accepted("Annick Prigent")
    room.close()
    room.accepted("Maryse Kerbrat", urgent=True)
    room.close()
    room.db.commit()

    beat(database, now=MORNING)

    assert len(post.received) == 4


def test_an_agenda_reopened_takes_cases_again_and_is_told_anew_when_it_is_closed(
    room: Room, database: sa.Engine, post: Mailroom
) -> None:
    first = room.accepted("Annick Prigent")
    room.close()
    answer(room, "radio", "absent")
    given = {"session_id": room.meeting.id, "actor": "user:1", "now": MORNING}
    with pytest.raises(Invalid, match="pourquoi les inscriptions"):
        rcp.reopen_agenda(room.db, reason=" ", **given)

    rcp.reopen_agenda(room.db, reason="Clôture par erreur", **given)
    second = room.accepted("Maryse Kerbrat")  # not urgent, and no agreement is asked for
    with pytest.raises(Conflict, match="déjà ouvertes"):
        rcp.reopen_agenda(room.db, reason="Clôture par erreur", **given)
    room.close()
    assert [(row.position, row.state) for row in (first, second)] == [
        (1, "on_agenda"),
        (2, "on_agenda"),
    ]
    assert foreseen(room).away == 1
    room.db.commit()
    beat(database, now=MORNING)

    rectified = [one for one in post.received if "rectifiée" in one["Subject"]]
    assert (len(rectified), len(post.received)) == (3, 7)  # who said no is not asked again
    assert "Votre réponse reste notée" in rectified[0].get_content()


def test_a_site_without_a_mail_server_tells_in_the_application_only(room: Room) -> None:
    room.accepted("Annick Prigent")
    room.close()

    told = room.db.scalars(sa.select(Notice.user_id).where(Notice.kind == "rcp_convened"))
    assert {person.id for person in room.people.values()} <= set(told)
    assert room.db.scalar(sa.select(sa.func.count()).where(Job.kind == "send_mail")) == 0


def test_a_mailbox_that_refuses_is_an_incident_and_stops_nobody(
    room: Room, database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mailroom(refuses=True) as closed:
        configure(monkeypatch, closed)
        room.accepted("Annick Prigent")
        room.close()
        room.db.commit()
        beat(database, now=MORNING)

    with transaction(database) as db:
        failed = db.scalars(sa.select(Job).where(Job.kind == "send_mail")).all()
        assert {job.state for job in failed} == {JobState.WAITING}  # tried again later
        assert all(job.due_at > MORNING for job in failed)
        assert rcp_queries.session(db, room.meeting.id).state == "closed"


def test_answers_make_the_quorum_to_expect(room: Room) -> None:
    assert [how for _label, how in foreseen(room).places] == ["possible"] * 3

    answer(room, "surgeon", "onsite")
    answer(room, "radio", "absent")

    found = foreseen(room)
    assert [how for _label, how in found.places] == ["sure", "possible", "empty"]
    assert (found.coming, found.away, found.silent) == (1, 1, 2)
    assert found.is_threatened
    answer(room, "radio", "video")
    assert not foreseen(room).is_threatened


def test_an_absence_that_costs_the_quorum_is_said_once_with_a_remedy(room: Room) -> None:
    room.rcp.written_opinions = True

    answer(room, "radio", "absent")
    answer(room, "radio", "absent")

    [said] = warnings(room)
    assert "Quorum menacé" in said
    assert "radiothérapie" in said
    assert said.endswith("Cherchez un suppléant ou un avis écrit.")


def test_a_substitute_is_invited_convened_and_counts(room: Room) -> None:
    room.accepted("Annick Prigent")
    room.close()

    answer(room, "radio", "replaced", substitute="Dr Alix Rolland")

    [guest] = rcp_queries.invitations(room.db, room.meeting.id)
    assert (guest.name, guest.specialty) == ("Dr Alix Rolland", "SM45")
    assert not foreseen(room).is_threatened
    assert warnings(room) == []
    assert all(one.sent_at for one in rcp_queries.convocations(room.db, room.meeting.id))


def test_who_comes_after_all_sends_no_substitute(room: Room) -> None:
    answer(room, "radio", "replaced", substitute="Dr Alix Rolland")

    answer(room, "radio", "onsite")

    assert rcp_queries.invitations(room.db, room.meeting.id) == []
    assert foreseen(room).coming == 1


def test_a_moved_session_asks_again(room: Room, database: sa.Engine, post: Mailroom) -> None:
    room.accepted("Annick Prigent")
    room.close()
    answer(room, "surgeon", "onsite")

    rcp.move_session(
        room.db,
        session_id=room.meeting.id,
        starts_at=room.meeting.starts_at + timedelta(days=1),
        actor="user:1",
        now=MORNING,
    )
    room.db.commit()
    beat(database, now=MORNING)

    with transaction(database) as db:
        assert {one.reply for one in rcp_queries.convocations(db, room.meeting.id)} == {None}
    assert len(post.received) == 8


@pytest.mark.parametrize(
    ("said", "given", "why"),
    [
        ("maybe", {}, "Répondez"),
        ("replaced", {}, "Nommez la personne"),
        ("replaced", {"substitute": "Dr Rolland", "email": "rolland"}, "adresse électronique"),
    ],
)
def test_an_answer_that_says_nothing_is_refused(
    room: Room, said: str, given: dict[str, str], why: str
) -> None:
    with pytest.raises(Invalid, match=why), room.db.begin_nested():
        answer(room, "radio", said, **given)

    assert foreseen(room).away == 0


def test_one_answers_for_oneself_and_before_the_meeting(room: Room) -> None:
    with pytest.raises(Forbidden):
        convocations.require_reply_of(own=1, user_id=2, may_run=False)
    room.accepted("Annick Prigent")
    room.sit()

    with pytest.raises(Conflict, match="feuille d’émargement"):
        answer(room, "radio", "absent")


def test_opening_at_once_convenes_nobody(room: Room) -> None:
    room.accepted("Annick Prigent")

    room.sit()

    assert rcp_queries.convocations(room.db, room.meeting.id) == []


def test_a_stranger_is_not_asked(room: Room) -> None:
    with pytest.raises(Invalid, match="ni membre"):
        rcp.reply(
            room.db,
            session_id=room.meeting.id,
            user_id=room.nurse.id,
            answer="onsite",
            actor=room.nurse.actor,
            now=datetime.max.replace(tzinfo=MORNING.tzinfo),
        )


def test_a_guest_asked_by_mistake_is_taken_off_the_list(room: Room) -> None:
    given = {"session_id": room.meeting.id, "actor": "user:1", "now": MORNING}
    guest = rcp.invite(room.db, name="Inès Floch", email="ines@example.org", **given)
    rcp.convene(room.db, **given)
    before = len(rcp_queries.convocations(room.db, room.meeting.id))

    rcp.disinvite(room.db, invitation_id=guest.id, **given)

    assert rcp_queries.invitations(room.db, room.meeting.id) == []
    assert len(rcp_queries.convocations(room.db, room.meeting.id)) == before - 1
    with pytest.raises(NotFound, match="plus sur la liste"):
        rcp.disinvite(room.db, invitation_id=guest.id, **given)


def test_a_substitute_taken_off_leaves_the_member_absent(room: Room) -> None:
    answer(room, "radio", "replaced", substitute="Hélène Abgrall")
    kept = next(one for one in rcp_queries.convocations(room.db, room.meeting.id) if one.reply)
    given = {"session_id": room.meeting.id, "actor": "user:1", "now": MORNING}

    rcp.disinvite(room.db, invitation_id=kept.replacement_id, **given)

    room.db.refresh(kept)
    assert (kept.reply, kept.replacement_id) == ("absent", None)
    assert foreseen(room).is_threatened
