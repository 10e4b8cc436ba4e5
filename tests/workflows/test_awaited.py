"""Each exam that is awaited has its own follow-up: one result closes one of them."""

from datetime import timedelta

import pytest

from engine.db import transaction
from engine.errors import Conflict
from tests.workflows.pathway import Region
from workflows.pathways.awaited import receive_document


def await_exams(region: Region, *names: str, days: int = 0) -> None:
    region.open_case()
    region.do("check_identity", identity_check="verified")
    region.do(
        "inform_patient",
        information_date=region.day(),
        sharing_opposition=False,
        workup_exams=[{"exam": name, "date": region.day(days)} for name in names],
    )


def receive(region: Region, name: str, **answers: str) -> None:
    with transaction(region.database) as db:
        receive_document(
            db, case_id=region.case_id, name=name, answers=answers, actor="system", now=region.now
        )


def names(region: Region) -> list[str]:
    with transaction(region.database):
        return sorted(
            str(region.answers(one).get("awaited_name"))
            for one in region.instances("awaited_document")
            if one.state == "running"
        )


def test_each_exam_asked_for_at_the_first_visit_waits_for_its_own_result(region: Region) -> None:
    await_exams(region, "IRM", "TEP-scan", "Scanner", days=5)

    assert names(region) == ["IRM", "Scanner", "TEP-scan"]
    task = region.task("attach_awaited_document")
    assert task.name == "Rattacher le résultat\u202f: IRM"
    assert task.due_at
    assert task.due_at.date() == (region.now + timedelta(days=15)).date()
    assert task.remind_at


def test_a_result_closes_only_the_follow_up_that_names_it(region: Region) -> None:
    await_exams(region, "IRM", "TEP-scan", "Scanner")
    receive(region, "tep-scan", awaited_result_date=region.day(), awaited_result="Pas de fixation")

    assert names(region) == ["IRM", "Scanner"]
    assert region.case_data()["exams"] == [
        {"date": region.day(), "exam": "TEP-scan", "result": "Pas de fixation"}
    ]


def test_a_result_that_nothing_awaits_is_said_and_nothing_is_written(region: Region) -> None:
    await_exams(region, "IRM")

    with pytest.raises(
        Conflict,
        match="Aucun résultat « Scanner » n’est attendu".replace(" »", "\u202f»").replace(
            "« ", "«\u202f"
        ),
    ):
        receive(region, "Scanner")
    assert names(region) == ["IRM"]


def test_chased_it_is_given_ten_more_days(region: Region) -> None:
    await_exams(region, "IRM")
    region.on(10)
    region.do("attach_awaited_document", awaited_outcome="chased", awaited_note="Labo relancé")

    task = region.task("attach_awaited_document")
    assert task.due_at
    assert task.due_at.date() == (region.now + timedelta(days=10)).date()


def test_a_patient_absent_from_an_exam_is_looked_for_and_the_exam_still_awaited(
    region: Region,
) -> None:
    await_exams(region, "IRM")
    region.do("attach_awaited_document", awaited_outcome="absent")

    assert "contact_patient" in region.open()
    assert names(region) == ["IRM"]


def test_a_missing_piece_is_chased_and_joins_the_rcp_file(region: Region) -> None:
    region.open_case()
    region.announce()
    region.do("choose_rcp", rcp_session_id=region.plan_session(10))
    region.do("register_for_rcp", question="Quel traitement ?")
    region.do(
        "attach_documents",
        pieces=[
            {"kind": "pathology", "state": "attached"},
            {"kind": "imaging", "state": "missing", "author": "Dr Corre"},
        ],
    )
    assert names(region) == ["Imagerie"]
    region.do(
        "attach_awaited_document", awaited_outcome="received", awaited_result_date=region.day()
    )

    assert names(region) == []
    assert region.case_data()["pieces"] == [
        {"kind": "pathology", "state": "attached"},
        {"kind": "imaging", "state": "attached", "author": "Dr Corre", "date": region.day()},
    ]


def test_anything_may_be_followed_from_the_page_of_the_case(region: Region) -> None:
    region.open_case()
    region.declare("document_follow_up_requested", by="idec")
    region.do("describe_awaited_document", awaited_name="Courrier du cardiologue")

    assert names(region) == ["Courrier du cardiologue"]
    region.do("attach_awaited_document", awaited_outcome="cancelled", awaited_note="Plus utile")
    assert names(region) == []


def test_a_death_ends_what_was_awaited(region: Region) -> None:
    await_exams(region, "IRM", "Scanner")
    region.declare("death_declared")
    region.do("record_death", death_date=region.day())

    assert region.open() == ["inform_after_death"]
