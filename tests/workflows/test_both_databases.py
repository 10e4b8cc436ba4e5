"""The same day on the ward, on the database of the embedded default and on PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from engine.db import transaction
from engine.errors import AlreadyCompleted
from tests.factories import make_user
from tests.workflows.ward import Ward, build
from workflows.cases import care_team, caseload, hands, inbox, operations, tallies
from workflows.notices.operations import mark_read, notify
from workflows.notices.queries import unread_count
from workflows.patients import queries as patients
from workflows.staff import operations as staff
from workflows.staff.models import User


@pytest.fixture
def ward(any_database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    with transaction(any_database) as db:
        yield build(db, monkeypatch)


def test_a_day_on_the_ward_is_the_same_on_both_databases(ward: Ward) -> None:
    db, nurse = ward.db, ward.nurse
    for number in (2, 0, 1):
        ward.open_case(f"Jeanne Nom{number}")
        ward.now += timedelta(hours=1)
    hands.claim(db, task_id=ward.task("nurse").id, user=nurse, now=ward.now)
    care_team.designate(
        db,
        case_id=ward.case_id,
        members={"surgeon": ward.surgeon.id},
        actor="user:1",
        now=ward.now,
    )
    ward.do("nurse", nurse, biopsy_date="2026-03-05")

    for sort, expected in (("due", ["Nom2", "Nom0"]), ("name", ["Nom0", "Nom2"])):
        filters = inbox.Filters(sort=sort)
        first = inbox.inbox(db, nurse, now=ward.now, filters=filters, limit=1)
        second = inbox.inbox(db, nurse, now=ward.now, filters=filters, limit=1, after=first.next)
        lines = [*first.lines, *second.lines]
        assert [line.patient.birth_name for line in lines] == expected
        assert second.next is None

    assert inbox.counts(db, nurse, now=ward.now)["all"] == 2
    assert {one.value: one.count for one in tallies.choices(db, nurse).forms} == {
        "ask": 2,
        "tell": 3,
    }
    page = caseload.caseload(db, nurse, now=ward.now, limit=2)
    rest = caseload.caseload(db, nurse, now=ward.now, limit=2, after=page.next)
    names = [line.patient.birth_name for line in (*page.lines, *rest.lines)]
    assert names == ["Nom0", "Nom1", "Nom2"]
    found = caseload.caseload(db, nurse, now=ward.now, filters=caseload.Filters(text="nom1"))
    assert [line.open_tasks for line in found.lines] == [1]
    assert len(patients.search(db, "nom")) == 3
    notify(db, user_ids=[nurse.id], key="k", kind="test", text="Essai", now=ward.now)
    mark_read(db, user=nurse, now=ward.now)
    assert unread_count(db, nurse) == 0
    staff.set_setting(db, name="a", value={"b": 1}, actor="user:1", now=ward.now)
    staff.remove_membership(
        db, user_id=nurse.id, unit_id=ward.unit.id, role="idec", actor="user:1", now=ward.now
    )


def test_two_colleagues_at_once_and_the_second_is_told_who_was_first(
    any_database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(any_database) as db:
        ward = build(db, monkeypatch)
        ward.open_case()
        colleague = make_user(db, "Maud Guillou", unit=ward.unit, roles=("idec",))
        task_id, users = ward.task("nurse").id, (ward.nurse.id, colleague.id)
    together = Barrier(2, timeout=20)

    def complete(user_id: int) -> str:
        together.wait()
        try:
            with transaction(any_database) as db:
                user = db.get_one(User, user_id)
                operations.complete_task(db, task_id=task_id, answers={}, user=user, now=ward.now)
        except AlreadyCompleted as refusal:
            return refusal.message
        return "done"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(complete, users))

    assert "Cette étape a déjà été validée par" in said[0]
    assert said[1] == "done"
