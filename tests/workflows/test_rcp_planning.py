"""Sessions of a year: the rhythm, holidays, clocks that change, planned once; moved, cancelled, full."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from engine import queries, runtime
from engine.calendar import Calendar
from engine.db import transaction
from engine.errors import Conflict, Forbidden, Invalid
from engine.models import Job, JobState
from engine.scheduler import beat
from tests.factories import MORNING
from tests.workflows.test_rcp_meeting import THURSDAY, Room, furnish
from workflows.deadlines.queries import milestone
from workflows.notices.models import Notice
from workflows.rcp import operations as rcp
from workflows.rcp import planning
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import MemberFunction, Rcp, RcpSession, Registration, SessionState
from workflows.rcp.models import RegistrationState as State
from workflows.rcp.rhythm import slots

PARIS_TWO = time(14)


@pytest.fixture
def room(db: sa.orm.Session) -> Room:
    return furnish(db)


def entry(**changes: object) -> Rcp:
    fields = {"first_date": date(2026, 1, 6), "every_weeks": 1, "month_weeks": []}
    return Rcp(**fields | {"on_holiday": "next", "starts": PARIS_TWO} | changes)  # type: ignore[operator]


def dates(rhythm: Rcp, since: date, until: date) -> list[str]:
    return [f"{one.starts_at:%d/%m}" for one in slots(rhythm, since, until)]


# — Rhythm —


def test_the_first_and_third_tuesday() -> None:
    found = dates(entry(month_weeks=[1, 3]), date(2026, 3, 1), date(2026, 4, 30))

    assert found == ["03/03", "17/03", "07/04", "21/04"]


def test_the_last_tuesday_is_the_fourth_or_the_fifth() -> None:
    assert dates(entry(month_weeks=[-1]), date(2026, 2, 1), date(2026, 3, 31)) == [
        "24/02",
        "31/03",
    ]


def test_every_second_week_keeps_its_parity_over_the_year() -> None:
    found = dates(entry(every_weeks=2), date(2026, 12, 20), date(2027, 1, 20))

    assert found == ["22/12", "05/01", "19/01"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("next", ["15/05", "21/05"]), ("previous", ["13/05", "21/05"]), ("skip", ["21/05"])],
)
def test_ascension_is_moved_or_skipped(rule: str, expected: list[str]) -> None:
    thursdays = entry(first_date=date(2026, 1, 8), on_holiday=rule)

    assert dates(thursdays, date(2026, 5, 11), date(2026, 5, 22)) == expected


def test_two_in_the_afternoon_stays_two_when_the_clocks_change() -> None:
    found = slots(entry(), date(2026, 3, 23), date(2026, 4, 1))

    assert [one.starts_at for one in found] == [
        datetime(2026, 3, 24, 13, tzinfo=UTC),
        datetime(2026, 3, 31, 12, tzinfo=UTC),
    ]


@given(
    first=st.dates(date(2024, 1, 1), date(2028, 12, 31)).filter(lambda day: day.weekday() < 5),
    every_weeks=st.integers(1, 6),
    month_weeks=st.lists(st.sampled_from([1, 2, 3, 4, 5, -1]), unique=True, max_size=3),
    rule=st.sampled_from(["next", "previous", "skip"]),
    cut=st.integers(0, 400),
)
def test_planning_in_two_goes_gives_what_one_gives(
    first: date, every_weeks: int, month_weeks: list[int], rule: str, cut: int
) -> None:
    rhythm = entry(
        first_date=first, every_weeks=every_weeks, month_weeks=month_weeks, on_holiday=rule
    )
    until, middle = first + timedelta(days=400), first + timedelta(days=cut)

    whole = list(slots(rhythm, first, until))

    halves = [*slots(rhythm, first, middle), *slots(rhythm, middle + timedelta(days=1), until)]
    assert halves == whole
    assert len({one.date for one in whole}) == len(whole)
    assert all(one.date.weekday() == first.weekday() for one in whole)
    held = [one.starts_at.astimezone(planning.PARIS) for one in whole]
    assert all(Calendar().is_working_day(one.date()) and one.hour == 14 for one in held)


# — Planning —


def plan(room: Room, until: date) -> list[RcpSession]:
    given = {"actor": "user:1", "now": MORNING}
    return rcp.plan_sessions(
        room.db,
        rcp_id=room.rcp.id,
        from_date=date(2026, 3, 2),
        until=until,
        **given,  # type: ignore[arg-type]
    )


def move(room: Room, to: datetime) -> list[int]:
    return rcp.move_session(
        room.db, session_id=room.meeting.id, starts_at=to, actor="user:1", now=MORNING
    )


def cancel(room: Room, reason: str = "Coordonnateur en congrès") -> rcp.AgendaReport:
    return rcp.cancel_session(
        rcp.within(room.db),
        session_id=room.meeting.id,
        reason=reason,
        actor="user:1",
        now=MORNING,
    )


def test_planning_again_adds_nothing_not_even_what_was_moved_or_cancelled(room: Room) -> None:
    second = rcp_queries.sessions(room.db, since=MORNING)[1]
    move(room, datetime(2026, 3, 6, 9, tzinfo=UTC))
    rcp.cancel_session(
        rcp.within(room.db), session_id=second.id, reason="Congrès", actor="user:1", now=MORNING
    )

    assert plan(room, date(2026, 3, 31)) == []
    assert len(plan(room, date(2026, 4, 9))) == 2


def test_without_a_coordinator_no_session_is_planned_added_or_opened(room: Room) -> None:
    for member in rcp_queries.coordinators(room.db, room.rcp.id):
        room.db.delete(member)
    room.db.flush()

    with pytest.raises(Invalid, match="pas de coordonnateur"):
        plan(room, date(2026, 4, 30))
    with pytest.raises(Invalid, match="pas de coordonnateur"):
        rcp.add_session(
            room.db,
            rcp_id=room.rcp.id,
            starts_at=THURSDAY + timedelta(days=1),
            actor="user:1",
            now=MORNING,
        )
    with pytest.raises(Invalid, match="pas de coordonnateur"):
        room.sit()


def test_a_directory_entry_without_coordinator_is_refused_whole(room: Room) -> None:
    with pytest.raises(Invalid, match="médecin coordonnateur"):
        rcp.found_rcp(
            room.db,
            coordinator_id=None,
            specialty="SM36",
            code="urologie",
            name="Urologie",
            first_date=date(2026, 3, 3),
            starts=PARIS_TWO,
            actor="user:1",
            now=MORNING,
        )
    assert [one.code for one in rcp_queries.directory(room.db)] == ["senologie"]


def test_the_last_coordinator_is_not_removed_before_a_successor(room: Room) -> None:
    leader, deputy = rcp_queries.coordinators(room.db, room.rcp.id)
    given = {"rcp_id": room.rcp.id, "actor": "user:1", "now": MORNING}

    with pytest.raises(Conflict, match="nommez d’abord son remplaçant"):
        rcp.remove_member(room.db, member_id=leader.id, **given)  # type: ignore[arg-type]

    rcp.add_member(
        room.db,
        user_id=deputy.user_id,
        function=MemberFunction.COORDINATOR,
        specialty="SM20",
        **given,  # type: ignore[arg-type]
    )
    rcp.remove_member(room.db, member_id=leader.id, **given)  # type: ignore[arg-type]
    assert leader.user_id not in {
        one.user_id for one in rcp_queries.coordinators(room.db, room.rcp.id)
    }


def test_another_rhythm_replans_what_nobody_waits_for_and_tells_the_rest(room: Room) -> None:
    room.accepted("Annick Prigent")

    left = rcp.change_rcp(
        room.db,
        rcp_id=room.rcp.id,
        first_date=date(2026, 3, 3),
        month_weeks=[2, 4],
        actor="user:1",
        now=MORNING,
    )

    assert left == [room.meeting]
    ahead = rcp_queries.sessions(room.db, since=MORNING)
    assert [f"{one.starts_at:%d/%m}" for one in ahead] == ["05/03", "10/03", "24/03"]


def test_sessions_are_kept_planned_some_months_ahead(room: Room) -> None:
    rcp.change_rcp(room.db, rcp_id=room.rcp.id, months_ahead=3, actor="user:1", now=MORNING)

    ahead = rcp_queries.sessions(room.db, since=MORNING)
    assert f"{ahead[-1].starts_at:%d/%m}" == "28/05"
    again = planning.keep_planned(room.db, rcp_id=room.rcp.id, actor="system", now=MORNING)
    assert again == []


def test_every_morning_sessions_are_planned_and_due_agendas_closed(
    database: sa.Engine, room: Room
) -> None:
    room.accepted("Annick Prigent")
    rcp.change_rcp(
        room.db, rcp_id=room.rcp.id, months_ahead=3, closing_days=2, actor="user:1", now=MORNING
    )
    room.db.commit()

    beat(database, now=datetime(2026, 3, 3, 5, tzinfo=UTC))  # Tuesday, 6 h in Paris

    with transaction(database) as db:
        assert rcp_queries.session(db, room.meeting.id).state == SessionState.CLOSED
        assert rcp_queries.sessions(db, since=MORNING)[-1].starts_at.month == 5
        waiting = db.scalars(sa.select(Job).where(Job.state == JobState.WAITING)).all()
        assert [one.due_at for one in waiting if one.kind == "keep_rcp_calendar"] == [
            datetime(2026, 3, 4, 4, tzinfo=UTC)
        ]
        rcp.reopen_agenda(
            db,
            session_id=room.meeting.id,
            reason="Un dossier oublié",
            actor="user:1",
            now=datetime(2026, 3, 3, 9, tzinfo=UTC),
        )
    for day, state in ((4, SessionState.PLANNED), (5, SessionState.CLOSED)):  # held on the 5th
        beat(database, now=datetime(2026, 3, day, 5, tzinfo=UTC))
        with transaction(database) as db:
            assert rcp_queries.session(db, room.meeting.id).state == state


def test_a_quorum_of_unknown_specialties_is_refused(room: Room) -> None:
    with pytest.raises(Invalid, match="inconnue"):
        rcp.change_rcp(
            room.db,
            rcp_id=room.rcp.id,
            quorum_groups=[{"label": "Magie", "specialties": ["SM99"]}],
            actor="user:1",
            now=MORNING,
        )
    assert len(room.rcp.quorum_groups) == 3


# — Moving and cancelling —


def test_a_moved_session_takes_the_dates_of_its_cases_along_and_tells_people(room: Room) -> None:
    registration = room.accepted("Annick Prigent")
    runtime.put_data(
        room.db,
        case_id=registration.case_id,
        instance_id=registration.instance_id,
        values={"rcp_session_id": room.meeting.id},
        actor="user:1",
        now=MORNING,
    )
    friday = datetime(2026, 3, 6, 9, tzinfo=UTC)

    assert move(room, friday) == [registration.case_id]

    found = milestone(
        room.db,
        case_id=registration.case_id,
        name="rcp_session",
        instance_id=registration.instance_id,
    )
    assert found is not None
    assert found.at == friday
    told = room.db.scalars(sa.select(Notice).where(Notice.kind == "rcp_session")).all()
    assert {one.user_id for one in told} == {
        *(person.id for person in room.people.values()),
        room.nurse.id,
    }
    assert "déplacée" in told[0].text
    assert "Prigent" not in told[0].text


def test_a_cancelled_session_hands_its_cases_to_the_next(room: Room) -> None:
    waiting, accepted = room.bring("Anne Le Corre"), room.accepted("Annick Prigent")
    listed = room.accepted("Maryse Kerbrat")
    room.close()
    late = room.bring("Léna Jézéquel", urgent=True)

    report = cancel(room)

    assert len(report.moved) == 4
    assert not report.failures
    assert room.meeting.state == SessionState.CANCELLED
    assert {one.state for one in (waiting, accepted, listed, late)} == {State.POSTPONED}
    after = rcp_queries.next_session(room.db, rcp_id=room.rcp.id, after=THURSDAY)
    assert after is not None
    states = {one.case_id: one.state for one in rcp_queries.agenda(room.db, after.id)}
    assert states == {
        waiting.case_id: State.SUBMITTED,
        accepted.case_id: State.ACCEPTED,
        listed.case_id: State.ACCEPTED,
        late.case_id: State.SUBMITTED,
    }
    # The diagram of the case that was on the agenda waits to be called, and is.
    rcp.close_agenda(rcp.within(room.db), session_id=after.id, actor="user:1", now=MORNING)
    at = after.starts_at
    rcp.open_session(rcp.within(room.db), session_id=after.id, actor="user:1", now=at)
    again = rcp_queries.registration_of(room.db, listed.instance_id)
    assert again is not None
    assert again.state == State.ON_AGENDA
    rcp.call_case(room.db, registration_id=again.id, actor="user:1", now=at)
    assert room.open(again) == ["discuss"]
    kept = queries.instances(room.db, listed.case_id)
    assert len(kept) == 1


def test_a_session_with_cases_is_not_cancelled_without_another_after_it(room: Room) -> None:
    for one in rcp_queries.sessions(room.db, since=THURSDAY + timedelta(days=1)):
        room.db.delete(one)
    registration = room.accepted("Annick Prigent")

    with pytest.raises(Conflict, match="Planifiez d’abord la suivante"):
        cancel(room)
    with pytest.raises(Invalid, match="pourquoi"):
        cancel(room, reason=" ")

    assert (room.meeting.state, registration.state) == (SessionState.PLANNED, State.ACCEPTED)


def test_nobody_registers_for_a_cancelled_session(room: Room) -> None:
    cancel(room)

    with pytest.raises(Conflict, match="est annulée"):
        room.bring("Annick Prigent")
    with pytest.raises(Conflict, match="est annulée"):
        room.sit()


# — After the closing, and too many —


def test_after_the_closing_the_coordinator_agrees_and_says_why(room: Room) -> None:
    room.accepted("Annick Prigent")
    room.close()
    room.meeting.agenda_closed_at = MORNING - timedelta(minutes=1)
    late = room.bring("Maryse Kerbrat", urgent=True)
    given = {"registration_id": late.id, "actor": "user:1", "now": MORNING}

    with pytest.raises(Conflict, match="accord du coordonnateur"):
        rcp.accept(room.db, **given)  # type: ignore[arg-type]
    with pytest.raises(Forbidden, match="médecin coordonnateur"):
        rcp.agree(room.db, reason="Grade 4", user_id=room.people["secretary"].id, **given)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="pourquoi"):
        rcp.agree(room.db, reason="", user_id=room.people["oncologist"].id, **given)  # type: ignore[arg-type]

    rcp.agree(
        room.db,
        reason="Compression débutante",
        user_id=room.people["surgeon"].id,  # a deputy
        **given,  # type: ignore[arg-type]
    )
    rcp.accept(room.db, **given)  # type: ignore[arg-type]
    assert room.close().moved == [late]
    assert late.agreement == "Compression débutante"


def test_a_full_session_keeps_the_urgent_and_the_first_come(room: Room) -> None:
    room.rcp.max_cases = 2
    first, second = room.accepted("Anne Le Corre"), room.accepted("Annick Prigent")
    urgent = room.accepted("Maryse Kerbrat", urgent=True)

    report = room.close()

    assert (report.moved, report.put_off) == ([urgent, first], [second])
    assert second.reason == "session_full"
    again = rcp_queries.registration_of(room.db, second.instance_id)
    assert again is not None
    assert again.session.starts_at > THURSDAY


def test_a_case_put_off_twice_is_told_to_the_coordinator(room: Room) -> None:
    once = room.accepted("Annick Prigent")
    given = {"reason": "not_enough_time", "actor": "user:1", "now": MORNING}

    twice = rcp.postpone(room.db, registration_id=once.id, **given)  # type: ignore[arg-type]
    told = sa.select(Notice.user_id).where(Notice.kind == "rcp_put_off")
    assert room.db.scalars(told).all() == []
    rcp.postpone(room.db, registration_id=twice.id, **given)  # type: ignore[arg-type]

    assert set(room.db.scalars(told)) == {room.people["oncologist"].id, room.people["surgeon"].id}


# — Each case in its own transaction —


def test_what_was_moved_before_a_crash_stays_and_the_rest_is_taken_again(
    any_database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(any_database) as db:
        room = furnish(db)
        brought = [room.accepted(f"Annick {name}") for name in ("Prigent", "Riou", "Penn")]
        session_id = room.meeting.id
    send = runtime.send_message

    def crashes(db: sa.orm.Session, *, case_id: int, **given: object) -> object:
        if case_id == brought[2].case_id:
            raise KeyboardInterrupt
        return send(db, case_id=case_id, **given)  # type: ignore[arg-type]

    def close() -> rcp.AgendaReport:
        return rcp.close_agenda(
            rcp.apart(any_database), session_id=session_id, actor="user:1", now=MORNING
        )

    monkeypatch.setattr(runtime, "send_message", crashes)
    with pytest.raises(KeyboardInterrupt):
        close()
    assert _states(any_database) == [State.ON_AGENDA, State.ON_AGENDA, State.ACCEPTED]

    monkeypatch.setattr(runtime, "send_message", send)
    assert [one.id for one in close().moved] == [brought[2].id]
    assert _states(any_database) == [State.ON_AGENDA] * 3


def test_one_poisoned_case_of_thirty_is_told_and_the_others_are_written(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(database) as db:
        room = furnish(db)
        brought = [
            room.accepted(f"Anne{chr(97 + n % 26)} Le Corre{chr(97 + n // 26)}") for n in range(30)
        ]
        session_id = room.meeting.id
    poisoned = brought[13]
    send = runtime.send_message

    def breaks(db: sa.orm.Session, *, case_id: int, **given: object) -> object:
        if case_id == poisoned.case_id:
            db.execute(sa.text("UPDATE rcp_registration SET position = 99"))  # half done
            raise ZeroDivisionError
        return send(db, case_id=case_id, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(runtime, "send_message", breaks)
    report = rcp.close_agenda(
        rcp.apart(database), session_id=session_id, actor="user:1", now=MORNING
    )

    assert len(report.moved) == 29
    assert [one.id for one, _why in report.failures] == [poisoned.id]
    with transaction(database) as db:
        kept = db.get_one(Registration, poisoned.id)
        assert (kept.state, kept.position) == (State.ACCEPTED, None)
        positions = set(db.scalars(sa.select(Registration.position))) - {None}
        assert positions == set(range(1, 30))


def _states(database: sa.Engine) -> list[str]:
    with transaction(database) as db:
        return list(db.scalars(sa.select(Registration.state).order_by(Registration.id)))
