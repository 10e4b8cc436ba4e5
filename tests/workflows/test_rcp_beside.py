"""An RCP beside a treatment concludes: the treatments that run hear of it, through a person."""

import pytest
import sqlalchemy as sa

from engine.db import transaction
from engine.errors import Invalid
from tests.workflows.pathway import Region, planned
from workflows.cases import hands
from workflows.notices.models import Notice
from workflows.rcp.correction import request_correction

CHEMOTHERAPY, RADIOTHERAPY, PALLIATIVE = "C15632", "C15313", "C15252"
READJUSTED = "MED-560"


@pytest.fixture
def region(region: Region) -> Region:
    """A chemotherapy under way, and a question put to the RCP beside it."""
    region.open_case()
    region.announce()
    region.treat(CHEMOTHERAPY)
    region.declare("rcp_requested")
    return region


def test_a_stop_decided_beside_is_applied_by_the_physician(region: Region) -> None:
    region.hold_rcp(20, PALLIATIVE, proposal="stop_treatment")

    assert {"systemic", "treatment"} <= set(region.running())  # nothing stops behind one's back
    task = region.task("apply_stop")
    assert task.is_high_priority
    said = region.answers(region.instances("treatment_stop")[0])["rcp_stop_detail"]
    assert said == "Arrêt des traitements, avec soins palliatifs"
    with pytest.raises(Invalid, match="s’arrêtent ou se poursuivent"):
        region.do("apply_stop")
    region.do("apply_stop", stop_application="applied")

    assert {"systemic", "treatment", "cancer"} & set(region.running()) == set()
    assert region.treatments()[0]["status"] == "stopped"
    assert region.task("announce_stop").due_at is not None
    region.do("announce_stop", stop_announcement_date=region.day())
    assert {"organise_palliative_care", "revise_pps"} <= set(region.open())


def test_the_physician_may_go_on_and_says_why(region: Region) -> None:
    region.hold_rcp(20, PALLIATIVE, proposal="stop_treatment")
    region.do(
        "apply_stop", stop_application="not_applied", stop_application_reason="Le patient préfère."
    )

    assert "treatment_stop" not in region.running()
    assert {"systemic", "treatment"} <= set(region.running())


def test_an_opinion_changed_by_a_correction_is_applied_too(region: Region) -> None:
    region.hold_rcp(20, CHEMOTHERAPY)
    with transaction(region.database) as db:
        request_correction(
            db, registration_id=region.registrations()[-1].id,
            user=region.person(db, "coordinator"), now=region.now,
        )  # fmt: skip
    region.do(
        "correct_rcp_sheet",
        by="coordinator",
        correction_motive="error",
        rcp_proposal="stop_treatment",
        proposals=[{"kind": PALLIATIVE}],
    )
    region.do("approve_rcp_sheet")

    assert "apply_stop" in region.open()


def test_a_plan_changed_beside_is_a_new_version_of_the_pps(region: Region) -> None:
    region.hold_rcp(20, CHEMOTHERAPY, RADIOTHERAPY)

    update = region.answers(region.instances("pps_update")[0])
    assert update["pps_update_reason"] == READJUSTED
    assert update["pps_update_detail"] == "Après la RCP\u202f: chimiothérapie et radiothérapie."
    region.do("revise_pps", treatments=[*region.treatments(), planned(RADIOTHERAPY)])
    region.give_pps()
    assert "radiotherapy" in region.running()


def test_two_opinions_ask_for_one_revision(region: Region) -> None:
    region.hold_rcp(20, CHEMOTHERAPY)
    region.declare("rcp_requested")
    region.hold_rcp(30, RADIOTHERAPY)

    assert region.open().count("revise_pps") == 1


def test_a_stop_that_waits_for_its_own_rcp_is_not_asked_twice(region: Region) -> None:
    region.declare("treatment_stop_declared")
    region.hold_rcp(20, PALLIATIVE, proposal="stop_treatment")

    assert "apply_stop" not in region.open()


def test_a_refused_inscription_is_chosen_anew_by_the_physician_who_asked(region: Region) -> None:
    """R02: typed « par délégation » by the secretary; R06: refused by the coordinator, with why."""
    region.do("choose_rcp", rcp_session_id=region.plan_session(20))
    task, people = region.task("register_for_rcp"), region.people
    with transaction(region.database) as db:
        hands.assign(
            db, task_id=task.id, to_user_id=people["secretary"],
            user=region.person(db, "referring_physician"), now=region.now,
        )  # fmt: skip
    region.do("register_for_rcp", by="secretary", question="Quel traitement ?")
    region.do("complete_rcp_sheet")
    region.do("attach_documents")
    region.do(
        "accept_registration",
        by="coordinator",
        registration_accepted=False,
        registration_refusal_reason="other_rcp",
        registration_refusal_detail="RCP de recours.",
    )

    assert region.open().count("choose_rcp") == 1
    assert region.registrations()[-1].requested_by == f"user:{people['requesting_physician']}"
    with transaction(region.database) as db:
        (told,) = db.scalars(sa.select(Notice).filter_by(kind="rcp_refused"))
    assert told.user_id == people["requesting_physician"]
    assert told.text.endswith("15 h 00\u202f: Autre RCP plus adaptée. RCP de recours.")
