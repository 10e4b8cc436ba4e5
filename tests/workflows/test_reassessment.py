"""The check-up comes by itself after a radiotherapy and during a treatment taken at home (T18)."""

import pytest

from tests.workflows.pathway import Region, planned
from workflows.pathways.modalities import is_assessed

RADIOTHERAPY, CHEMOTHERAPY, HORMONES = "C15313", "C15632", "C15445"


@pytest.fixture
def region(region: Region) -> Region:
    region.open_case()
    region.announce()
    return region


def treat(region: Region, *rows: dict[str, object]) -> None:
    region.hold_rcp(8, *{str(row["kind"]) for row in rows})
    region.on(10)
    region.hand_over(list(rows))
    region.on(10, hour=9)  # without a date in the plan it is prepared at once


def irradiate(region: Region, *, stopped: bool = False, **end: object) -> None:
    """A radiotherapy of one session, ended on day 12."""
    region.do("prepare_radiotherapy", radiotherapy_start_date=region.day(1), fractions_planned=1)
    region.on(12)
    done = [{"date": region.day(), "status": "done"}]
    region.do(
        "follow_radiotherapy_week",
        sessions=done,
        fractions_done=1,
        radiotherapy_stopped=stopped,
    )
    region.do("record_radiotherapy_end", radiotherapy_end_date=region.day(), **end)


def take_at_home(region: Region, **answers: object) -> None:
    treat(region, planned(CHEMOTHERAPY, mode="oral", precision="Capécitabine"))
    region.do("prescribe_oral", oral_start_date=region.day(), **answers)


def assess(region: Region, response: str = "stable", **answers: object) -> None:
    region.do("reassess_response", response=response, **answers)


def dates_awaited(region: Region) -> list[str]:
    waiting = [one for one in region.instances("reassessment") if one.state == "running"]
    found = [region.answers(one) for one in waiting]
    return [str(one["reassessment_date"]) for one in found if one.get("reassessed_line")]


def test_it_opens_three_months_after_the_last_session(region: Region) -> None:
    treat(region, planned(RADIOTHERAPY))
    irradiate(region)

    assert dates_awaited(region) == ["2026-06-14"]
    assert "event:reassessment_day" in region.timers()
    region.on(103)
    assert "reassess_response" not in region.open()
    region.on(104)
    assert region.open().count("reassess_response") == 1


def test_the_physician_gives_another_date(region: Region) -> None:
    treat(region, planned(RADIOTHERAPY, line="adjuvant"))
    irradiate(region, reassessment_date=region.day(40))

    region.on(50)

    assert "reassess_response" in region.open()


def test_an_adjuvant_or_a_stopped_radiotherapy_has_none(region: Region) -> None:
    treat(region, planned(RADIOTHERAPY, line="adjuvant"))
    irradiate(region)

    assert dates_awaited(region) == []


def test_after_a_stop_the_rcp_decides(region: Region) -> None:
    treat(region, planned(RADIOTHERAPY))
    irradiate(region, stopped=True)

    assert dates_awaited(region) == []


def test_it_comes_again_during_a_treatment_taken_at_home(region: Region) -> None:
    take_at_home(region)
    region.on(102)
    assess(region)

    assert dates_awaited(region) == ["2026-09-12"]
    region.on(194)
    assert "reassess_response" in region.open()


def test_the_physician_chooses_how_often(region: Region) -> None:
    take_at_home(region, reassessment_weeks=8)

    region.on(66)
    assert region.open().count("reassess_response") == 1
    region.skip("reassess_response")
    assert len(dates_awaited(region)) == 1


def test_what_was_done_by_hand_is_not_asked_again(region: Region) -> None:
    take_at_home(region)
    region.on(90)
    region.declare("reassessment_requested")
    region.on(105)
    assert region.open().count("reassess_response") == 1

    assess(region)

    assert dates_awaited(region) == ["2026-09-15"]


def test_a_check_up_by_hand_that_is_not_made_gives_way_to_the_one_planned(region: Region) -> None:
    treat(region, planned(RADIOTHERAPY))
    irradiate(region)
    region.on(60)
    region.declare("reassessment_requested")
    assert dates_awaited(region) == []

    region.skip("reassess_response")

    assert dates_awaited(region) == ["2026-06-14"]


def test_the_end_of_the_line_is_the_end_of_its_check_ups(region: Region) -> None:
    take_at_home(region)
    region.on(18, hour=9)
    region.do("follow_oral", observance="good", oral_ended=True)

    assert dates_awaited(region) == []


def test_a_progression_forgets_it_whether_its_day_has_come_or_not(region: Region) -> None:
    take_at_home(region)
    treatments = [*region.treatments(), planned(RADIOTHERAPY)]
    region.declare("pps_update_requested", by="idec")
    region.do("revise_pps", treatments=treatments)
    region.on(102)
    assert "reassess_response" in region.open()

    region.declare("progression_declared")
    region.do("record_progression", progression_date=region.day())

    assert "reassess_response" not in region.open()
    assert dates_awaited(region) == []


def test_a_death_forgets_it(region: Region) -> None:
    treat(region, planned(RADIOTHERAPY))
    irradiate(region)
    region.declare("death_declared")
    region.do("record_death", death_date=region.day())

    assert "event:reassessment_day" not in region.timers()


def test_hormones_are_assessed_only_where_they_are_the_treatment() -> None:
    assert not is_assessed({"treatment_kind": HORMONES})
    assert is_assessed({"treatment_kind": HORMONES, "treatment_line": "line_1"})
    assert is_assessed({"treatment_kind": CHEMOTHERAPY, "treatment_line": "maintenance"})
    assert not is_assessed({"treatment_kind": CHEMOTHERAPY, "treatment_line": "adjuvant"})
