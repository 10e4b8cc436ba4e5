"""A meeting from the planning to its end: the secretary's verbs, the cases' diagrams behind them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import publishing, queries, runtime
from engine.artifacts import Vocabulary
from engine.errors import Conflict, Invalid
from engine.handlers import ServiceStep, handles
from engine.models import AuditEntry
from tests.engine.sketches import sketch, table
from tests.factories import MORNING, make_patient, make_unit, make_user
from workflows.cases import operations as cases
from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import MemberFunction as Function
from workflows.rcp.models import Mode, Rcp, RcpSession, Registration, SessionState
from workflows.rcp.models import RegistrationState as State
from workflows.staff.models import Unit, User

LANES = ("Secrétariat de RCP", "Participants", "Système")
ASK = {"properties": {"form": "ask", "deadline": "ask"}}
DIAGRAM = sketch(
    "start -> merge -> agenda -> called -> look -> gate",
    "gate -> postpone if put_off == true",
    "gate -> discuss default",
    "postpone -> gate_put_off",
    "gate_put_off -> merge if again == true",
    "gate_put_off -> end_cancelled default",
    "discuss -> end",
    name="cancer",
    lanes=LANES,
    agenda={"type": "catch", "message": "agenda_closed", "lane": "Système"},
    called={"type": "catch", "message": "case_called", "lane": "Système"},
    look={"type": "service", "lane": "Système", "properties": {"handler": "look_at_registration"}},
    postpone={"lane": "Secrétariat de RCP", **ASK},
    discuss={"lane": "Participants", **ASK},
)
VOCABULARY = Vocabulary(
    roles=LANES,
    forms={"ask": ("again",)},
    data=dict.fromkeys(("again", "put_off", "rcp_id", "rcp_session_id", "case_status"), "instance")
    | {"information_date": "case", "sharing_opposition": "case"},
    handlers=("look_at_registration",),
    codes=("idec",),
    anchors=(),
)
BREAST = [
    {"label": "Chirurgie", "specialties": ["SM20", "SM05"]},
    {"label": "Oncologie médicale", "specialties": ["SM36"]},
    {"label": "Radiothérapie", "specialties": ["SM45"]},
]
DEADLINES = table(
    ('"ask"', '"opened"', "7", '"days"', '""', '""'),
    ("-", '"opened"', "30", '"days"', '""', '""'),
)
THURSDAY = datetime(2026, 3, 5, 13, tzinfo=UTC)  # 14 h in Paris


@handles("look_at_registration")
def look(step: ServiceStep) -> None:
    registration = rcp_queries.registration_of(step.db, step.instance.id)
    assert registration is not None
    step.set("put_off", registration.state == State.NOT_DISCUSSED)


@dataclass
class Room:
    """One RCP, its people, and cases brought to its next session."""

    db: Session
    rcp: Rcp
    meeting: RcpSession
    unit: Unit
    nurse: User
    people: dict[str, User] = field(default_factory=dict)

    def bring(self, name: str, **given: object) -> Registration:
        patient = make_patient(self.db, name, born=date(1960, 1, 1))
        episode = cases.open_case(
            self.db,
            patient_id=patient.id,
            unit_id=self.unit.id,
            organ="breast",
            user=self.nurse,
            now=MORNING,
            data={"information_date": "2026-03-01"} | dict(given.pop("data", {})),  # type: ignore[call-overload]
        )
        return rcp.register(
            self.db,
            session_id=self.meeting.id,
            case_id=episode.case_id,
            instance_id=queries.instances(self.db, episode.case_id)[0].id,
            actor=self.nurse.actor,
            now=MORNING,
            **given,  # type: ignore[arg-type]
        )

    def accepted(self, name: str, **given: object) -> Registration:
        registration = self.bring(name, **given)
        rcp.accept(self.db, registration_id=registration.id, actor="user:1", now=MORNING)
        return registration

    def close(self) -> rcp.AgendaReport:
        return rcp.close_agenda(
            rcp.within(self.db), session_id=self.meeting.id, actor="user:1", now=MORNING
        )

    def sit(self) -> rcp.AgendaReport:
        return rcp.open_session(
            rcp.within(self.db), session_id=self.meeting.id, actor="user:1", now=THURSDAY
        )

    def arrives(self, who: str, specialty: str, minute: int = 0, **given: object) -> int:
        stay = rcp.record_arrival(
            self.db,
            session_id=self.meeting.id,
            user_id=self.people[who].id,
            specialty=specialty,
            actor="user:1",
            now=THURSDAY + timedelta(minutes=minute),
            **given,  # type: ignore[arg-type]
        )
        return stay.id

    def everybody(self) -> None:
        for who, specialty in (("surgeon", "SM20"), ("oncologist", "SM36"), ("radio", "SM45")):
            self.arrives(who, specialty)

    def call(self, registration: Registration, minute: int = 0) -> object:
        return rcp.call_case(
            self.db,
            registration_id=registration.id,
            actor="user:1",
            now=THURSDAY + timedelta(minutes=minute),
        )

    def open(self, registration: Registration) -> list[str]:
        return [task.element for task in queries.open_tasks(self.db, registration.case_id)]


@pytest.fixture
def room(db: Session) -> Room:
    return furnish(db)


def furnish(db: Session) -> Room:
    publishing.publish(
        db,
        artifacts=[DIAGRAM, DEADLINES],
        vocabulary=VOCABULARY,
        actor="system",
        now=MORNING,
    )
    unit = make_unit(db)
    people = {
        "surgeon": make_user(db, "Soizic Morvan"),
        "oncologist": make_user(db, "Yann Kervella"),
        "radio": make_user(db, "Hugo Bellec"),
        "secretary": make_user(db, "Sylvie Marrec"),
    }
    breast = rcp.add_rcp(
        db,
        code="senologie",
        name="RCP Sénologie",
        first_date=date(2026, 3, 5),
        starts=time(14),
        quorum_groups=BREAST,
        actor="system",
        now=MORNING,
    )
    for who, function, specialty in (
        ("oncologist", Function.COORDINATOR, "SM36"),
        ("surgeon", Function.DEPUTY, "SM20"),
        ("radio", Function.PARTICIPANT, "SM45"),
        ("secretary", Function.SECRETARY, None),
    ):
        rcp.add_member(
            db,
            rcp_id=breast.id,
            user_id=people[who].id,
            function=function,
            specialty=specialty,
            actor="system",
            now=MORNING,
        )
    first, *_ = rcp.plan_sessions(
        db,
        rcp_id=breast.id,
        from_date=date(2026, 3, 2),
        until=date(2026, 3, 31),
        actor="system",
        now=MORNING,
    )
    nurse = make_user(db, "Maëlle Le Goff", unit=unit, roles=("idec",))
    return Room(db, breast, first, unit, nurse, people)


# — Planning —


def test_sessions_follow_the_rhythm_at_the_hour_of_paris(room: Room) -> None:
    planned = rcp_queries.sessions(room.db, rcp_ids=[room.rcp.id], since=MORNING)

    # The clocks change on 29 March: 14 h stays 14 h.
    assert [one.starts_at.hour for one in planned] == [13, 13, 13, 13]
    april = rcp.plan_sessions(
        room.db,
        rcp_id=room.rcp.id,
        from_date=date(2026, 3, 2),
        until=date(2026, 4, 2),
        actor="system",
        now=MORNING,
    )
    assert [one.starts_at.hour for one in april] == [12]


def test_a_holiday_moves_the_session_to_the_next_working_day(room: Room) -> None:
    made = rcp.plan_sessions(
        room.db,
        rcp_id=room.rcp.id,
        from_date=date(2026, 5, 14),
        until=date(2026, 5, 18),
        actor="system",
        now=MORNING,
    )

    assert [one.starts_at.date() for one in made] == [date(2026, 5, 15)]


# — Registering —


def test_a_case_whose_patient_was_not_informed_is_not_registered(room: Room) -> None:
    with pytest.raises(Invalid, match="information du patient"):
        room.bring("Annick Prigent", data={"information_date": None})


def test_a_case_whose_patient_opposes_is_not_registered(room: Room) -> None:
    with pytest.raises(Invalid, match="s’oppose"):
        room.bring("Annick Prigent", data={"sharing_opposition": True})


def test_a_case_is_registered_once(room: Room) -> None:
    registration = room.bring("Annick Prigent")

    with pytest.raises(Conflict, match="déjà inscrit"):
        rcp.register(
            room.db,
            session_id=room.meeting.id,
            case_id=registration.case_id,
            instance_id=registration.instance_id,
            actor="user:1",
            now=MORNING,
        )


def test_after_closing_only_an_urgent_case_is_still_taken(room: Room) -> None:
    room.accepted("Annick Prigent")
    room.close()

    with pytest.raises(Conflict, match="closes"):
        room.bring("Katell Tréguer")
    late = room.accepted("Bernadette Riou", urgent=True)
    report = room.close()

    assert report.moved == [late]
    assert late.position == 2


# — The agenda —


def test_the_order_chosen_by_hand_survives_the_closing(room: Room) -> None:
    first, second, third = (
        room.accepted(name) for name in ("Anne Le Corre", "Maryse Kerbrat", "Léna Jézéquel")
    )
    for _ in range(2):
        rcp.move_on_agenda(
            room.db, registration_id=third.id, places=-1, actor="user:1", now=MORNING
        )
    room.close()

    assert list(rcp_queries.agenda(room.db, room.meeting.id)) == [third, first, second]
    assert [one.position for one in (third, first, second)] == [1, 2, 3]


def test_moving_the_first_case_up_leaves_it_first(room: Room) -> None:
    first, second = room.accepted("Anne Le Corre"), room.accepted("Maryse Kerbrat")

    rcp.move_on_agenda(room.db, registration_id=first.id, places=-1, actor="user:1", now=MORNING)

    assert list(rcp_queries.agenda(room.db, room.meeting.id)) == [first, second]


def test_an_unaccepted_case_is_told_and_stays(room: Room) -> None:
    waiting = room.bring("Annick Prigent")

    report = room.close()

    assert report.unaccepted == [waiting]
    assert waiting.state == State.SUBMITTED


@pytest.mark.parametrize("broken", [0, 12, 29])
def test_one_case_that_fails_lets_the_other_29_go_on(
    room: Room, broken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered = [
        room.accepted(f"Anne{chr(97 + n % 26)} Le Corre{chr(97 + n // 26)}") for n in range(30)
    ]
    culprit = registered[broken]
    send = runtime.send_message

    def refuses(db: Session, *, case_id: int, **given: object) -> object:
        if case_id == culprit.case_id:
            raise Conflict("Ce dossier est illisible.")
        return send(db, case_id=case_id, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(runtime, "send_message", refuses)
    report = room.close()

    assert len(report.moved) == 29
    assert [(one.id, "illisible" in why) for one, why in report.failures] == [(culprit.id, True)]
    assert (culprit.state, culprit.position) == (State.ACCEPTED, None)
    others = [one for one in registered if one is not culprit]
    assert {one.state for one in others} == {State.ON_AGENDA}
    assert sorted(one.position or 0 for one in others) == list(range(1, 30))
    assert room.meeting.state == SessionState.CLOSED
    # Its diagram still waits for the agenda; once it is mended, closing again takes it.
    monkeypatch.setattr(runtime, "send_message", send)
    assert room.close().moved == [culprit]


def test_a_bug_in_one_case_is_told_and_lets_the_others_go_on(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = room.accepted("Anne Le Corre"), room.accepted("Maryse Kerbrat")
    send = runtime.send_message

    def breaks(db: Session, *, case_id: int, **given: object) -> object:
        if case_id == first.case_id:
            raise ZeroDivisionError
        return send(db, case_id=case_id, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(runtime, "send_message", breaks)
    report = room.close()

    assert report.moved == [second]
    assert [one for one, _why in report.failures] == [first]
    assert first.state == State.ACCEPTED
    assert "ZeroDivisionError" in caplog.text


# — Presence and quorum —


def test_opening_closes_an_agenda_nobody_closed(room: Room) -> None:
    registration = room.accepted("Annick Prigent")

    room.sit()

    assert registration.state == State.ON_AGENDA
    assert room.meeting.state == SessionState.OPEN


def test_nobody_signed_in_is_unknown_not_missing(room: Room) -> None:
    registration = room.accepted("Annick Prigent")
    room.sit()

    assert rcp_queries.quorum(room.db, registration, THURSDAY).status == "unknown"


def test_the_quorum_of_a_case_is_that_of_its_moment(room: Room) -> None:
    early, late = room.accepted("Anne Le Corre"), room.accepted("Maryse Kerbrat")
    room.sit()
    room.arrives("surgeon", "SM20")
    room.arrives("oncologist", "SM36")
    room.call(early, minute=5)
    room.arrives("radio", "SM45", minute=10, mode=Mode.VIDEO)
    room.call(late, minute=12)

    kept = [
        room.db.scalar(
            sa.select(AuditEntry.detail).where(
                AuditEntry.case_id == one.case_id, AuditEntry.action == "rcp.case_called"
            )
        )
        for one in (early, late)
    ]

    assert [(one["status"], one["missing"]) for one in kept if one] == [
        ("not_reached", ["Radiothérapie"]),
        ("reached", []),
    ]
    # Kept on the passage too: a later correction of the sheet does not rewrite the meeting.
    assert early.quorum is not None
    assert early.quorum["status"] == "not_reached"


def test_who_has_left_no_longer_counts_and_may_come_back(room: Room) -> None:
    registration = room.accepted("Annick Prigent")
    room.sit()
    room.everybody()
    stay = rcp_queries.attendances(room.db, room.meeting.id)[-1]
    rcp.record_departure(
        room.db, attendance_id=stay.id, actor="user:1", now=THURSDAY + timedelta(minutes=20)
    )

    def status(minute: int) -> str:
        at = THURSDAY + timedelta(minutes=minute)
        return rcp_queries.quorum(room.db, registration, at).status

    assert [status(19), status(20)] == ["reached", "not_reached"]
    room.arrives("radio", "SM45", minute=40)
    assert [status(30), status(41)] == ["not_reached", "reached"]


def test_one_person_counts_for_one_specialty(room: Room) -> None:
    registration = room.accepted("Annick Prigent")
    room.sit()
    room.arrives("surgeon", "SM20")
    room.arrives("oncologist", "SM36")

    with pytest.raises(Conflict, match="déjà notée présente"):
        room.arrives("oncologist", "SM45", minute=1)

    assert rcp_queries.quorum(room.db, registration, THURSDAY).missing == ("Radiothérapie",)


def test_a_guest_out_of_the_quorum_is_present_and_does_not_count(room: Room) -> None:
    registration = room.accepted("Annick Prigent")
    room.sit()
    room.arrives("surgeon", "SM20")
    room.arrives("oncologist", "SM36")
    rcp.record_arrival(
        room.db,
        session_id=room.meeting.id,
        guest_name="Dr Alix Rolland",
        specialty="SM45",
        in_quorum=False,
        actor="user:1",
        now=THURSDAY,
    )

    assert rcp_queries.quorum(room.db, registration, THURSDAY).missing == ("Radiothérapie",)
    assert len(rcp_queries.present(room.db, room.meeting.id, THURSDAY)) == 3


@pytest.mark.parametrize(("accepted", "status"), [(True, "reached"), (False, "not_reached")])
def test_a_written_opinion_counts_only_where_the_rcp_says_so(
    room: Room, accepted: bool, status: str
) -> None:
    room.rcp.written_opinions = accepted
    registration = room.accepted("Annick Prigent")
    room.sit()
    room.arrives("surgeon", "SM20")
    room.arrives("oncologist", "SM36")
    rcp.add_opinion(
        room.db,
        registration_id=registration.id,
        author="Dr Hugo Bellec",
        specialty="SM45",
        text="Irradiation possible après chirurgie.",
        actor="user:1",
        now=THURSDAY,
    )

    assert rcp_queries.quorum(room.db, registration, THURSDAY).status == status


def test_a_written_opinion_follows_the_case_that_is_put_off(room: Room) -> None:
    room.rcp.written_opinions = True
    registration = room.accepted("Annick Prigent")
    given = {"actor": "user:1", "now": MORNING}
    rcp.add_opinion(
        room.db,
        registration_id=registration.id,
        author="Dr Hugo Bellec",
        specialty="SM45",
        text="Irradiation possible après chirurgie.",
        **given,
    )

    again = rcp.postpone(
        room.db, registration_id=registration.id, reason="requester_absent", **given
    )

    assert [one.author for one in rcp_queries.opinions(room.db, again.id)] == ["Dr Hugo Bellec"]


def test_a_departure_before_the_arrival_is_refused(room: Room) -> None:
    room.sit()
    stay = room.arrives("surgeon", "SM20", minute=10)

    with pytest.raises(Invalid, match="précéder"):
        rcp.record_departure(room.db, attendance_id=stay, actor="user:1", now=THURSDAY)


# — Cases in the meeting —


def test_a_called_case_goes_on_and_is_called_once(room: Room) -> None:
    registration = room.accepted("Annick Prigent")
    room.sit()
    room.everybody()
    room.call(registration)

    assert room.open(registration) == ["discuss"]
    with pytest.raises(Conflict):
        room.call(registration, minute=3)


def test_a_case_set_aside_is_postponed_to_the_next_session(room: Room) -> None:
    registration = room.accepted("Annick Prigent")
    room.sit()
    rcp.set_aside(
        room.db,
        registration_id=registration.id,
        reason="requester_absent",
        actor="user:1",
        now=THURSDAY,
    )
    assert room.open(registration) == ["postpone"]

    again = rcp.postpone(
        room.db,
        registration_id=registration.id,
        reason="requester_absent",
        actor="user:1",
        now=THURSDAY,
    )
    task = queries.open_tasks(room.db, registration.case_id)[0]
    runtime.complete_task(
        room.db, task_id=task.id, answers={"again": True}, actor="user:1", now=THURSDAY
    )

    assert registration.state == State.POSTPONED
    assert again.session.starts_at == THURSDAY + timedelta(weeks=1)
    assert (again.state, again.postponed_from_id) == (State.ACCEPTED, registration.id)
    report = rcp.close_agenda(
        rcp.within(room.db),
        session_id=again.session_id,
        actor="user:1",
        now=THURSDAY + timedelta(days=5),
    )
    assert report.moved == [again]


def test_an_unknown_reason_is_refused(room: Room) -> None:
    registration = room.accepted("Annick Prigent")
    room.sit()

    with pytest.raises(Invalid, match="motif"):
        rcp.set_aside(
            room.db,
            registration_id=registration.id,
            reason="no idea",
            actor="user:1",
            now=THURSDAY,
        )


def test_ending_sets_aside_what_was_not_called_and_sends_everybody_home(room: Room) -> None:
    discussed, left_over = room.accepted("Anne Le Corre"), room.accepted("Maryse Kerbrat")
    room.sit()
    room.everybody()
    room.call(discussed, minute=5)

    report = rcp.end_session(
        rcp.within(room.db),
        session_id=room.meeting.id,
        actor="user:1",
        now=THURSDAY + timedelta(hours=2),
    )

    assert report.moved == [left_over]
    assert (left_over.state, left_over.reason) == (State.NOT_DISCUSSED, "not_enough_time")
    assert room.open(left_over) == ["postpone"]
    stays = rcp_queries.attendances(room.db, room.meeting.id)
    assert {stay.left_at for stay in stays} == {THURSDAY + timedelta(hours=2)}
    with pytest.raises(Conflict, match="n’est pas ouverte"):
        room.arrives("surgeon", "SM20", minute=150)


def test_a_case_accepted_too_late_goes_to_the_next_session(room: Room) -> None:
    room.accepted("Anne Le Corre")
    never_on_agenda, never_accepted = room.bring("Maryse Kerbrat"), room.bring("Léna Jézéquel")
    room.sit()
    rcp.accept(room.db, registration_id=never_on_agenda.id, actor="user:1", now=THURSDAY)
    end = THURSDAY + timedelta(hours=2)

    report = rcp.end_session(
        rcp.within(room.db), session_id=room.meeting.id, actor="user:1", now=end
    )
    rcp.accept(room.db, registration_id=never_accepted.id, actor="user:1", now=end)

    assert report.unaccepted == [never_accepted]
    for late in (never_on_agenda, never_accepted):
        again = rcp_queries.registration_of(room.db, late.instance_id)
        assert again is not None
        assert (late.state, again.state) == (State.POSTPONED, State.ACCEPTED)
        assert again.session.starts_at == THURSDAY + timedelta(weeks=1)
