"""A step passed over « sans objet » hides no exception: what may happen can still be declared."""

from engine.db import transaction
from tests.workflows.pathway import Region
from tests.workflows.ward import counted
from workflows.cases import events

# What a PPS makes possible, whether or not it names a treatment yet.
OF_A_PLAN = {
    "pps_update_requested",
    "refusal_declared",
    "toxicity_declared",
    "treatment_stop_declared",
    "trial_requested",
}


def offered(region: Region) -> set[str]:
    with transaction(region.database) as db:
        user = region.person(db, "referring_physician")
        found = events.events_offered(db, case_id=region.case_id, user=user)
    return {event.message for event in found}


def test_a_progression_is_declared_though_the_announcement_was_not_traced(region: Region) -> None:
    region.open_case()
    region.confirm()
    assert "progression_declared" not in offered(region)

    region.skip("announce_diagnosis")

    assert "progression_declared" in offered(region)
    assert "announcement_date" not in region.case_data()  # invariant 7 has still no date
    region.declare("progression_declared")
    assert "record_progression" in region.open()


def test_a_plan_without_a_treatment_hides_nothing(region: Region) -> None:
    region.open_case()
    region.confirm()
    region.do("announce_diagnosis", announcement_date=region.day())
    region.do("designate_team", team_idec=region.people["idec"])
    assert not OF_A_PLAN & offered(region)
    region.hold_rcp(8, "C15252")  # palliative care: no treatment of the PPS
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")

    assert region.treatments() == []
    assert offered(region) >= OF_A_PLAN
    assert not {"window_declared", "reassessment_requested"} & offered(region)


def test_a_page_asks_once_for_all_its_events(region: Region) -> None:
    region.open_case()
    region.confirm()
    region.do("announce_diagnosis", announcement_date=region.day())
    with transaction(region.database) as db:
        user = region.person(db, "referring_physician")
        with counted(db) as asked:
            found = events.events_offered(db, case_id=region.case_id, user=user)
    assert len(found) > 10
    assert len(asked) <= 12, "\n".join(asked)
