"""A person finds the patients of the team and of no other, however many there are."""

from datetime import date, timedelta

import pytest

from engine import runtime
from tests.factories import make_user
from tests.workflows.ward import Ward, counted
from workflows.access import Reach, can_read_case, permissions_in, reach_of
from workflows.cases import care_team
from workflows.cases.caseload import Filters, caseload
from workflows.cases.queries import cases_of_patient
from workflows.patients import operations as patients
from workflows.roles import Permission
from workflows.staff.models import User


def names(ward: Ward, user: User, text: str = "", **given: object) -> list[str]:
    filters = Filters(text=text, **given)  # type: ignore[arg-type]
    page = caseload(ward.db, user, now=ward.now, filters=filters)
    return [line.patient.birth_name for line in page.lines]


def test_the_list_holds_the_units_patients_by_name_and_nobody_elses(ward: Ward) -> None:
    for name in ("Jeanne Morvan", "Marie Éven", "Anne Le Goff"):
        ward.open_case(name)

    assert names(ward, ward.nurse) == ["Éven", "Le Goff", "Morvan"]
    assert names(ward, ward.stranger) == []


def test_a_case_reached_in_two_ways_comes_once(ward: Ward) -> None:
    ward.open_case()
    care_team.designate(
        ward.db,
        case_id=ward.case_id,
        members={"surgeon": ward.surgeon.id},
        actor="user:1",
        now=ward.now,
    )

    assert names(ward, ward.surgeon) == ["Le Bihan"]


@pytest.mark.parametrize("text", ["le bi", "LE BIHAN", "kerj", "14/05/1958", "le 14/05/1958"])
def test_a_patient_is_found_by_either_name_or_birth_date(ward: Ward, text: str) -> None:
    ward.open_case("Marie Tanguy", born=date(1960, 1, 1))
    episode = ward.open_case()
    patients.correct(
        ward.db,
        patient_id=episode.patient_id,
        used_name="Kerjean",
        actor="user:1",
        now=ward.now,
    )

    assert names(ward, ward.nurse, text) == ["Le Bihan"]
    assert names(ward, ward.stranger, text) == []


def test_a_corrected_name_is_found_in_every_list_at_once(ward: Ward) -> None:
    episode = ward.open_case()

    patients.correct(
        ward.db, patient_id=episode.patient_id, birth_name="Abalain", actor="user:1", now=ward.now
    )

    assert names(ward, ward.nurse, "abal") == ["Abalain"]
    assert names(ward, ward.nurse, "le bihan") == []


def test_the_list_is_narrowed_by_organ_unit_and_state(ward: Ward) -> None:
    ward.open_case("Jeanne Morvan")
    ward.open_case("Marie Tanguy")
    runtime.close_case(
        ward.db, case_id=ward.case_id, reason="Transfert", actor="user:1", now=ward.now
    )

    assert names(ward, ward.nurse) == ["Morvan"]
    assert names(ward, ward.nurse, state="closed") == ["Tanguy"]
    assert names(ward, ward.nurse, state="") == ["Morvan", "Tanguy"]
    assert names(ward, ward.nurse, organ="breast", unit_id=ward.unit.id) == ["Morvan"]
    assert names(ward, ward.nurse, organ="lung") == []


def test_pages_follow_each_other(ward: Ward) -> None:
    for number in range(5):
        ward.open_case(f"Jeanne Nom{number}")

    first = caseload(ward.db, ward.nurse, now=ward.now, limit=2)
    second = caseload(ward.db, ward.nurse, now=ward.now, limit=2, after=first.next)
    third = caseload(ward.db, ward.nurse, now=ward.now, limit=2, after=second.next)

    shown = [line.patient.birth_name for page in (first, second, third) for line in page.lines]
    assert shown == [f"Nom{number}" for number in range(5)]
    assert third.next is None


def test_a_page_of_patients_costs_the_same_for_many_as_for_one(ward: Ward) -> None:
    for number in range(12):
        ward.open_case(f"Jeanne Nom{number:02d}")
    ward.now += timedelta(days=3)

    with counted(ward.db) as asked:
        page = caseload(ward.db, ward.nurse, now=ward.now, limit=10)
        shown = [
            (
                line.patient.display_name,
                line.unit.establishment.short_name,
                line.phases,
                line.open_tasks,
                line.late_tasks,
            )
            for line in page.lines
        ]

    assert shown[0] == ("NOM00 Jeanne", "Établissement de Sénologie", ["Essai"], 2, 1)
    assert len(shown) == 10
    assert len(asked) <= 5, asked


def test_an_office_opens_no_case(ward: Ward) -> None:
    ward.open_case()
    office = make_user(ward.db, "Soizic Le Roux", roles=("quality_manager", "administrator"))

    assert not can_read_case(ward.db, office, ward.case_id)
    assert permissions_in(ward.db, office, ward.case_id) == frozenset()
    assert reach_of(ward.db, office).may(Permission.EDIT_PATHWAYS)


def test_a_closed_account_reaches_nothing(ward: Ward) -> None:
    ward.open_case()
    ward.nurse.active = False

    assert reach_of(ward.db, ward.nurse) == Reach(ward.nurse.id)
    assert not can_read_case(ward.db, ward.nurse, ward.case_id)


def test_a_patients_other_cases_stay_unknown_to_other_teams(ward: Ward) -> None:
    episode = ward.open_case()

    def visible(user: User) -> list[int]:
        found = cases_of_patient(ward.db, patient_id=episode.patient_id, user=user)
        return [one.case_id for one in found]

    assert visible(ward.nurse) == [episode.case_id]
    assert visible(ward.stranger) == []
