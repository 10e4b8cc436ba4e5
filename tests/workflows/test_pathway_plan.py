"""The PPS takes over what is known, and what is added to it late is neither lost nor early."""

import pytest

from engine import runtime
from engine.db import transaction
from engine.errors import Conflict, Invalid
from tests.workflows.pathway import Region, planned
from workflows.deadlines import queries as deadlines
from workflows.records import queries as records
from workflows.records.models import Record

SURGERY, RADIOTHERAPY, HORMONES = "387713003", "C15313", "C15445"
CHEMOTHERAPY = "C15632"


@pytest.fixture
def region(region: Region) -> Region:
    region.open_case()
    region.announce()
    return region


def update(region: Region, *treatments: dict[str, object]) -> None:
    region.declare("pps_update_requested", by="idec")
    region.do("revise_pps", treatments=list(treatments))
    region.do("approve_pps")
    by = region.people["referring_physician"]
    region.do("hand_over_pps", pps_handover_date=region.day(), handed_over_by=by)


def propose(region: Region) -> None:
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")
    region.do("complete_pps_treatment", treatments=region.treatments())
    region.do("complete_pps_support")
    region.do("approve_pps")
    by = region.people["referring_physician"]
    region.do("hand_over_pps", pps_handover_date=region.day(), handed_over_by=by)
    region.do("plan_appointments")


def test_a_need_to_refer_is_already_an_action_of_the_pps(region: Region) -> None:
    region.do("nursing_time", nursing_time_date=region.day())
    region.do("assess_support_needs", need_pain="referral", need_nutrition="watch")
    region.hold_rcp(8, SURGERY)

    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")

    assert region.case_data()["support_actions"] == [{"kind": "ORG-035", "status": "planned"}]
    (plan,) = region.instances("pps")
    assert region.answers(plan)["pps_missing"] == (
        "Le médecin traitant, les dates des traitements, un téléphone, l’explication pour le "
        "patient, les signes d’alerte, les allergies, la personne de confiance et la personne à "
        "prévenir"
    )


def proposed(region: Region) -> None:
    """Up to the PPS that waits to be handed over."""
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")
    region.do("complete_pps_treatment", treatments=region.treatments())
    region.do("complete_pps_support")
    region.do("approve_pps")


def first_pps(region: Region) -> Record:
    with transaction(region.database) as db:
        found = records.current(db, case_id=region.case_id, kind="pps")
        assert found is not None
        return found


def test_a_pps_the_patient_does_not_want_is_traced_and_not_handed_over(region: Region) -> None:
    region.hold_rcp(8, SURGERY)
    proposed(region)

    region.do(
        "hand_over_pps",
        pps_handover_date=region.day(),
        handed_over_by=region.people["referring_physician"],
        handover_mode="refused",
        handover_refusal_reason="Préfère en parler avec sa fille",
    )

    record = first_pps(region)
    assert record.handed_over_date is None
    assert record.refused_date == region.now.date()
    assert record.refusal_reason == "Préfère en parler avec sa fille"
    with transaction(region.database) as db:
        assert deadlines.milestone(db, case_id=region.case_id, name="pps_handed_over") is None


def test_the_first_pps_is_not_handed_over_before_the_rcp_that_decided_it(region: Region) -> None:
    region.hold_rcp(8, SURGERY)
    proposed(region)
    by = region.people["referring_physician"]

    with pytest.raises(Invalid, match="précède la RCP qui a décidé le traitement") as refused:
        region.do("hand_over_pps", pps_handover_date=region.day(-1), handed_over_by=by)
    assert list(refused.value.fields) == ["pps_handover_date"]  # the form points at it

    region.do("hand_over_pps", pps_handover_date=region.day(), handed_over_by=by)
    assert first_pps(region).handed_over_date == region.now.date()


def test_an_update_before_the_prerequisites_starts_nothing(region: Region) -> None:
    region.hold_rcp(8, SURGERY)
    propose(region)

    update(region, planned(SURGERY), planned(RADIOTHERAPY))

    assert {"surgery", "radiotherapy"} & set(region.running()) == set()
    region.do("check_prerequisites", prerequisites_outcome="met")
    assert {"surgery", "radiotherapy"} <= set(region.running())


def test_a_phase_is_not_closed_under_a_treatment_added_late(region: Region) -> None:
    region.hold_rcp(8, HORMONES)
    propose(region)
    region.do("check_prerequisites", prerequisites_outcome="met")
    update(region, planned(HORMONES), planned(SURGERY))

    with pytest.raises(Conflict, match="chirurgie"):
        region.do("close_treatment", treatment_outcome="rcp")

    region.do("plan_surgery", surgery_planned_date=region.day(1))
    region.on(10)
    region.do("record_surgery", surgery_date=region.day())
    region.do("discharge_letter")
    region.do("attach_surgical_pathology")
    region.do("close_treatment", treatment_outcome="rcp")
    assert "choose_rcp" in region.open()


def test_fertility_is_addressed_before_a_treatment_that_may_take_it_away(region: Region) -> None:
    """A13: at 30, chemotherapy waits for an answer, or for a physician's reason."""
    region.hold_rcp(8, CHEMOTHERAPY)
    propose(region)
    with transaction(region.database) as db:
        runtime.put_data(
            db, case_id=region.case_id, values={"patient_age": 30}, actor="system", now=region.now
        )
    update(region, planned(CHEMOTHERAPY))

    with pytest.raises(Invalid, match="fertilité"):
        region.do("check_prerequisites", prerequisites_outcome="met")
    assert "check_prerequisites" in region.open()

    region.do("check_prerequisites", prerequisites_outcome="met", check_fertility="done")
    assert "systemic" in region.running()


def test_a_missing_prerequisite_holds_the_start_unless_a_physician_says_why(
    region: Region,
) -> None:
    region.hold_rcp(8, SURGERY)
    propose(region)

    with pytest.raises(Invalid, match="prérequis manque"):
        region.do("check_prerequisites", prerequisites_outcome="met", check_dental="missing")
    region.do(
        "check_prerequisites",
        prerequisites_outcome="waived",
        check_dental="missing",
        waiver_by=region.people["referring_physician"],
        waiver_reason="Urgence de la décompression.",
    )

    assert "check_prerequisites" not in region.open()
