"""What the rail and the groups of a list count, what was finished, where a case stands."""

from datetime import timedelta

from tests.workflows.ward import Ward
from workflows.cases.finished import count_finished, finished
from workflows.cases.inbox import Filters
from workflows.cases.tallies import choices, newer, urgency
from workflows.cases.whereabouts import phases, preview


def test_groups_hold_every_task_once(ward: Ward) -> None:
    ward.open_case()
    ward.open_case("Yann Le Goff")

    before = urgency(ward.db, ward.nurse, now=ward.now, filters=Filters())
    late = urgency(ward.db, ward.nurse, now=ward.now + timedelta(days=3), filters=Filters())

    assert (before.week, before.late, before.total) == (2, 0, 2)
    assert (late.late, late.total) == (2, 2)


def test_what_joined_the_list_since_is_counted(ward: Ward) -> None:
    ward.open_case()
    shown = urgency(ward.db, ward.nurse, now=ward.now, filters=Filters())

    ward.open_case("Yann Le Goff")

    assert newer(ward.db, ward.nurse, now=ward.now, filters=Filters(), after_id=shown.last_id) == 1


def test_choices_come_with_their_names(ward: Ward) -> None:
    ward.open_case()

    found = choices(ward.db, ward.nurse)

    assert [(one.value, one.count) for one in found.organs] == [("breast", 2)]
    assert [one.label for one in found.establishments] == ["Établissement de Sénologie"]
    assert [one.value for one in found.phases] == ["cancer"]
    assert [(one.value, one.count) for one in found.forms] == [("ask", 1), ("tell", 1)]


def test_what_one_finished_is_found_for_a_week(ward: Ward) -> None:
    ward.open_case()
    task = ward.do("nurse", ward.nurse)

    mine = finished(ward.db, ward.nurse, now=ward.now + timedelta(days=1))
    later = finished(ward.db, ward.nurse, now=ward.now + timedelta(days=8))

    assert [line.task.id for line in mine.lines] == [task.id]
    assert count_finished(ward.db, ward.nurse, now=ward.now) == 1
    assert finished(ward.db, ward.surgeon, now=ward.now).lines == []
    assert later.lines == []


def test_a_preview_says_where_the_case_stands(ward: Ward) -> None:
    ward.open_case()
    task = ward.task("nurse")

    shown = preview(ward.db, task_id=task.id, user=ward.nurse, now=ward.now)

    assert "minimap" in shown.mini_map
    assert len(shown.next_steps) == 1  # the gateway is looked through
    assert phases(ward.db, ward.case_id) == []  # this sketch calls no other diagram
