"""A death stops what runs for the patient, spares documents; by mistake, everything comes back."""

from datetime import date

import pytest

from engine.db import transaction
from engine.errors import Conflict, Invalid
from tests.factories import make_patient
from tests.workflows.pathway import Region
from workflows.cases import operations
from workflows.cases.models import Episode
from workflows.pathways.death_undone import undo_death
from workflows.patients import operations as patients
from workflows.patients.merging import merge

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
    region.treat(CHEMOTHERAPY)
    region.prescribe()


def test_taken_back_at_once_everything_is_as_it_was(region: Region) -> None:
    treat(region)
    before = standing(region)
    die(region)
    assert region.open() == ["inform_after_death"]
    with pytest.raises(Conflict, match="plus rien ne se déclare"):
        region.declare("referral_requested", by="idec")

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


def other_case(region: Region, *, organ: str = "colon") -> int:
    """A second tumour of the same patient, followed in a case of its own."""
    with transaction(region.database) as db:
        first = db.get_one(Episode, region.case_id)
        episode = operations.open_case(
            db, patient_id=first.patient_id, unit_id=first.unit.id, organ=organ,
            user=region.person(db, "secretary"), now=region.now,
        )  # fmt: skip
        return episode.case_id


def test_a_patient_followed_in_two_cases_dies_in_both(region: Region) -> None:
    """Invariant 9: no timer of the other case goes on asking people to call the patient."""
    first, second = region.case_id, other_case(region)
    region.case_id = second
    assert region.open()
    region.case_id = first

    die(region)

    region.case_id = second
    assert (region.open(), region.timers(), region.running()) == ([], [], [])
    assert region.case_state() == "closed"
    assert region.case_data()["death_date"] == region.day()


def test_a_death_taken_back_gives_both_cases_back(region: Region) -> None:
    first, second = region.case_id, other_case(region)
    region.case_id = second
    before = (region.open(), sorted(region.timers()), region.running())
    region.case_id = first
    die(region)
    inform(region)

    region.case_id = second  # whichever of the two says that it was an error
    lost = undo(region)

    assert any("rappelez-les" in said for said in lost)
    assert (region.open(), sorted(region.timers()), region.running()) == before
    assert region.case_state() == "open"
    assert region.case_data().get("death_date") is None
    region.case_id = first
    assert region.case_state() == "open"
    assert "correct_after_death" in region.open()


def test_the_dead_get_no_new_case_nor_work_in_a_closed_one(region: Region) -> None:
    first, second = region.case_id, other_case(region)
    region.case_id = second
    region.close()
    region.case_id = first
    die(region)

    with pytest.raises(Conflict, match="aucun dossier ne s’ouvre"):
        other_case(region, organ="lung")
    region.case_id = second
    with pytest.raises(Conflict, match="Un décès est enregistré"):
        region.declare("rcp_requested")
    assert region.case_state() == "closed"
    region.case_id = first
    undo(region)
    other_case(region, organ="lung")


def test_a_merge_kills_nobody(region: Region) -> None:
    """An identity whose death is recorded is not merged with one that a case still follows."""
    with transaction(region.database) as db:
        living = db.get_one(Episode, region.case_id).patient_id
        dead = make_patient(db, "Nolwenn Test-Lanic", born=date(1974, 1, 10)).id
        patients.record_death(
            db, patient_id=dead, death_date=region.now.date(), actor="system", now=region.now
        )
        cell = region.person(db, "identity_vigilance")
        given = {"choices": {}, "reason": "Même personne", "user": cell, "now": region.now}
        for survivor, absorbed in ((living, dead), (dead, living)):
            with pytest.raises(Conflict, match="déclarez-y d’abord le décès"):
                merge(db, survivor_id=survivor, absorbed_id=absorbed, **given)
