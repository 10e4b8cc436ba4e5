"""« Reporter » and « Bloquer »: a reason and a day; the due date and what it sets off stay."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine import audit
from engine.errors import AlreadyCompleted, Forbidden, Invalid
from engine.handlers import timer_handler
from engine.models import Task, Timer
from tests.factories import make_user
from tests.workflows.ward import Ward, counted
from workflows.cases import care_team, handover, hands, holds, lifecycle
from workflows.cases.inbox import Filters, counts, inbox
from workflows.cases.models import Hold, TaskHold
from workflows.cases.queries import open_steps, task_page
from workflows.french import PARIS
from workflows.notices.queries import notices
from workflows.staff.models import User

TOMORROW = date(2026, 3, 3)  # the morning of the tests is a Monday; « nurse » is due on Wednesday
WEDNESDAY = date(2026, 3, 4)


def put_off(ward: Ward, until: date = TOMORROW, reason: str = "Patiente en voyage") -> Task:
    return holds.postpone(
        ward.db,
        task_id=ward.task("nurse").id,
        until=until,
        reason=reason,
        user=ward.nurse,
        now=ward.now,
    )


def stop(ward: Ward, until: date = TOMORROW, reason: str = "Compte rendu attendu") -> Task:
    return holds.block(
        ward.db,
        task_id=ward.task("nurse").id,
        until=until,
        reason=reason,
        user=ward.nurse,
        now=ward.now,
    )


def seen(ward: Ward, view: str = "all", user: User | None = None) -> list[str]:
    page = inbox(ward.db, user or ward.nurse, now=ward.now, filters=Filters(view=view))
    return [line.task.element for line in page.lines]


def fire(ward: Ward) -> None:
    """What is due now, in the test's own transaction."""
    due = sa.select(Timer).where(Timer.due_at <= ward.now).order_by(Timer.due_at)
    for timer in ward.db.scalars(due).all():
        handler = timer_handler(timer.kind)
        assert handler is not None
        handler(ward.db, timer, now=ward.now)


@contextmanager
def same_deadline(ward: Ward) -> Iterator[None]:
    task = ward.task("nurse")
    before = task.due_at, task.remind_at, task.escalate_at
    yield
    ward.db.refresh(task)
    assert (task.due_at, task.remind_at, task.escalate_at) == before


def test_a_task_put_off_leaves_the_lists_until_its_day_and_keeps_its_due_date(ward: Ward) -> None:
    ward.open_case()

    with same_deadline(ward):
        put_off(ward)

    assert seen(ward) == seen(ward, "week") == seen(ward, "unassigned") == []
    assert seen(ward, "postponed") == ["nurse"]
    assert sorted(seen(ward, "team")) == ["nurse", "operate"]
    ward.now = holds.starts(TOMORROW)
    assert seen(ward) == ["nurse"]


def test_a_task_is_never_put_off_beyond_its_due_date(ward: Ward) -> None:
    ward.open_case()

    put_off(ward, WEDNESDAY)
    with pytest.raises(Invalid, match=r"à faire avant le 4 mars 2026.*bloquez-la"):
        put_off(ward, WEDNESDAY + timedelta(days=1))


def test_a_late_task_is_shown_whatever_was_put_off(ward: Ward) -> None:
    ward.open_case()
    ward.now += timedelta(days=3)  # Thursday: a day late

    put_off(ward, date(2026, 3, 20))

    assert seen(ward) == seen(ward, "late") == seen(ward, "postponed") == ["nurse"]


def test_a_blocked_task_stays_and_says_what_it_waits_for(ward: Ward) -> None:
    ward.open_case()

    with same_deadline(ward):
        stop(ward, date(2026, 3, 20))

    (line,) = inbox(ward.db, ward.nurse, now=ward.now).lines
    assert line.hold is not None
    assert (line.hold.kind, line.hold.reason) == (Hold.BLOCKED, "Compte rendu attendu")
    assert seen(ward, "blocked") == ["nurse"]
    page = task_page(ward.db, task_id=line.task.id, user=ward.nurse, now=ward.now)
    assert page.hold is line.hold
    assert page.may_complete, "what was missing may have come"
    (step, _other) = open_steps(ward.db, case_id=ward.case_id, user=ward.nurse, now=ward.now)
    assert step.hold is line.hold


def test_the_reminder_and_the_escalation_of_a_blocked_task_still_come(ward: Ward) -> None:
    ward.open_case()
    stop(ward, date(2026, 3, 20))
    ward.now += timedelta(days=4)

    fire(ward)

    assert "reminder" in {line.notice.kind for line in notices(ward.db, ward.nurse)}
    assert "escalation" in {line.notice.kind for line in notices(ward.db, ward.surgeon)}


def test_on_its_day_a_task_put_off_is_asked_about_again(ward: Ward) -> None:
    ward.open_case()
    task = put_off(ward)
    ward.now = datetime.combine(TOMORROW, holds.HOUR, PARIS)

    fire(ward)

    told = [line.notice.text for line in notices(ward.db, ward.nurse)]
    assert any("reportée à aujourd’hui (Patiente en voyage)" in text for text in told)
    assert ward.db.get(TaskHold, task.id) is None
    assert seen(ward, "postponed") == []


def test_a_blocked_task_is_asked_about_on_its_day_and_stays_blocked(ward: Ward) -> None:
    ward.open_case()
    task = stop(ward)
    ward.now = datetime.combine(TOMORROW, holds.HOUR, PARIS)

    fire(ward)

    assert any("bloquée (Compte" in line.notice.text for line in notices(ward.db, ward.nurse))
    assert ward.db.get(TaskHold, task.id) is not None


def test_a_day_put_off_once_more_is_not_asked_about_twice(ward: Ward) -> None:
    ward.open_case()
    put_off(ward, TOMORROW)
    put_off(ward, WEDNESDAY)
    ward.now = datetime.combine(TOMORROW, holds.HOUR, PARIS)

    fire(ward)

    assert [line for line in notices(ward.db, ward.nurse) if line.notice.kind == "hold"] == []


def test_taken_up_again_it_is_as_if_nothing_had_held_it(ward: Ward) -> None:
    ward.open_case()
    task = put_off(ward)

    holds.resume(ward.db, task_id=task.id, user=ward.nurse, now=ward.now)
    holds.resume(ward.db, task_id=task.id, user=ward.nurse, now=ward.now)  # twice is once

    assert seen(ward) == ["nurse"]
    assert seen(ward, "postponed") == []


@pytest.mark.parametrize("reason", ["", "  ", "a"])
def test_a_reason_is_owed(ward: Ward, reason: str) -> None:
    ward.open_case()

    with pytest.raises(Invalid, match="Dites pourquoi"):
        put_off(ward, reason=reason)
    with pytest.raises(Invalid, match="Dites ce que cette étape attend"):
        stop(ward, reason=reason)


@pytest.mark.parametrize("until", [date(2026, 3, 1), date(2026, 3, 2), date(2026, 6, 1)])
def test_the_day_is_to_come_and_not_far(ward: Ward, until: date) -> None:
    ward.open_case()

    with pytest.raises(Invalid, match="Choisissez un jour entre demain et le 31 mai 2026"):
        stop(ward, until)


def test_only_those_it_is_offered_to_or_who_give_work_decide(ward: Ward) -> None:
    ward.open_case()
    task = ward.task("operate")

    with pytest.raises(Forbidden):
        holds.block(
            ward.db, task_id=task.id, until=TOMORROW, reason="Bloc fermé",
            user=ward.stranger, now=ward.now,
        )  # fmt: skip
    holds.block(
        ward.db, task_id=task.id, until=TOMORROW, reason="Bloc fermé",
        user=ward.nurse, now=ward.now,
    )  # fmt: skip


def test_a_finished_task_cannot_be_held(ward: Ward) -> None:
    ward.open_case()
    task = ward.task("nurse")
    ward.do("nurse", ward.nurse)

    with pytest.raises(AlreadyCompleted):
        holds.postpone(
            ward.db, task_id=task.id, until=TOMORROW, reason="Trop tard",
            user=ward.nurse, now=ward.now,
        )  # fmt: skip


def test_what_holds_a_task_survives_a_change_of_hands_and_a_suspension(ward: Ward) -> None:
    ward.open_case()
    other = make_user(ward.db, "Loïc Perrot", unit=ward.unit, roles=("idec",))
    task = put_off(ward)

    hands.assign(ward.db, task_id=task.id, to_user_id=other.id, user=ward.nurse, now=ward.now)
    assert seen(ward, user=other) == []
    lifecycle.suspend(
        ward.db, case_id=ward.case_id, reason="Voyage", user=ward.referring, now=ward.now
    )
    lifecycle.resume(ward.db, case_id=ward.case_id, user=ward.referring, now=ward.now)
    care_team.change_care_team(
        ward.db, case_id=ward.case_id, members={"idec": other.id}, user=ward.nurse, now=ward.now
    )

    assert seen(ward, user=other) == []
    assert seen(ward, "postponed", user=other) == ["nurse"]


def test_another_team_sees_what_the_former_had_put_off(ward: Ward) -> None:
    ward.open_case()
    put_off(ward)

    handover.hand_over(
        ward.db,
        case_id=ward.case_id,
        unit_id=ward.others["elsewhere"].id,
        members={},
        actor="user:1",
        now=ward.now,
    )

    assert "nurse" in seen(ward, user=ward.stranger)


def test_holds_are_in_the_journal_of_the_case(ward: Ward) -> None:
    ward.open_case()
    task = stop(ward)
    holds.resume(ward.db, task_id=task.id, user=ward.nurse, now=ward.now)
    ward.db.flush()

    written = ward.db.execute(
        sa.select(audit.AuditEntry.action, audit.AuditEntry.detail).where(
            audit.AuditEntry.case_id == ward.case_id
        )
    ).all()
    assert {"until": "2026-03-03", "reason": "Compte rendu attendu"} in [
        detail for action, detail in written if action == "task.blocked"
    ]
    assert "task.resumed" in [action for action, _ in written]


def test_saved_views_are_counted_with_the_others_in_one_question(ward: Ward) -> None:
    ward.open_case()
    ward.open_case("Marie Tanguy")
    stop(ward)
    saved = {"saved-0": Filters(view="blocked", form="ask"), "saved-1": Filters(organ="lung")}

    with counted(ward.db) as asked:
        found = counts(ward.db, ward.nurse, now=ward.now, saved=saved)

    assert (found["all"], found["blocked"], found["saved-0"], found["saved-1"]) == (2, 1, 1, 0)
    assert len(asked) <= 3, asked
