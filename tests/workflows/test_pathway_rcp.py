"""An RCP held on the diagrams that ship: who may, who must, what a meeting without quorum does."""

from datetime import date, timedelta

import pytest

from engine.db import transaction
from engine.errors import Forbidden, Invalid
from tests.workflows.pathway import DAY_ZERO, Region
from workflows.deadlines.queries import milestone
from workflows.rcp import operations as rcp
from workflows.rcp import queries

SURGERY, CHEMOTHERAPY = "387713003", "C15632"


@pytest.fixture
def region(region: Region) -> Region:
    region.open_case()
    return region


def test_the_announcement_leads_to_an_rcp_and_opens_the_nursing_time_beside(
    region: Region,
) -> None:
    region.announce()

    assert region.open() == ["choose_rcp", "nursing_time"]
    assert region.case_data()["patient_age"] == 52


def test_an_old_patient_is_scored_before_the_rcp(
    region: Region,
) -> None:
    region.open_case(born=date(1940, 6, 1))

    region.announce()

    assert "g8_score" in region.open()


def test_a_benign_report_ends_the_pathway(region: Region) -> None:
    region.do("check_identity")
    region.do("inform_patient", information_date=region.day())

    region.do("attach_pathology_report", pathology_result="benign")

    assert region.open() == []
    assert region.running() == []


def test_a_patient_who_opposes_sharing_goes_on_without_an_rcp(region: Region) -> None:
    region.do("check_identity")
    region.do("inform_patient", information_date=region.day(), sharing_opposition=True)
    region.do("attach_pathology_report", pathology_result="malignant")
    region.do("announce_diagnosis", announcement_date=region.day())
    region.do("designate_team")

    assert "choose_rcp" not in region.open()
    assert "propose_treatment" in region.open()


def test_preparing_is_due_before_the_session_and_follows_it_when_it_moves(region: Region) -> None:
    region.announce()
    first, later = region.plan_session(10), region.plan_session(17)
    region.do("choose_rcp", rcp_session_id=first)
    before = region.due("register_for_rcp")

    region.do("register_for_rcp", rcp_session_id=later, question="Quel traitement ?")

    assert before == date(2026, 3, 9)
    assert region.due("complete_rcp_sheet") == date(2026, 3, 17)


def test_a_session_that_moves_takes_its_deadlines_along(region: Region) -> None:
    region.announce()
    session = region.plan_session(10)
    region.register(session)

    with transaction(region.database) as db:
        moved = rcp.move_session(
            db, session_id=session, starts_at=DAY_ZERO + timedelta(days=14, hours=6),
            actor="system", now=region.now,
        )  # fmt: skip

    assert moved == [region.case_id]
    with transaction(region.database) as db:
        found = milestone(db, case_id=region.case_id, name="rcp_session")
        assert found is not None
        assert found.at == DAY_ZERO + timedelta(days=14, hours=6)


def test_a_session_that_moves_redates_what_is_still_open(region: Region) -> None:
    region.announce()
    session = region.plan_session(10)
    region.do("choose_rcp", rcp_session_id=session)
    before = region.due("register_for_rcp")

    with transaction(region.database) as db:
        rcp.move_session(
            db, session_id=session, starts_at=DAY_ZERO + timedelta(days=17, hours=6),
            actor="system", now=region.now,
        )  # fmt: skip

    assert (before, region.due("register_for_rcp")) == (date(2026, 3, 9), date(2026, 3, 16))


def test_an_incomplete_sheet_is_told_and_not_refused(region: Region) -> None:
    region.announce()
    region.do("choose_rcp", rcp_session_id=region.plan_session(8))
    region.do("register_for_rcp", question="Quel traitement ?")
    region.do("complete_rcp_sheet")
    region.do("attach_documents")

    assert "accept_registration" in region.open()
    (instance,) = region.instances("rcp")
    assert region.answers(instance)["missing_items"] == ["who_status"]


def test_without_quorum_the_case_is_put_off_to_the_next_session(region: Region) -> None:
    region.announce()
    first = region.plan_session(7)
    region.plan_session(14)
    region.register(first)
    region.on(7)

    region.meet(first, without="radiotherapist_member")
    region.do("postpone", postponement="postponed")

    (instance,) = region.instances("rcp")
    assert region.answers(instance)["quorum_status"] == "not_reached"
    assert [(row.state, row.reason) for row in region.registrations()] == [
        ("postponed", "quorum_not_reached"),
        ("accepted", None),
    ]


def test_the_next_session_with_a_quorum_decides(region: Region) -> None:
    region.announce()
    first, second = region.plan_session(7), region.plan_session(14)
    region.register(first)
    region.on(7)
    region.meet(first, without="radiotherapist_member")
    region.do("postpone", postponement="postponed")

    region.on(14)
    region.meet(second)
    region.decide(SURGERY)

    assert "propose_treatment" in region.open()
    assert [record.status for record in region.records("rcp_sheet")] == ["approved"]
    assert "trace_proposal" in region.open()


def test_a_session_gone_by_is_chosen_anew_where_the_case_is_inscribed(region: Region) -> None:
    region.announce()
    region.do("choose_rcp", rcp_session_id=region.plan_session(9))
    region.on(12)

    with pytest.raises(Invalid, match="a déjà commencé") as refusal:
        region.do("register_for_rcp", question="Quel traitement ?")
    assert "rcp_session_id" in refusal.value.fields

    later = region.plan_session(16)
    region.do("register_for_rcp", question="Quel traitement ?", rcp_session_id=later)
    with transaction(region.database) as db:
        (registration,) = queries.registrations_of_case(db, region.case_id)
        assert registration.session_id == later
        found = milestone(db, case_id=region.case_id, name="rcp_session")
        assert found is not None
        assert found.at == DAY_ZERO + timedelta(days=16, hours=6)


def test_a_registered_case_names_its_guideline(region: Region) -> None:
    region.announce()
    session = region.plan_session(8)
    region.register(session, case_status="registered")
    region.on(8)
    region.meet(session)

    with pytest.raises(Invalid, match="référentiel"):
        region.do("register_conforming_case", guideline_name="Thésaurus")

    region.do(
        "register_conforming_case",
        guideline_name="Thésaurus sein",
        guideline_version="2025",
        guideline_date="2025-06-01",
    )
    assert "record_rcp_decision" in region.open()


def test_a_decision_without_a_typed_proposal_is_refused(region: Region) -> None:
    region.announce()
    session = region.plan_session(8)
    region.register(session)
    region.on(8)
    region.meet(session)
    region.do("discuss_case", by="coordinator", opinion_given="yes")

    with pytest.raises(Invalid, match="au moins une proposition"):
        region.do("record_rcp_decision", proposals=[{"precision": "X"}], rcp_proposal="treatment")


def test_only_a_coordinator_of_that_rcp_approves_its_sheet(region: Region) -> None:
    region.announce()
    session = region.plan_session(8)
    region.register(session)
    region.on(8)
    region.meet(session)
    region.do("discuss_case", by="coordinator", opinion_given="yes")
    region.do("record_rcp_decision", proposals=[{"kind": SURGERY}], rcp_proposal="treatment")

    for somebody in ("rcp_secretary", "surgeon_member", "oncologist"):
        with pytest.raises(Forbidden):
            region.do("approve_rcp_sheet", by=somebody)
    assert region.records("rcp_sheet")[0].status == "draft"


def test_a_sheet_sent_back_is_written_again_as_the_next_version(region: Region) -> None:
    region.announce()
    session = region.plan_session(8)
    region.register(session)
    region.on(8)
    region.meet(session)
    region.do("discuss_case", by="coordinator", opinion_given="yes")
    region.do("record_rcp_decision", proposals=[{"kind": SURGERY}], rcp_proposal="treatment")
    region.do("approve_rcp_sheet", correction_requested=True)

    region.do("record_rcp_decision", proposals=[{"kind": CHEMOTHERAPY}], rcp_proposal="treatment")
    region.do("approve_rcp_sheet")

    first, second = region.records("rcp_sheet")
    assert (first.status, second.status) == ("replaced", "approved")
    assert second.replaces_id == first.id
    assert "record_rcp_decision" not in region.open()


def test_an_expert_opinion_opens_another_rcp(region: Region) -> None:
    region.announce()
    session = region.plan_session(8)
    region.register(session)
    region.on(8)
    region.meet(session)
    region.do("discuss_case", by="coordinator", opinion_given="expert_rcp")
    region.do("refer_to_expert", expert_rcp_id=region.rcp_id)
    region.do("record_rcp_decision", rcp_proposal="expert_rcp")

    region.do("approve_rcp_sheet")

    assert region.open().count("choose_rcp") == 1
    assert "propose_treatment" not in region.open()


def test_an_rcp_beside_that_wants_examinations_opens_the_next_one(region: Region) -> None:
    region.announce()
    region.hold_rcp(8, SURGERY)
    region.declare("rcp_requested")
    session = region.plan_session(15)
    region.register(session)
    region.on(15)
    region.meet(session)

    region.do("discuss_case", by="coordinator", opinion_given="yes")
    region.do("record_rcp_decision", rcp_proposal="examinations")

    assert region.open().count("choose_rcp") == 1
