"""An opposition stops RCPs and mailings, not care; taken back, sharing comes back."""

import pytest
import sqlalchemy as sa

from engine import runtime
from engine.db import transaction
from engine.errors import Conflict, Invalid
from engine.models import AuditEntry
from tests.workflows.pathway import Region
from workflows.access import can_read_case


def oppose(region: Region, *scopes: str) -> None:
    region.declare("opposition_declared", by="idec")
    region.do(
        "record_opposition",
        opposition_date=region.day(),
        opposition_scope=list(scopes or ["sharing"]),
        opposition_by="patient",
    )


def withdraw(region: Region, *scopes: str, **answers: object) -> None:
    region.declare("opposition_withdrawn", by="idec")
    region.do(
        "withdraw_opposition",
        withdrawal_date=region.day(),
        withdrawal_scope=list(scopes or ["sharing"]),
        withdrawal_by="patient",
        **answers,
    )


def rcp_reads(region: Region) -> bool:
    with transaction(region.database) as db:
        return can_read_case(db, region.person(db, "coordinator"), region.case_id)


def registered(region: Region) -> int:
    region.open_case()
    region.announce()
    session_id = region.plan_session(8)
    region.register(session_id)
    return session_id


def test_the_inscription_is_cancelled_and_the_rcp_reads_no_more_while_care_goes_on(
    region: Region,
) -> None:
    registered(region)
    assert rcp_reads(region)
    oppose(region)

    assert [row.state for row in region.registrations()] == ["cancelled"]
    assert [row.reason for row in region.registrations()] == ["opposition"]
    assert not rcp_reads(region)
    assert "rcp" not in region.running()
    assert "propose_treatment" in region.open()


def test_an_rcp_asked_for_beside_is_stopped_too(region: Region) -> None:
    registered(region)
    region.declare("rcp_requested")
    assert region.running().count("rcp") == 2
    oppose(region)

    assert "rcp" not in region.running()


def test_an_rcp_asked_for_later_by_a_diagram_does_not_wait_for_ever(region: Region) -> None:
    registered(region)
    oppose(region)
    region.send("rcp_requested")

    assert "choose_rcp" not in region.open()
    assert "rcp" not in region.running()


def test_an_opinion_already_given_is_still_written_up(region: Region) -> None:
    session_id = registered(region)
    region.on(8)
    region.meet(session_id)
    region.do("discuss_case", by="coordinator", opinion_given="yes")
    oppose(region)

    assert "record_rcp_decision" in region.open()
    region.do("record_rcp_decision", proposals=[{"kind": "387713003"}], rcp_proposal="treatment")
    region.do("approve_rcp_sheet")
    assert not rcp_reads(region)


def test_a_case_heard_before_the_opposition_is_not_put_on_another_agenda(region: Region) -> None:
    session_id = registered(region)
    region.on(8)
    region.meet(session_id)
    region.do("discuss_case", by="coordinator", opinion_given="examinations")
    oppose(region)
    region.do("request_examinations", requested_exams=[{"exam": "IRM"}])
    region.plan_session(30)

    with pytest.raises(Invalid, match="aucune autre séance"):
        region.do("postpone", postponement="postponed", non_discussion_reason="incomplete_file")
    region.do("postpone", postponement="cancelled", non_discussion_reason="opposition")
    assert "rcp" not in region.running()


def test_said_while_informed_it_stops_the_rcp_asked_after_an_emergency(region: Region) -> None:
    region.open_case()
    region.do("check_identity", identity_check="verified")
    region.declare("emergency_declared")
    region.do(
        "record_emergency",
        emergency_date=region.day(),
        emergency_reason="Occlusion.",
        emergency_treatment="387713003",
    )
    assert "choose_rcp" in region.open()

    region.do("inform_patient", information_date=region.day(), sharing_opposition=True)

    assert not {"rcp", "emergency"} & set(region.running())
    assert "surgery" in region.running()


def test_taken_back_the_rcp_may_be_asked_for_and_reads_again(region: Region) -> None:
    registered(region)
    oppose(region)
    region.on(3)
    withdraw(region, rcp_wanted=True)

    assert rcp_reads(region)
    assert "choose_rcp" in region.open()
    region.do("choose_rcp", rcp_session_id=region.plan_session(10))
    region.do("register_for_rcp", question="Quel traitement ?")
    assert [row.state for row in region.registrations()] == ["cancelled", "submitted"]


def test_each_attempt_to_register_reads_the_opposition_again(region: Region) -> None:
    region.open_case()
    region.announce()
    session_id = region.plan_session(8)
    region.do("choose_rcp", rcp_session_id=session_id)
    with transaction(region.database) as db:
        runtime.put_data(
            db, case_id=region.case_id, values={"sharing_opposition": True},
            actor="system", now=region.now,
        )  # fmt: skip

    with pytest.raises(Invalid, match="s’oppose au partage"):
        region.do("register_for_rcp", question="Quel traitement ?")
    assert region.registrations() == []


def test_the_scope_says_what_stops_and_only_that_comes_back(region: Region) -> None:
    registered(region)
    oppose(region, "gp", "secondary_use")

    data = region.case_data()
    assert (data["gp_sharing"], data["secondary_use"]) == ("refused", "refused")
    assert data["sharing_opposition"] is False
    assert [row.state for row in region.registrations()] == ["accepted"]
    with pytest.raises(Invalid, match="ne s’oppose pas à tout"):
        withdraw(region, "sharing")
    region.do(
        "withdraw_opposition",
        withdrawal_date=region.day(), withdrawal_scope=["gp"], withdrawal_by="patient",
    )  # fmt: skip
    assert region.case_data()["gp_sharing"] == "accepted"
    assert region.case_data()["opposition_scope"] == ["secondary_use"]


def test_who_objected_when_and_to_what_stays_in_the_log(region: Region) -> None:
    registered(region)
    oppose(region)
    withdraw(region)
    with transaction(region.database) as db:
        rows = db.scalars(
            sa.select(AuditEntry)
            .filter_by(case_id=region.case_id, action="consent.recorded")
            .order_by(AuditEntry.position)
        )
        assert [row.detail["opposed"] for row in rows] == [False, True, False]
    (recorded,) = region.instances("opposition")
    assert recorded.state == "completed"


def test_without_a_date_or_a_person_an_opposition_is_not_recorded(region: Region) -> None:
    registered(region)
    region.declare("opposition_declared", by="idec")

    with pytest.raises(Invalid, match="sa date et la personne"):
        region.do("record_opposition", opposition_scope=["sharing"])
    assert region.case_data()["sharing_opposition"] is False


def test_a_withdrawal_is_offered_only_against_an_opposition(region: Region) -> None:
    registered(region)

    with pytest.raises(Conflict, match="ne permet pas encore"):
        region.declare("opposition_withdrawn", by="idec")
