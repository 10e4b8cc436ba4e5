"""When a date moves, what hangs on it moves; when time passes, people are told once."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine import handlers
from engine.errors import Conflict, Forbidden
from engine.models import AuditEntry, Timer
from tests.factories import make_user
from tests.workflows.ward import Ward
from workflows.cases import hands, lifecycle
from workflows.cases.inbox import inbox
from workflows.cases.models import TaskOffer
from workflows.deadlines import queries
from workflows.deadlines.operations import set_milestone
from workflows.notices.operations import mark_read
from workflows.notices.queries import notices, unread_count


def fire(ward: Ward, kind: str, element: str) -> None:
    """What the heartbeat does with a timer that is due."""
    task = ward.task(element)
    timer = ward.db.scalars(sa.select(Timer).filter_by(kind=kind, task_id=task.id)).one()
    ward.now = timer.due_at
    handler = handlers.timer_handler(kind)
    assert handler is not None
    handler(ward.db, timer, now=ward.now)


def due_dates(ward: Ward, element: str) -> tuple[datetime | None, set[datetime]]:
    task = ward.task(element)
    offered = ward.db.scalars(sa.select(TaskOffer.due_at).where(TaskOffer.task_id == task.id))
    return task.due_at, set(offered)


def test_until_its_date_is_known_a_task_counts_from_its_opening(ward: Ward) -> None:
    ward.open_case()

    task = ward.task("operate")

    assert task.due_at == datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
    assert "en attendant la date du jalon «\u202fbiopsy\u202f»" in task.due_explanation


def test_answering_with_a_date_moves_what_hangs_on_it(ward: Ward) -> None:
    ward.open_case()

    ward.do("nurse", ward.nurse, biopsy_date="2026-03-05")

    assert due_dates(ward, "operate") == (
        datetime(2026, 3, 13, 17, 0, tzinfo=UTC),
        {datetime(2026, 3, 13, 17, 0, tzinfo=UTC)},
    )
    task = ward.task("operate")
    assert "du 5 mars 2026" in task.due_explanation
    timers = {
        timer.kind: timer.due_at
        for timer in ward.db.scalars(sa.select(Timer).filter_by(task_id=task.id))
    }
    assert timers == {
        "reminder": datetime(2026, 3, 11, 17, 0, tzinfo=UTC),
        "escalation": datetime(2026, 3, 13, 17, 0, tzinfo=UTC),
    }


def test_the_reason_of_a_move_is_written_down(ward: Ward) -> None:
    ward.open_case()

    moved = set_milestone(
        ward.db,
        case_id=ward.case_id,
        name="biopsy",
        at=datetime(2026, 3, 4, 9, 0, tzinfo=UTC),
        actor=ward.nurse.actor,
        now=ward.now,
        reason="Prélèvement refait",
    )

    assert moved == [ward.task("operate").id]
    entry = ward.db.scalars(sa.select(AuditEntry).filter_by(action="milestone.set")).one()
    assert entry.detail is not None
    assert entry.detail["reason"] == "Prélèvement refait"
    assert entry.detail["tasks"] == moved


def test_a_date_said_again_changes_and_writes_nothing(ward: Ward) -> None:
    ward.open_case()
    given = {"case_id": ward.case_id, "name": "biopsy", "at": "2026-03-04", "actor": "user:1"}

    assert set_milestone(ward.db, **given, now=ward.now)
    assert set_milestone(ward.db, **given, now=ward.now) == []
    assert len(ward.db.scalars(sa.select(AuditEntry).filter_by(action="milestone.set")).all()) == 1


def test_a_diagrams_own_date_wins_and_is_the_cases_latest(ward: Ward) -> None:
    ward.open_case()
    own = ward.task("nurse").instance_id
    for instance_id, day in ((own, "2026-03-20"), (0, "2026-04-20")):
        set_milestone(
            ward.db,
            case_id=ward.case_id,
            instance_id=instance_id,
            name="session",
            at=day,
            actor="user:1",
            now=ward.now,
        )

    ward.do("nurse", ward.nurse)
    ward.do("operate", ward.surgeon)

    assert ward.task("meet").due_at == datetime(2026, 3, 19, 17, 0, tzinfo=UTC)
    elsewhere = queries.milestone(ward.db, case_id=ward.case_id, name="session")
    assert elsewhere is not None
    assert elsewhere.at == datetime(2026, 4, 19, 22, 0, tzinfo=UTC)


def test_a_reminder_tells_those_who_can_act_once(ward: Ward) -> None:
    other = make_user(ward.db, "Maud Guillou", unit=ward.unit, roles=("idec",))
    ward.open_case()

    fire(ward, "reminder", "nurse")
    fire(ward, "reminder", "nurse")

    assert [unread_count(ward.db, user) for user in (ward.nurse, other, ward.surgeon)] == [1, 1, 0]
    (line,) = notices(ward.db, ward.nurse)
    assert line.notice.text == "À faire avant le 4 mars 2026\u202f: «\u202fNurse\u202f»."
    assert line.patient is not None
    assert inbox(ward.db, ward.nurse, now=ward.now).lines[0].is_reminded


def test_a_reminder_leaves_colleagues_of_the_one_who_took_it_in_peace(ward: Ward) -> None:
    other = make_user(ward.db, "Maud Guillou", unit=ward.unit, roles=("idec",))
    ward.open_case()
    hands.claim(ward.db, task_id=ward.task("nurse").id, user=other, now=ward.now)

    fire(ward, "reminder", "nurse")

    assert [unread_count(ward.db, user) for user in (ward.nurse, other)] == [0, 1]


def test_an_escalation_tells_the_role_the_table_names(ward: Ward) -> None:
    ward.open_case()

    fire(ward, "escalation", "nurse")

    assert [unread_count(ward.db, user) for user in (ward.nurse, ward.surgeon)] == [0, 1]
    (line,) = notices(ward.db, ward.surgeon)
    assert "En retard" in line.notice.text


def test_a_moved_task_reminds_again(ward: Ward) -> None:
    ward.open_case()
    fire(ward, "reminder", "operate")
    set_milestone(
        ward.db,
        case_id=ward.case_id,
        name="biopsy",
        at="2026-03-20",
        actor="user:1",
        now=ward.now,
    )
    assert not inbox(ward.db, ward.surgeon, now=ward.now).lines[0].is_reminded

    fire(ward, "reminder", "operate")

    assert unread_count(ward.db, ward.surgeon) == 2


def test_one_reads_ones_own_notices(ward: Ward) -> None:
    ward.open_case()
    fire(ward, "reminder", "nurse")
    (line,) = notices(ward.db, ward.nurse)

    mark_read(ward.db, user=ward.surgeon, now=ward.now, notice_ids=[line.notice.id])
    assert unread_count(ward.db, ward.nurse) == 1

    mark_read(ward.db, user=ward.nurse, now=ward.now + timedelta(minutes=1))
    assert unread_count(ward.db, ward.nurse) == 0
    assert list(notices(ward.db, ward.nurse, unread_only=True)) == []


def test_a_case_that_stood_still_is_due_later_in_every_list(ward: Ward) -> None:
    ward.open_case()
    before = ward.task("nurse").due_at
    assert before is not None
    given = {"case_id": ward.case_id, "user": ward.referring}
    with pytest.raises(Forbidden):
        lifecycle.suspend(
            ward.db, case_id=ward.case_id, user=ward.nurse, reason="Voyage", now=ward.now
        )

    lifecycle.suspend(ward.db, **given, reason="Voyage", now=ward.now)
    with pytest.raises(Conflict, match="suspendu"):
        ward.do("nurse", ward.nurse)
    ward.now += timedelta(days=10)
    lifecycle.resume(ward.db, **given, now=ward.now)

    later = before + timedelta(days=10)
    assert due_dates(ward, "nurse") == (later, {later})
    ward.do("nurse", ward.nurse)


def test_closing_a_case_empties_the_inboxes(ward: Ward) -> None:
    ward.open_case()

    lifecycle.close(
        ward.db, case_id=ward.case_id, user=ward.referring, reason="Transfert", now=ward.now
    )

    assert inbox(ward.db, ward.nurse, now=ward.now).lines == []
    assert ward.db.scalars(sa.select(TaskOffer)).all() == []
