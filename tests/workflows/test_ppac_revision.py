"""The programme of after the cancer is read again every year, and whenever somebody asks (F13)."""

from datetime import date
from typing import Any

import pytest

from engine import runtime
from engine.db import transaction
from engine.errors import Conflict
from tests.workflows.pathway import Region
from workflows.cases import events

PLAN = [{"kind": "11429006", "exam": "Consultation de suivi", "interval_months": 6}]


def after_treatment(region: Region) -> None:
    region.open_case()
    region.announce()
    with transaction(region.database) as db:
        data = {"treatment_end_date": region.day()}
        runtime.put_data(db, case_id=region.case_id, values=data, actor="system", now=region.now)
        runtime.start_instance(
            db, case_id=region.case_id, definition="after_treatment", actor="system",
            now=region.now,
        )  # fmt: skip
    region.do("end_of_treatment_visit")


def hand_over(region: Region) -> None:
    region.do(
        "hand_over_ppac",
        ppac_handover_date=region.day(),
        handed_over_by=region.people["oncologist"],
    )


def followed(region: Region) -> None:
    after_treatment(region)
    region.do("prepare_ppac", surveillance_plan=PLAN, next_control_date=region.day(180))
    region.do("agree_with_gp", gp_agreement="agreed")
    region.do("approve_ppac")
    hand_over(region)
    with transaction(region.database) as db:
        runtime.start_instance(
            db, case_id=region.case_id, definition="surveillance", actor="system",
            now=region.now,
        )  # fmt: skip


def control(region: Region, **answers: Any) -> None:
    given = {"control_result": "normal", "surveillance_continues": True} | answers
    region.do(
        "record_control", control_date=region.day(), next_control_date=region.day(185), **given
    )


def test_a_revision_is_a_new_version_approved_and_handed_over(region: Region) -> None:
    followed(region)
    region.declare("ppac_update_requested", by="idec")
    region.do(
        "revise_ppac",
        pps_update_reason="GEN-176",
        surveillance_plan=[*PLAN, {"kind": "MED-091", "exam": "TSH", "interval_months": 12}],
    )
    region.do("approve_ppac")
    hand_over(region)

    first, second = region.records("ppac")
    assert (second.version, second.replaces_id, second.update_reason) == (2, first.id, "GEN-176")
    assert first.handed_over_date
    assert second.handed_over_date
    assert "surveillance" in region.running()
    assert "ppac_update" not in region.running()


def test_before_the_programme_is_handed_over_there_is_nothing_to_revise(region: Region) -> None:
    after_treatment(region)

    with pytest.raises(Conflict, match="doit avoir été remis"):
        region.declare("ppac_update_requested", by="idec")


def test_the_control_of_the_year_has_the_programme_read_again(region: Region) -> None:
    followed(region)
    region.on(180)
    control(region)
    assert "revise_ppac" not in region.open()

    region.on(364)
    control(region)
    assert region.open().count("revise_ppac") == 1
    region.on(548)
    control(region)
    assert region.open().count("revise_ppac") == 1  # the one that waits is enough


def test_a_surveillance_that_ends_has_no_programme_to_revise(region: Region) -> None:
    followed(region)
    region.on(180)
    control(region)
    region.on(364)
    control(region, surveillance_continues=False)

    assert "revise_ppac" not in region.open()


def test_a_second_programme_does_not_call_for_the_control_of_the_first(region: Region) -> None:
    """After a relapse, the date of the former surveillance is past: the new calendar counts."""
    followed(region)
    region.on(400)
    with transaction(region.database) as db:
        runtime.start_instance(
            db, case_id=region.case_id, definition="after_treatment", actor="system",
            now=region.now,
        )  # fmt: skip
    region.do("end_of_treatment_visit")
    month_ago, coming = date(2027, 3, 6), "2027-09-06"  # its first visit is past: the second
    region.do("prepare_ppac", surveillance_plan=[{**PLAN[0], "first_due": month_ago.isoformat()}])
    region.do("agree_with_gp", gp_agreement="agreed")
    region.do("approve_ppac")
    hand_over(region)

    assert region.case_data()["next_control_date"] == coming


def offered(region: Region) -> tuple[list[str], dict[str, str]]:
    with transaction(region.database) as db:
        idec = region.person(db, "idec")
        now = events.events_offered(db, case_id=region.case_id, user=idec)
        later = events.activities_withheld(db, case_id=region.case_id, user=idec)
        return [one.message for one in now], {one.message: why for one, why in later}


def test_a_score_is_offered_again_from_seventy_five_years(region: Region) -> None:
    region.open_case(born=date(1945, 1, 10))
    region.announce()
    assert "déjà en cours" in offered(region)[1]["frailty_requested"]  # the first one still waits

    region.do("g8_score", g8_status="not_feasible", g8_not_done_reason="Trop fatiguée")

    assert "frailty_requested" in offered(region)[0]


def test_a_score_is_not_offered_before(region: Region) -> None:
    region.open_case(born=date(1974, 1, 10))
    region.announce()

    now, later = offered(region)
    assert "frailty_requested" not in now
    assert "75 ans" in later["frailty_requested"]
