"""After the meeting: one approval wins, a correction is a new version, an opinion needs no pathway."""

import threading
from datetime import date

import pytest
import sqlalchemy as sa

from engine import queries
from engine.db import transaction
from engine.errors import Conflict, Forbidden, Refusal
from engine.models import Case
from tests.factories import make_patient, make_user
from tests.workflows.founding import found
from tests.workflows.pathway import Region
from workflows.cases import operations as cases
from workflows.notices.models import Notice
from workflows.rcp import operations as rcp
from workflows.rcp.models import MemberFunction
from workflows.records import contexts
from workflows.records.rendering import document

SURGERY, CHEMOTHERAPY = "387713003", "C15632"


def correct(region: Region, by: str = "coordinator") -> None:
    with transaction(region.database) as db:
        rcp.request_correction(
            db,
            registration_id=region.registrations()[-1].id,
            user=region.person(db, by),
            now=region.now,
        )


def deputy(region: Region) -> None:
    with transaction(region.database) as db:
        region.people["deputy"] = make_user(db, "Yann Kervella").id
        rcp.add_member(
            db,
            rcp_id=region.rcp_id,
            user_id=region.people["deputy"],
            function=MemberFunction.DEPUTY,
            specialty="SM36",
            actor="system",
            now=region.now,
        )


# — Approval —


def test_of_two_approvals_at_once_one_wins_and_the_other_reads_a_sentence(
    any_database: sa.Engine,
) -> None:
    region = found(any_database)
    region.open_case()
    region.announce()
    deputy(region)
    session = region.plan_session(8)
    region.register(session)
    region.on(8)
    region.meet(session)
    region.do("discuss_case", by="coordinator", opinion_given="yes")
    region.do("record_rcp_decision", proposals=[{"kind": SURGERY}], rcp_proposal="treatment")
    task_id = region.task("approve_rcp_sheet").id
    start = threading.Barrier(2)
    refused: list[Refusal] = []

    def approve(who: str) -> None:
        start.wait()
        try:
            with transaction(region.database) as db:
                user = region.person(db, who)
                cases.complete_task(db, task_id=task_id, answers={}, user=user, now=region.now)
        except Refusal as refusal:
            refused.append(refusal)

    both = [threading.Thread(target=approve, args=(who,)) for who in ("coordinator", "deputy")]
    for one in both:
        one.start()
    for one in both:
        one.join()

    (sheet,) = region.records("rcp_sheet")
    assert sheet.status == "approved"
    assert [one.status for one in refused] == [409]
    assert refused[0].message.endswith(".")
    assert "lock" not in refused[0].message


# — Correction —


def test_a_correction_is_a_new_version_that_names_the_one_it_replaces(region: Region) -> None:
    region.open_case()
    region.announce()
    region.hold_rcp(8, SURGERY)

    correct(region)
    assert region.records("rcp_sheet")[0].status == "approved"
    region.do(
        "correct_rcp_sheet",
        correction_motive="typing_error",
        rcp_proposal="treatment",
        proposals=[{"kind": CHEMOTHERAPY, "intention_rank": "1"}],
    )
    before, after = region.records("rcp_sheet")
    assert (before.status, after.status, after.version) == ("approved", "draft", 2)
    region.do("approve_rcp_sheet")

    before, after = region.records("rcp_sheet")
    assert (before.status, after.status) == ("replaced", "approved")
    assert (after.set_id, after.replaces_id) == (before.set_id, before.id)
    assert after.distributed_at is not None
    with transaction(region.database) as db:
        shown = document(db, after)
        assert shown["replaces"]["version"] == 1
        assert shown["update_reason"] == "erreur de saisie"
        told = db.scalars(sa.select(Notice).where(Notice.key == f"record:{after.id}")).all()
        assert {one.user_id for one in told} >= {
            one.user_id
            for one in db.scalars(sa.select(Notice).where(Notice.key == f"record:{before.id}"))
        }
        assert "qui remplace la version 1" in told[0].text
        context = contexts.build(
            db,
            kind="rcp_sheet",
            case_id=region.case_id,
            instance_id=after.instance_id,
            now=region.now,
        )
        proposed = context["opinion"]["intentions"][0]["proposals"]
        assert [one["name"] for one in proposed] == ["Chimiothérapie"]


def test_a_correction_starts_from_what_was_said(region: Region) -> None:
    region.open_case()
    region.announce()
    region.hold_rcp(8, SURGERY)

    correct(region)

    task = region.task("correct_rcp_sheet")
    with transaction(region.database) as db:
        known = queries.instance_data(db, task.instance_id)
    assert [row["kind"] for row in known["proposals"]] == [SURGERY]
    assert known["rcp_proposal"] == "treatment"


def test_only_the_leaders_correct_and_one_correction_at_a_time(region: Region) -> None:
    region.open_case()
    region.announce()
    region.hold_rcp(8, SURGERY)

    for somebody in ("rcp_secretary", "surgeon_member", "oncologist"):
        with pytest.raises(Forbidden, match="médecin coordonnateur"):
            correct(region, by=somebody)
    correct(region)
    with pytest.raises(Conflict, match="déjà en cours"):
        correct(region)


def test_a_draft_is_not_corrected_it_is_sent_back(region: Region) -> None:
    region.open_case()
    region.announce()
    session = region.plan_session(8)
    region.register(session)
    region.on(8)
    region.meet(session)
    region.do("discuss_case", by="coordinator", opinion_given="yes")
    region.do("record_rcp_decision", proposals=[{"kind": SURGERY}], rcp_proposal="treatment")

    with pytest.raises(Conflict, match="Seule une fiche validée"):
        correct(region)


# — An opinion, without a pathway —


@pytest.fixture
def referred(region: Region) -> Region:
    """A patient followed elsewhere, sent for an opinion only."""
    with transaction(region.database) as db:
        patient = make_patient(db, "Ronan Le Meur", born=date(1951, 6, 2))
        episode = cases.open_case(
            db,
            patient_id=patient.id,
            unit_id=region.people["unit"],
            organ="breast",
            pathway="opinion",
            user=region.person(db, "secretary"),
            now=region.now,
        )
        region.case_id = episode.case_id
    region.do("check_identity", identity_check="verified")
    return region


def inform(region: Region, *, opposed: bool = False) -> None:
    region.do("inform_patient", information_date=region.day(), sharing_opposition=opposed)


def test_a_case_without_pathway_gets_its_opinion_and_ends(referred: Region) -> None:
    inform(referred)
    referred.hold_rcp(8, SURGERY)
    assert "announce_diagnosis" not in referred.open()
    assert referred.records("rcp_sheet")[0].status == "approved"

    referred.do("choose_follow_on", opinion_follow_on="none")

    # Whether the opinion was applied is still asked; nothing else is.
    assert set(referred.open()) <= {"trace_proposal"}


def test_a_patient_who_stays_enters_the_pathway_with_what_was_said(referred: Region) -> None:
    inform(referred)
    referred.hold_rcp(8, SURGERY)

    referred.do("choose_follow_on", opinion_follow_on="pathway")

    assert "check_identity" in referred.open()
    assert len(referred.records("rcp_sheet")) == 1


def test_a_patient_who_opposes_is_brought_to_no_meeting(referred: Region) -> None:
    inform(referred, opposed=True)

    assert "choose_rcp" not in referred.open()
    with transaction(referred.database) as db:
        assert db.get_one(Case, referred.case_id).state != "open"


def test_examinations_bring_the_opinion_back_to_a_meeting(referred: Region) -> None:
    inform(referred)
    session = referred.plan_session(8)
    referred.register(session)
    referred.on(8)
    referred.meet(session)
    referred.do("discuss_case", by="coordinator", opinion_given="yes")
    referred.do("record_rcp_decision", rcp_proposal="examinations")
    referred.do("approve_rcp_sheet")

    assert "choose_rcp" in referred.open()
    assert "choose_follow_on" not in referred.open()
