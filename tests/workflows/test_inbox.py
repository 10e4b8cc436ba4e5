"""The right people find the right task, at once, in few questions whatever there is."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Conflict, Forbidden, Invalid
from tests.factories import make_unit, make_user
from tests.workflows.ward import Ward, counted
from workflows.access import can_read_case
from workflows.cases import care_team, doers, hands
from workflows.cases.inbox import Filters, counts, inbox
from workflows.notices.queries import notices, unread_count
from workflows.rcp.models import RcpMember
from workflows.staff import operations as staff
from workflows.staff.models import User


def seen(ward: Ward, user: User, **given: object) -> list[str]:
    filters = Filters(**given)  # type: ignore[arg-type]
    page = inbox(ward.db, user, now=ward.now, filters=filters)
    return [line.task.element for line in page.lines]


def test_a_task_is_shown_to_its_role_in_the_unit_of_the_case_and_nobody_else(ward: Ward) -> None:
    ward.open_case()

    assert seen(ward, ward.nurse) == ["nurse"]
    assert seen(ward, ward.surgeon) == ["operate"]
    assert seen(ward, ward.referring) == []
    assert seen(ward, ward.stranger) == []


def test_a_finished_task_leaves_the_inbox_on_the_next_read(ward: Ward) -> None:
    ward.open_case()
    ward.do("nurse", ward.nurse)

    assert seen(ward, ward.nurse) == []


def test_a_line_says_all_without_another_question(ward: Ward) -> None:
    ward.open_case()

    with counted(ward.db) as asked:
        (line,) = inbox(ward.db, ward.nurse, now=ward.now).lines
        shown = (
            line.patient.display_name,
            line.patient.birth_date.isoformat(),
            line.task.name,
            line.phase,
            line.unit.name,
            line.unit.establishment.short_name,
            line.task.due_explanation,
            line.assignee,
            line.is_late,
        )

    assert shown == (
        "LE BIHAN Maïwenn",
        "1958-05-14",
        "Nurse",
        "Essai",
        "Sénologie",
        "Établissement de Sénologie",
        "2 jours après l’ouverture de l’étape le 2 mars 2026",
        None,
        False,
    )
    assert len(asked) <= 3, asked


def test_the_inbox_asks_no_more_for_many_lines_than_for_one(ward: Ward) -> None:
    for number in range(12):
        ward.open_case(f"Jeanne Nom{number:02d}")

    with counted(ward.db) as asked:
        page = inbox(ward.db, ward.nurse, now=ward.now, limit=10)
        names = [(line.patient.display_name, line.unit.establishment.name) for line in page.lines]

    assert len(names) == 10
    assert len(asked) <= 3, asked


@pytest.mark.parametrize("sort", ["due", "name"])
def test_pages_follow_each_other_without_gap_or_repeat(ward: Ward, sort: str) -> None:
    for number in (3, 1, 4, 0, 2):
        ward.open_case(f"Jeanne Nom{number}")
        ward.now += timedelta(hours=5)
    filters = Filters(sort=sort)

    first = inbox(ward.db, ward.nurse, now=ward.now, filters=filters, limit=2)
    second = inbox(ward.db, ward.nurse, now=ward.now, filters=filters, limit=2, after=first.next)
    third = inbox(ward.db, ward.nurse, now=ward.now, filters=filters, limit=2, after=second.next)

    names = [line.patient.birth_name for page in (first, second, third) for line in page.lines]
    expected = ["Nom3", "Nom1", "Nom4", "Nom0", "Nom2"]
    assert names == (expected if sort == "due" else sorted(expected))
    assert third.next is None
    assert "nom" not in (first.next or "").lower(), "an address may end up in a log"


def test_a_made_up_page_is_refused_in_words(ward: Ward) -> None:
    with pytest.raises(Invalid, match="revenez au début"):
        inbox(ward.db, ward.nurse, now=ward.now, after="x~y")
    with pytest.raises(Invalid, match="vue"):
        inbox(ward.db, ward.nurse, now=ward.now, filters=Filters(view="x"))


def test_views_are_counted_in_one_question_and_say_the_same_as_the_lists(ward: Ward) -> None:
    ward.open_case("Jeanne Retard")
    ward.now += timedelta(days=2, hours=1)  # Wednesday 10 h: the first is due this evening
    ward.open_case("Jeanne Nouvelle")
    hands.claim(ward.db, task_id=ward.task("nurse").id, user=ward.nurse, now=ward.now)
    ward.now += timedelta(hours=9)  # 19 h: it is late

    with counted(ward.db) as asked:
        found = counts(ward.db, ward.nurse, now=ward.now)

    assert found == {
        "all": 2,
        "late": 1,
        "today": 0,
        "week": 1,
        "mine": 1,
        "unassigned": 1,
        "high": 0,
        "reminded": 0,
        "blocked": 0,
        "postponed": 0,
        "team": 4,
    }
    assert {view: len(seen(ward, ward.nurse, view=view)) for view in found} == found
    assert len(asked) <= 3, asked


def test_lists_are_narrowed_by_name_phase_organ_and_form(ward: Ward) -> None:
    ward.open_case("Jeanne Le Goff")
    ward.open_case("Marie Tanguy")

    assert len(seen(ward, ward.nurse, text="goff")) == 1
    assert len(seen(ward, ward.nurse, text="Jeanne LE-GOFF")) == 1
    assert seen(ward, ward.nurse, text="off") == []
    assert len(seen(ward, ward.nurse, phase="cancer", organ="lung,breast", form="ask")) == 2
    assert seen(ward, ward.nurse, organ="lung") == []


def test_the_team_sees_every_task_of_its_unit(ward: Ward) -> None:
    ward.open_case()

    assert sorted(seen(ward, ward.referring, view="team")) == ["nurse", "operate"]
    assert seen(ward, ward.stranger, view="team") == []


def test_a_designated_person_is_offered_the_task_alone(ward: Ward) -> None:
    other = make_user(ward.db, "Loïc Perrot", unit=ward.unit, roles=("surgeon",))
    ward.open_case()
    assert seen(ward, other) == ["operate"]

    care_team.change_care_team(
        ward.db,
        case_id=ward.case_id,
        members={"surgeon": ward.surgeon.id},
        user=ward.nurse,
        now=ward.now,
    )

    assert seen(ward, ward.surgeon) == ["operate"]
    assert seen(ward, ward.surgeon, view="mine") == ["operate"]
    assert seen(ward, other) == []
    (line,) = inbox(ward.db, ward.surgeon, now=ward.now).lines
    assert (line.assignee, line.is_taken) == (ward.surgeon, False)
    hands.claim(ward.db, task_id=line.task.id, user=other, now=ward.now)
    assert seen(ward, ward.surgeon, view="mine") == []
    assert seen(ward, other, view="mine") == ["operate"]
    ward.do("operate", other)  # a colleague of the same role still stands in


def test_a_designated_person_from_elsewhere_reads_the_case_until_replaced(ward: Ward) -> None:
    ward.open_case()
    care_team.designate(
        ward.db,
        case_id=ward.case_id,
        members={"surgeon": ward.stranger.id},
        actor="user:1",
        now=ward.now,
    )
    assert seen(ward, ward.stranger) == ["operate"]
    assert can_read_case(ward.db, ward.stranger, ward.case_id)

    care_team.designate(
        ward.db,
        case_id=ward.case_id,
        members={"surgeon": ward.surgeon.id},
        actor="user:1",
        now=ward.now,
    )

    assert seen(ward, ward.stranger) == []
    assert not can_read_case(ward.db, ward.stranger, ward.case_id)


def test_only_somebody_who_holds_the_role_is_designated(ward: Ward) -> None:
    ward.open_case()

    with pytest.raises(Invalid, match="n’exerce pas le rôle"):
        care_team.designate(
            ward.db,
            case_id=ward.case_id,
            members={"surgeon": ward.nurse.id},
            actor="user:1",
            now=ward.now,
        )


def test_without_anybody_of_the_role_in_the_unit_its_site_is_asked(ward: Ward) -> None:
    theatre = staff.add_unit(
        ward.db,
        establishment_id=ward.unit.establishment_id,
        name="Bloc",
        actor="system",
        now=ward.now,
    )
    staff.remove_membership(
        ward.db,
        user_id=ward.surgeon.id,
        unit_id=ward.unit.id,
        role="surgeon",
        actor="system",
        now=ward.now,
    )
    beside = make_user(ward.db, "Loïc Perrot", unit=theatre, roles=("surgeon",))

    ward.open_case()

    assert seen(ward, beside) == ["operate"]
    assert can_read_case(ward.db, beside, ward.case_id)
    assert seen(ward, ward.stranger) == []


def test_the_site_of_the_case_comes_before_other_sites_of_its_team(ward: Ward) -> None:
    theatre = staff.add_unit(
        ward.db,
        establishment_id=ward.unit.establishment_id,
        name="Bloc",
        actor="system",
        now=ward.now,
    )
    elsewhere = make_unit(ward.db, "Urologie")
    near = make_user(ward.db, "Loïc Perrot", unit=theatre, roles=("surgeon",))
    far = make_user(ward.db, "Armelle Quéré", unit=elsewhere, roles=("surgeon",))
    staff.remove_membership(
        ward.db,
        user_id=ward.surgeon.id,
        unit_id=ward.unit.id,
        role="surgeon",
        actor="system",
        now=ward.now,
    )
    staff.add_membership(
        ward.db,
        user_id=ward.nurse.id,
        unit_id=elsewhere.id,
        role="idec",
        actor="system",
        now=ward.now,
    )
    ward.open_case()
    care_team.designate(
        ward.db,
        case_id=ward.case_id,
        members={"idec": ward.nurse.id},
        actor="user:1",
        now=ward.now,
    )

    assert seen(ward, near) == ["operate"]
    assert seen(ward, far) == []


def test_sessions_are_offered_where_the_designated_radiotherapist_works(ward: Ward) -> None:
    department = staff.add_unit(
        ward.db,
        establishment_id=ward.unit.establishment_id,
        name="Radiothérapie",
        actor="system",
        now=ward.now,
    )
    centre = make_unit(ward.db, "Curiethérapie")
    for unit in (department, centre):
        make_user(ward.db, f"Manip {unit.name}", unit=unit, roles=("radiographer",))
    lead = make_user(ward.db, "Rose Cadiou", unit=centre, roles=("radiation_oncologist",))
    ward.open_case()
    around = doers.surroundings(ward.db, ward.case_id)
    assert around is not None

    nobody_yet = doers._units_holding(ward.db, around, "radiographer")
    led = replace(around, team={"radiation_oncologist": lead.id})

    assert nobody_yet == {department.id}
    assert doers._units_holding(ward.db, led, "radiographer") == {centre.id}


def test_an_rcps_lane_is_offered_to_that_rcp(ward: Ward) -> None:
    rcp = ward.others["rcp"]
    lounge = make_unit(ward.db, "3C")
    secretary = make_user(ward.db, "Katell Hervé", unit=lounge, roles=("secretary",))
    ward.db.add(RcpMember(rcp_id=rcp.id, user_id=secretary.id, function="secretary"))
    ward.open_case()
    runtime.put_data(
        ward.db,
        case_id=ward.case_id,
        instance_id=ward.task("nurse").instance_id,
        values={"rcp_id": rcp.id},
        actor="user:1",
        now=ward.now,
    )
    assert not can_read_case(ward.db, secretary, ward.case_id)

    ward.do("nurse", ward.nurse)
    ward.do("operate", ward.surgeon)

    assert seen(ward, secretary, rcp_id=rcp.id) == ["meet"]
    assert can_read_case(ward.db, secretary, ward.case_id)
    ward.do("meet", secretary, information_date="2026-03-02", sharing_opposition=True)
    assert not can_read_case(ward.db, secretary, ward.case_id)


def test_taking_a_task_shows_who_is_on_it_and_bars_nobody_forever(ward: Ward) -> None:
    other = make_user(ward.db, "Maud Guillou", unit=ward.unit, roles=("idec",))
    ward.open_case()
    task_id = ward.task("nurse").id

    hands.claim(ward.db, task_id=task_id, user=ward.nurse, now=ward.now)

    (line,) = inbox(ward.db, other, now=ward.now).lines
    assert line.assignee == ward.nurse
    assert seen(ward, ward.nurse, view="mine") == ["nurse"]
    with pytest.raises(Conflict, match="Anne Riou a déjà pris"):
        hands.claim(ward.db, task_id=task_id, user=other, now=ward.now)
    hands.release(ward.db, task_id=task_id, user=ward.nurse, now=ward.now)
    hands.claim(ward.db, task_id=task_id, user=other, now=ward.now)
    assert seen(ward, other, view="mine") == ["nurse"]


def test_giving_a_task_to_a_person_tells_that_person(ward: Ward) -> None:
    ward.open_case()
    task_id = ward.task("operate").id

    hands.assign(
        ward.db, task_id=task_id, to_user_id=ward.stranger.id, user=ward.nurse, now=ward.now
    )

    assert seen(ward, ward.stranger, view="mine") == ["operate"]
    assert unread_count(ward.db, ward.stranger) == 1
    (told,) = notices(ward.db, ward.stranger)
    assert "Operate" in told.notice.text
    assert "BIHAN" not in told.notice.text.upper()
    ward.do("operate", ward.stranger)


def test_giving_a_task_needs_the_right_person_and_the_right(ward: Ward) -> None:
    ward.open_case()
    task_id = ward.task("operate").id

    with pytest.raises(Invalid, match="n’exerce pas"):
        hands.assign(
            ward.db, task_id=task_id, to_user_id=ward.nurse.id, user=ward.surgeon, now=ward.now
        )
    with pytest.raises(Forbidden):
        hands.assign(
            ward.db, task_id=task_id, to_user_id=ward.surgeon.id, user=ward.stranger, now=ward.now
        )
    assert [
        person.id
        for person in hands.candidates(ward.db, task_id=task_id, user=ward.nurse, now=ward.now)
    ] == [ward.surgeon.id]


def test_who_has_taken_a_task_keeps_it_when_the_team_changes(ward: Ward, db: Session) -> None:
    ward.open_case()
    hands.claim(db, task_id=ward.task("nurse").id, user=ward.nurse, now=ward.now)

    care_team.designate(
        db,
        case_id=ward.case_id,
        members={"referring_physician": ward.referring.id},
        actor="user:1",
        now=ward.now,
    )

    assert seen(ward, ward.nurse, view="mine") == ["nurse"]


@pytest.mark.parametrize("sort", ["due", "name"])
def test_the_inbox_reads_an_index_never_the_whole_table(ward: Ward, sort: str) -> None:
    ward.open_case()
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, given: object, *_: object):
        asked.append((statement, given))

    database = ward.db.get_bind()
    sa.event.listen(database, "before_cursor_execute", note)
    try:
        inbox(ward.db, ward.nurse, now=ward.now, filters=Filters(sort=sort))
    finally:
        sa.event.remove(database, "before_cursor_execute", note)
    statement, given = next(one for one in asked if "task_offer" in one[0])
    plan = ward.db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()  # type: ignore[arg-type]

    steps = [row[3] for row in plan]
    wanted = "PRIMARY KEY" if sort == "due" else "INDEX ix_task_offer_name"
    assert any(f"SEARCH task_offer USING {wanted}" in step for step in steps), steps
    assert not any(step.startswith("SCAN task_offer") for step in steps)
