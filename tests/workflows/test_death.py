"""A death stops what runs for the patient, spares documents; by mistake, everything comes back."""

import pytest

from engine.db import transaction
from engine.errors import Conflict, Invalid
from tests.workflows.pathway import Region
from workflows.pathways.death_undone import undo_death

SURGERY, CHEMOTHERAPY = "387713003", "C15632"


@pytest.fixture
def region(region: Region) -> Region:
    region.open_case()
    region.announce()
    return region


def die(region: Region) -> None:
    region.declare("death_declared", by="secretary")
    region.do("record_death", death_date=region.day())


def inform(region: Region) -> None:
    region.do("inform_after_death", death_gp_informed="yes", death_sites_informed="none")


def undo(region: Region, reason: str = "Homonyme.") -> list[str]:
    with transaction(region.database) as db:
        return undo_death(
            db,
            case_id=region.case_id,
            reason=reason,
            user=region.person(db, "secretary"),
            now=region.now,
        )


def standing(region: Region) -> tuple[object, ...]:
    return (region.open(), sorted(region.timers()), region.running(), region.treatments())


def treat(region: Region) -> None:
    region.hold_rcp(8, CHEMOTHERAPY)
    region.on(10)
    region.hand_over([{"kind": CHEMOTHERAPY, "status": "planned"}])
    region.do(
        "prescribe_systemic",
        first_cycle_date=region.day(7),
        cycles_planned=4,
        cycle_interval_days=21,
    )


def test_taken_back_at_once_everything_is_as_it_was(region: Region) -> None:
    treat(region)
    before = standing(region)
    die(region)
    assert region.open() == ["inform_after_death"]

    assert undo(region) == []

    assert standing(region) == before
    assert region.case_state() == "open"
    assert region.case_data().get("death_date") is None


def test_taken_back_after_the_closing_people_are_told_again(region: Region) -> None:
    treat(region)
    before = region.running()
    die(region)
    inform(region)
    assert (region.open(), region.timers(), region.case_state()) == ([], [], "closed")
    region.on(14)

    said = undo(region)

    assert "rappelez-les" in said[0]
    assert region.running() == sorted([*before, "death_undone"])
    assert "correct_after_death" in region.open()
    region.do("correct_after_death", death_corrected_gp="yes")
    region.on(16, hour=9)
    region.do("pre_cycle_check", go_ahead=True)  # the line goes on at its own date
    assert region.open().count("administer_cycle") == 1


def test_a_sheet_the_pathway_awaits_is_still_approved_and_leads_no_further(region: Region) -> None:
    session = region.plan_session(8)
    region.register(session)
    region.on(8)
    region.meet(session)
    region.do("discuss_case", by="coordinator", opinion_given="yes")
    region.do("record_rcp_decision", rcp_proposal="treatment", proposals=[{"kind": SURGERY}])

    die(region)
    assert "approve_rcp_sheet" in region.open()
    inform(region)
    region.do("approve_rcp_sheet")

    assert (region.open(), region.timers(), region.running()) == ([], [], [])
    (sheet,) = region.records("rcp_sheet")
    assert sheet.status == "approved"
    assert sheet.distributed_at is not None

    undo(region)
    assert {"propose_treatment", "trace_proposal"} <= set(region.open())


def test_an_inscription_comes_back_for_a_meeting_to_come(region: Region) -> None:
    session = region.plan_session(20)
    region.register(session)
    die(region)
    assert region.registrations()[0].state == "cancelled"

    undo(region)

    assert region.registrations()[0].state == "accepted"
    region.on(20)
    region.meet(session)
    assert "discuss_case" in region.open()


def test_a_meeting_gone_by_is_said_and_the_case_postponed(region: Region) -> None:
    region.register(region.plan_session(8))
    die(region)
    region.on(10)

    said = undo(region)

    assert any("reportez le dossier" in sentence for sentence in said)
    assert "postpone" in region.open()


def test_taking_back_says_why_and_needs_a_death(region: Region) -> None:
    with pytest.raises(Conflict, match="Aucun décès"):
        undo(region)
    die(region)

    with pytest.raises(Invalid, match="d’où vient l’erreur"):
        undo(region, reason=" ")

    assert region.open() == ["inform_after_death"]


def test_a_death_may_be_recorded_after_another_was_taken_back(region: Region) -> None:
    treat(region)
    die(region)
    undo(region)

    die(region)
    inform(region)

    assert (region.open(), region.timers(), region.case_state()) == ([], [], "closed")
