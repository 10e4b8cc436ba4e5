"""The alternatives of the list of tasks (domain §11) that nobody would miss until a patient did."""

from datetime import date

import pytest
import sqlalchemy as sa

from engine.db import transaction
from engine.errors import Forbidden, Invalid
from engine.models import AuditEntry
from tests.workflows.pathway import Region
from workflows.cases import care_team
from workflows.cases.audience import people_offered
from workflows.notices.models import Notice
from workflows.rcp.completeness import missing
from workflows.rcp.models import Rcp

CHEMOTHERAPY, SURGERY = "C15632", "387713003"
HORMONES = "C15445"
CALENDAR = "GEN-176"


@pytest.fixture
def announced(region: Region) -> Region:
    region.open_case()
    region.announce()
    return region


def offered(region: Region, element: str) -> set[int]:
    task = region.task(element)
    with transaction(region.database) as db:
        return {person.id for person in people_offered(db, task.id)}


# ── A ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", ["postponed", "refused"])
def test_a_nursing_time_that_was_not_held_is_offered_again(announced: Region, status: str) -> None:
    announced.do(
        "nursing_time", nursing_time_status=status, nursing_time_next_date=announced.day(10)
    )
    assert not {"nursing_time", "assess_support_needs"} & set(announced.open())

    announced.on(10)
    announced.do("nursing_time", nursing_time_status="done", nursing_time_date=announced.day())

    assert "assess_support_needs" in announced.open()


def test_a_nursing_time_put_off_says_to_when(announced: Region) -> None:
    with pytest.raises(Invalid, match="quel jour reproposer"):
        announced.do("nursing_time", nursing_time_status="postponed")


def test_offered_again_and_without_object_it_does_not_come_back_for_ever(
    announced: Region,
) -> None:
    announced.do(
        "nursing_time", nursing_time_status="refused", nursing_time_next_date=announced.day(1)
    )
    announced.on(1)
    announced.skip("nursing_time")

    assert "assess_support_needs" in announced.open()


def test_a_minor_is_informed_with_their_representative(region: Region) -> None:
    region.open_case(born=date(2012, 5, 4))
    region.do("check_identity", identity_check="verified")
    told = {"information_date": region.day(), "sharing_opposition": False}

    with pytest.raises(Invalid, match="représentant légal"):
        region.do("inform_patient", information_to="patient", **told)
    region.do("inform_patient", information_to="both", **told)

    assert "attach_pathology_report" in region.open()


def test_an_incomplete_referral_is_completed_by_who_sent_it(region: Region) -> None:
    """A01; and A03, which the nurse does as well, with the representative of a protected adult."""
    region.open_case()
    region.do(
        "check_identity",
        identity_check="verified",
        legal_representative="Mme Le Bihan, tutrice",
        referred_by="Dr Corre",
        referral_missing="Mammographie",
    )
    (asked,) = region.instances("awaited_document")
    assert region.answers(asked)["awaited_from"] == "Dr Corre"
    assert "Mammographie" in region.task("attach_awaited_document").name
    people = region.people
    assert offered(region, "inform_patient") == {people["referring_physician"], people["idec"]}
    told = {"information_date": region.day(), "sharing_opposition": False}

    with pytest.raises(Invalid, match="nomme un représentant légal"):
        region.do("inform_patient", by="idec", information_to="patient", **told)
    region.do("inform_patient", by="idec", information_to="both", **told)
    region.do("attach_pathology_report", pathology_result="inconclusive")
    assert region.task("attach_pathology_report").name.endswith("nouveau prélèvement")
    region.do("attach_pathology_report", pathology_result="benign")

    assert region.case_state() == "closed"  # nothing is chased for a case that is none


@pytest.mark.parametrize("tumour", [{"topography": "C83.3"}, {"topography": "C49"}])
def test_a_rare_tumour_or_a_lymphoma_says_whether_it_is_read_twice(
    region: Region, tumour: dict[str, str]
) -> None:
    region.open_case()
    region.do("check_identity", identity_check="verified")
    region.do("inform_patient", information_date=region.day(), sharing_opposition=False)
    report = {"pathology_report_date": region.day(), "pathology_result": "malignant", **tumour}

    with pytest.raises(Invalid, match="double lecture"):
        region.do("attach_pathology_report", **report)
    region.do("attach_pathology_report", second_reading="requested", **report)

    with pytest.raises(Invalid, match="concordante ou discordante"):
        region.do("attach_awaited_document", awaited_outcome="received")
    region.do(
        "attach_awaited_document", awaited_outcome="received", second_reading_result="discordant"
    )

    assert region.case_data()["second_reading"] == "discordant"
    assert "choose_rcp" not in region.open()  # the announcement leads to one


# ── R ───────────────────────────────────────────────────────────────────────────────────────


def test_an_expert_opinion_is_chased_until_its_sheet_is_approved(announced: Region) -> None:
    with transaction(announced.database) as db:
        db.get_one(Rcp, announced.rcp_id).is_expert = True
    announced.hold_rcp(2, proposal="expert_rcp", expert_rcp_id=announced.rcp_id)
    assert announced.due("attach_awaited_document") == date(2026, 3, 14)
    assert "Avis de la RCP de recours" in announced.task("attach_awaited_document").name

    announced.hold_rcp(9, SURGERY)

    assert "attach_awaited_document" not in announced.open()
    assert announced.case_data()["exams"][-1]["exam"] == "Avis de la RCP de recours"


def test_a_reading_that_disagrees_brings_the_case_back_before_an_rcp(region: Region) -> None:
    """A06, R17: what is read or examined after the meeting is not lost for it."""
    region.open_case()
    region.announce(second_reading="requested")
    region.hold_rcp(8, CHEMOTHERAPY)
    assert "double lecture" in missing(region.case_data(), None)

    region.do(
        "attach_awaited_document", awaited_outcome="received", second_reading_result="discordant"
    )

    (again,) = [one for one in region.instances("rcp") if one.state == "running"]
    assert region.answers(again)["rcp_reason"] == "change"
    assert "double lecture" not in missing(region.case_data(), None)


def test_what_an_rcp_concludes_to_ask_for_is_chased_and_its_physician_told(
    announced: Region,
) -> None:
    announced.hold_rcp(
        8, proposal="examinations", requested_exams=[{"exam": "TEP-scan", "latest": "2026-03-12"}]
    )
    assert announced.due("attach_awaited_document") == date(2026, 3, 22)

    announced.do("attach_awaited_document", awaited_outcome="received")

    with transaction(announced.database) as db:
        told = db.execute(sa.select(Notice.user_id, Notice.text).filter_by(kind="result")).all()
    assert told == [
        (
            announced.people["requesting_physician"],
            "Demandé par la RCP, reçu\u202f: TEP-scan. Le dossier peut y repasser.",
        )
    ]


# ── P and T01 ───────────────────────────────────────────────────────────────────────────────


def planned(region: Region) -> None:
    region.hold_rcp(8, CHEMOTHERAPY)
    region.on(10)
    region.do("propose_treatment", proposal_date=region.day(), patient_decision="accepts")
    region.do("complete_pps_treatment")
    region.do("complete_pps_support")
    region.do("approve_pps")
    region.do(  # P09: by a nurse the physician has delegated
        "hand_over_pps",
        by="idec",
        pps_handover_date=region.day(),
        handed_over_by=region.people["idec"],
    )


def test_a_delay_that_is_too_long_is_told_to_the_physician(announced: Region) -> None:
    planned(announced)
    with transaction(announced.database) as db:
        db.execute(sa.delete(Notice))

    announced.do("plan_appointments", by="idec", delay_comment="Aucune place avant cinq semaines")

    with transaction(announced.database) as db:
        texts = list(db.scalars(sa.select(Notice.text).filter_by(kind="appointment_delay")))
    assert texts == ["Rendez-vous plus tardifs que prévu\u202f: Aucune place avant cinq semaines"]


def test_only_a_physician_lifts_the_block_before_a_treatment(announced: Region) -> None:
    planned(announced)
    announced.do("plan_appointments")
    waiver = {
        "prerequisites_outcome": "waived",
        "check_dental": "missing",
        "waiver_reason": "Urgence de la décompression.",
    }

    with pytest.raises(Invalid, match="décidé par un médecin"):
        announced.do("check_prerequisites", waiver_by=announced.people["idec"], **waiver)
    announced.do("check_prerequisites", waiver_by=announced.people["oncologist"], **waiver)

    with transaction(announced.database) as db:
        (entry,) = db.scalars(
            sa.select(AuditEntry).filter_by(action="treatment.prerequisites_waived")
        )
    assert entry.detail == {
        "by": announced.people["oncologist"],
        "reason": "Urgence de la décompression.",
        "missing": ["dental"],
    }


def test_the_nurse_alone_updates_a_calendar_and_nothing_else(announced: Region) -> None:
    planned(announced)
    announced.declare("pps_update_requested", by="idec")
    added = [*announced.treatments(), {"kind": SURGERY, "status": "planned"}]

    with pytest.raises(Invalid, match="change les traitements"):
        announced.do("revise_pps", pps_update_reason=CALENDAR, treatments=added)
    later = [row | {"planned_start": "2026-04-02"} for row in announced.treatments()]
    announced.do("revise_pps", pps_update_reason=CALENDAR, treatments=later)
    announced.do("approve_pps", by="idec")

    assert [one.status for one in announced.records("pps")] == ["replaced", "approved"]


def test_a_treatment_that_changes_is_read_by_a_physician(announced: Region) -> None:
    designate(announced, "referring_physician")
    planned(announced)
    announced.declare("pps_update_requested", by="idec")
    added = [*announced.treatments(), {"kind": SURGERY, "status": "planned"}]
    announced.do(
        "revise_pps", by="referring_physician", pps_update_reason="MED-560", treatments=added
    )

    with pytest.raises(Forbidden):
        announced.do("approve_pps", by="idec")


# ── F ───────────────────────────────────────────────────────────────────────────────────────

PLAN = [
    {"exam": "Consultation", "first_due": "2026-10-01", "interval_months": 6, "actor": "gp"},
    {"exam": "Mammographie", "first_due": "2027-03-01", "interval_months": 12, "actor": "surgeon"},
]


def finish(region: Region) -> None:
    """A treatment that ends, the visit after it, the programme that the nurse prepares."""
    region.hold_rcp(8, HORMONES)
    region.hand_over([{"kind": HORMONES, "status": "planned"}])
    region.do(
        "close_treatment", treatment_outcome="after_treatment", treatment_end_date=region.day()
    )
    region.do("end_of_treatment_visit")
    region.do("prepare_ppac", surveillance_plan=PLAN)


def give(region: Region, *, update: bool = False) -> None:
    region.do("approve_ppac")
    region.do(
        "hand_over_ppac",
        ppac_handover_date=region.day(),
        handed_over_by=region.people["oncologist"],
    )
    if not update:
        region.do("prescribe_global_pathway")


def designate(region: Region, *roles: str) -> None:
    with transaction(region.database) as db:
        care_team.designate(
            db,
            case_id=region.case_id,
            members={role: region.people[role] for role in roles},
            actor="system",
            now=region.now,
        )


def actors(region: Region) -> list[str]:
    return [row["actor"] for row in region.case_data()["surveillance_plan"]]


@pytest.mark.parametrize(
    ("answer", "who"),
    [("agreed", "gp"), ("changes", "gp"), ("declined", "oncologist"), ("no_answer", "oncologist")],
)
def test_the_follow_up_is_the_gps_only_if_they_agree(
    announced: Region, answer: str, who: str
) -> None:
    finish(announced)

    announced.do("agree_with_gp", gp_agreement=answer)

    assert actors(announced) == [who, "surgeon"]


def test_without_an_answer_the_follow_up_is_the_hospitals(announced: Region) -> None:
    finish(announced)
    announced.on(8 + 16)

    assert "approve_ppac" in announced.open()
    assert actors(announced) == ["oncologist", "surgeon"]


def test_a_control_is_asked_of_whom_the_calendar_names(announced: Region) -> None:
    designate(announced, "general_practitioner", "surgeon", "oncologist")
    finish(announced)
    announced.do("agree_with_gp", gp_agreement="agreed")
    give(announced)
    announced.on(190)

    people = announced.people
    assert offered(announced, "record_control") == {
        people["oncologist"],
        people["general_practitioner"],
    }
    announced.do(
        "record_control",
        by="general_practitioner",
        control_result="normal",
        surveillance_continues=True,
        next_control_date="2027-03-01",
    )
    announced.on(340)
    assert offered(announced, "record_control") == {people["oncologist"], people["surgeon"]}


def test_the_global_pathway_is_prescribed_within_the_year(announced: Region) -> None:
    finish(announced)
    designate(announced, "general_practitioner")
    announced.do("agree_with_gp", gp_agreement="agreed")
    give(announced, update=True)
    assert {"global_pathway", "surveillance"} <= set(announced.running())  # neither waits
    announced.on(8 + 366)

    with pytest.raises(Invalid, match="douze mois"):
        announced.do("prescribe_global_pathway", global_pathway="prescribed")
    announced.do(
        "prescribe_global_pathway", by="general_practitioner", global_pathway="not_eligible"
    )

    assert "prescribe_global_pathway" not in announced.open()
    said = announced.case_data()["calendar_ahead"]
    assert said == "Mammographie le 1er mars 2027\u202f; Consultation le 1er avril 2027"


def test_a_palliative_treatment_has_no_ppac(announced: Region) -> None:
    announced.hold_rcp(8, HORMONES)
    announced.hand_over([{"kind": HORMONES, "status": "planned"}])
    announced.case_holds(treatment_intent="palliative")

    with pytest.raises(Invalid, match="le PPS continue"):
        announced.do("close_treatment", treatment_outcome="after_treatment")
    announced.do("close_treatment", treatment_outcome="rcp", needs_reassessed="no")

    assert "choose_rcp" in announced.open()
    assert announced.open().count("nursing_time") == 2  # that of the announcement, and T20


def test_a_sign_between_two_controls_is_explored(announced: Region) -> None:
    finish(announced)
    announced.declare("suspicion_reported", by="idec")
    assert announced.task("explore_suspicion").is_high_priority
    announced.do("explore_suspicion", relapse_confirmed=True)

    assert "record_progression" in announced.open()


def test_a_treatment_proposed_during_the_surveillance_is_not_forgotten(announced: Region) -> None:
    finish(announced)
    announced.do("agree_with_gp", gp_agreement="agreed")
    give(announced)
    announced.declare("rcp_requested")
    announced.hold_rcp(30, CHEMOTHERAPY)
    with pytest.raises(Invalid, match="quelle suite"):
        announced.do("follow_opinion")
    announced.do(
        "follow_opinion",
        opinion_followed="relapse",
        progression_date=announced.day(),
        progression_kind=["MED-246"],
    )

    assert {"after_treatment", "surveillance"} & set(announced.running()) == set()
    assert {"announce_progression", "propose_treatment"} <= set(announced.open())
    assert "choose_rcp" not in announced.open()  # that RCP has been held
    announced.do("propose_treatment", proposal_date=announced.day(), patient_decision="refuses")
    announced.do(
        "trace_refusal",
        refusal_date=announced.day(),
        refusal_scope="all",
        refusal_information="Les conséquences ont été dites.",
        refusal_outcome="rcp",
        refusal_review_date=announced.day(30),
    )
    assert "choose_rcp" in announced.open()  # it served once


def test_a_second_cancer_is_given_its_own_case(announced: Region) -> None:
    finish(announced)
    announced.do("agree_with_gp", gp_agreement="agreed")
    give(announced)
    announced.on(190)
    announced.do("record_control", control_result="suspicion", surveillance_continues=True)

    with pytest.raises(Invalid, match="l’un des deux"):
        announced.do("explore_suspicion", relapse_confirmed=True, second_cancer=True)
    announced.do("explore_suspicion", relapse_confirmed=False, second_cancer=True)

    assert "record_progression" not in announced.open()
    assert announced.due("open_second_case") == date(2026, 9, 9)
    announced.do("open_second_case", second_case_opened="yes")
    assert "open_second_case" not in announced.open()
