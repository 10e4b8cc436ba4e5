"""X09: a doubt stops what leaves the case; a person settles it; documents go out under the right name."""

from datetime import date

import pytest
import sqlalchemy as sa

from engine import queries
from engine.db import reading, transaction
from engine.errors import Conflict, Forbidden, Invalid
from engine.models import AuditEntry
from tests.factories import make_patient, make_unit, make_user
from tests.workflows.pathway import Region
from workflows.cases import events, operations
from workflows.cases.models import Episode
from workflows.notices.models import Notice
from workflows.patients import correcting, doubts, history, merging, unmerging
from workflows.patients import queries as patients
from workflows.patients.models import Decision, Patient
from workflows.staff.models import User

SHEET = "C15262"


@pytest.fixture
def decided(region: Region) -> Region:
    """A case whose RCP sheet is approved."""
    region.open_case()
    region.announce()
    region.hold_rcp(10, SHEET)
    return region


def patient_of(region: Region) -> int:
    with reading(region.database) as db:
        return db.get_one(Episode, region.case_id).patient_id


def vigilance(region: Region, db) -> User:  # type: ignore[no-untyped-def]
    return region.person(db, "identity_vigilance")


def settle(region: Region, decision: str, **more: str) -> None:
    region.do(
        "settle_identity",
        identity_decision=decision,
        identity_decision_reason="Carte d’identité revue au secrétariat",
        **more,
    )


def test_a_doubt_declared_on_the_case_suspends_sharing_and_asks_identitovigilance(
    region: Region,
) -> None:
    region.open_case()
    region.announce()

    region.declare("identity_doubted", by="secretary", identity_doubt_reason="Deux prénoms")

    assert "settle_identity" in region.open()
    assert region.due("settle_identity") == date(2026, 3, 3)
    with transaction(region.database) as db:
        patient = db.get_one(Patient, patient_of(region))
        assert (patient.is_doubtful, patient.ins_status) == (True, "provisional")
        assert doubts.open_doubt(db, patient.id).reason == "Deux prénoms"  # type: ignore[union-attr]
        assert "rcp_requested" not in {
            one.message
            for one in events.events_offered(
                db, case_id=region.case_id, user=region.person(db, "referring_physician")
            )
        }
        told = db.scalars(sa.select(Notice).where(Notice.kind == "identity")).all()
        assert {notice.user_id for notice in told} == {region.people["idec"]}


def test_in_quarantine_no_rcp_no_approval_no_hand_over(region: Region) -> None:
    region.open_case()
    region.announce()
    session_id = region.plan_session(10)
    region.do("choose_rcp", rcp_session_id=session_id)
    region.declare("identity_doubted", by="secretary")

    with pytest.raises(Conflict, match="identité de ce patient est en doute"):
        region.do("register_for_rcp", question="Quel traitement ?")
    settle(region, "confirmed")
    region.do("register_for_rcp", question="Quel traitement ?")
    region.do("complete_rcp_sheet")
    region.do("attach_documents")
    region.do("accept_registration", registration_accepted=True)
    region.declare("identity_doubted", by="secretary")
    region.on(10)
    with pytest.raises(Conflict, match="en doute"):
        region.meet(session_id)
    assert region.registrations()[0].called_at is None


def test_a_sheet_is_not_approved_under_a_doubtful_name(region: Region) -> None:
    region.open_case()
    region.announce()
    session_id = region.plan_session(10)
    region.register(session_id)
    region.on(10)
    region.meet(session_id)
    region.do("discuss_case", by="coordinator", opinion_given="yes")
    region.do(
        "record_rcp_decision",
        proposals=[{"kind": SHEET}],
        rcp_proposal="treatment",
        treatment_intent="curative",
    )
    region.declare("identity_doubted", by="secretary")

    with pytest.raises(Conflict, match="en doute"):
        region.do("approve_rcp_sheet")

    settle(region, "confirmed")
    region.do("approve_rcp_sheet")
    assert region.records("rcp_sheet")[-1].status == "approved"


def test_an_identity_found_right_gets_its_trust_back(region: Region) -> None:
    region.open_case()
    region.do("check_identity", identity_check="verified")
    region.declare("identity_doubted", by="secretary")

    settle(region, "confirmed")

    with transaction(region.database) as db:
        patient = db.get_one(Patient, patient_of(region))
        assert (patient.is_doubtful, patient.ins_status) == (False, "validated")
    assert "review_identity_change" not in region.open()


def test_a_gap_found_at_the_desk_is_a_doubt(region: Region) -> None:
    region.open_case()

    region.do(
        "check_identity", identity_check="discrepancy", identity_comment="Né en avril sur la carte"
    )

    assert {"settle_identity", "inform_patient"} <= set(region.open())
    with transaction(region.database) as db:
        doubt = doubts.open_doubt(db, patient_of(region))
        assert doubt is not None
        assert doubt.reason == "Né en avril sur la carte"


def test_saying_corrected_or_merged_without_doing_it_is_refused(region: Region) -> None:
    region.open_case()
    region.declare("identity_doubted", by="secretary")

    with pytest.raises(Invalid, match="Corrigez d’abord"):
        settle(region, "corrected")
    with pytest.raises(Invalid, match="Fusionnez d’abord"):
        settle(region, "merged")


def test_only_identitovigilance_settles_corrects_what_was_checked_and_merges(
    region: Region,
) -> None:
    region.open_case()
    region.do("check_identity", identity_check="verified")
    patient_id = patient_of(region)
    with transaction(region.database) as db:
        other = make_patient(db, "Nolwenn Lannic", born=date(1974, 1, 10))
        secretary, given = region.person(db, "secretary"), {"reason": "Essai", "now": region.now}
        with pytest.raises(Forbidden, match="identitovigilance"):
            correcting.correct_identity(
                db, patient_id=patient_id, birth_name="Autre", user=secretary, **given
            )
        with pytest.raises(Forbidden, match="fusionner"):
            merging.merge(
                db,
                survivor_id=patient_id,
                absorbed_id=other.id,
                choices={},
                user=secretary,
                **given,
            )
        with pytest.raises(Forbidden, match="fusionner"):
            doubts.settle(
                db, patient_id=patient_id, decision=Decision.CONFIRMED, user=secretary, **given
            )


def test_a_corrected_identity_makes_its_sheet_again_and_tells_who_had_the_old_one(
    decided: Region,
) -> None:
    decided.declare("identity_doubted", by="secretary")
    with transaction(decided.database) as db:
        before = set(db.scalars(sa.select(Notice.user_id).where(Notice.kind == "document")))
        correcting.correct_identity(
            db,
            patient_id=patient_of(decided),
            birth_name="Lannig",
            birth_date=date(1947, 1, 10),
            reason="Carte d’identité",
            user=vigilance(decided, db),
            now=decided.now,
        )

    # One word settles it: the step « Trancher le doute » is answered, the sheet waits.
    assert "settle_identity" not in decided.open()
    assert {"approve_reissued_sheet", "review_identity_change"} <= set(decided.open())
    first, second = decided.records("rcp_sheet")
    assert (first.status, second.status) == ("approved", "draft")
    assert second.replaces_id == first.id
    assert second.context["patient"]["birth_name"] == "LANNIG"
    assert second.context["patient"]["age"] == "79 ans"
    changed = {"patient", "update_reason"}
    assert {k: v for k, v in first.context.items() if k not in changed} == {
        k: v for k, v in second.context.items() if k not in changed
    }
    assert decided.case_data()["patient_age"] == 79

    with pytest.raises(Invalid, match="autre personne"):
        decided.do("approve_reissued_sheet", reissue_checked=False)
    decided.do("approve_reissued_sheet", reissue_checked=True)
    first, second = decided.records("rcp_sheet")
    assert (first.status, second.status) == ("replaced", "approved")
    with transaction(decided.database) as db:
        told = db.scalars(sa.select(Notice).where(Notice.key == f"record:{second.id}")).all()
        assert {one.user_id for one in told} >= before
        assert all("à ne plus utiliser" in one.text for one in told)


def test_a_reissued_sheet_is_approved_by_the_coordinator_alone(decided: Region) -> None:
    with transaction(decided.database) as db:
        correcting.correct_identity(
            db,
            patient_id=patient_of(decided),
            used_name="Kerjean",
            reason="Mariage",
            user=vigilance(decided, db),
            now=decided.now,
        )

    with pytest.raises(Forbidden):
        decided.do("approve_reissued_sheet", by="referring_physician", reissue_checked=True)
    assert decided.records("rcp_sheet")[-1].status == "draft"


def test_an_identity_corrected_twice_asks_once_for_each_document(decided: Region) -> None:
    for name in ("Kerjean", "Kerjean-Le Bras"):
        with transaction(decided.database) as db:
            correcting.correct_identity(
                db,
                patient_id=patient_of(decided),
                used_name=name,
                reason="Mariage",
                user=vigilance(decided, db),
                now=decided.now,
            )

    assert decided.open().count("approve_reissued_sheet") == 1
    decided.do("approve_reissued_sheet", reissue_checked=True)
    assert [one.status for one in decided.records("rcp_sheet")][-2:] == ["replaced", "approved"]
    assert "approve_reissued_sheet" not in decided.open()


def test_correcting_what_no_document_says_makes_none_again(decided: Region) -> None:
    with transaction(decided.database) as db:
        correcting.correct_identity(
            db,
            patient_id=patient_of(decided),
            phone="06 99 00 11 22",
            reason="Nouveau numéro",
            user=vigilance(decided, db),
            now=decided.now,
        )

    assert len(decided.records("rcp_sheet")) == 1


def _second_file(region: Region) -> tuple[int, int]:
    """The same woman at another hospital, under her married name: patient, case."""
    with transaction(region.database) as db:
        unit = make_unit(db, "Oncologie")
        secretary = make_user(db, "Odile Roux", unit=unit, roles=("secretary",))
        other = make_patient(db, "Nolwenn Lannic", born=date(1974, 10, 1), phone="02 99 00 00 01")
        episode = operations.open_case(
            db,
            patient_id=other.id,
            unit_id=unit.id,
            organ="breast",
            user=secretary,
            now=region.now,
            confirmed=True,
        )
        return other.id, episode.case_id


def test_two_files_of_one_woman_become_one(decided: Region) -> None:
    known = patient_of(decided)
    other, case_id = _second_file(decided)
    with transaction(decided.database) as db:
        lines = db.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0
        outcome = merging.merge(
            db,
            survivor_id=other,
            absorbed_id=known,
            choices={"birth_name": "survivor", "birth_date": "absorbed"},
            reason="Même carte Vitale, même adresse",
            user=vigilance(decided, db),
            now=decided.now,
        )
        assert outcome.merge.case_ids == [decided.case_id]

    with transaction(decided.database) as db:
        survivor = patients.surviving(db, known)
        assert survivor.id == other
        assert (survivor.birth_name, survivor.birth_date) == ("Lannic", date(1974, 1, 10))
        assert survivor.phone == "02 99 00 00 01"
        held = db.scalars(sa.select(Episode.case_id).where(Episode.patient_id == other))
        assert set(held) == {decided.case_id, case_id}
        assert {one.id for one in patients.search(db, "test lannic")} == {other}
        assert "merged" in {one.kind for one in history.history(db, known)}
        assert "merged" in {one.kind for one in history.history(db, other)}
        assert (db.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0) > lines
        own = db.scalars(sa.select(AuditEntry.action).filter_by(case_id=decided.case_id))
        assert "case.patient_merged" in set(own)
    first, second = decided.records("rcp_sheet")
    assert (second.replaces_id, second.context["patient"]["birth_name"]) == (first.id, "LANNIC")
    assert "approve_reissued_sheet" in decided.open()


def test_every_trait_that_differs_is_chosen_by_a_person(decided: Region) -> None:
    other, _case = _second_file(decided)
    with transaction(decided.database) as db, pytest.raises(Invalid) as refusal:
        merging.merge(
            db,
            survivor_id=patient_of(decided),
            absorbed_id=other,
            choices={"birth_name": "survivor"},
            reason="Même personne",
            user=vigilance(decided, db),
            now=decided.now,
        )

    assert set(refusal.value.fields) == {"birth_date"}


def test_a_merge_undone_gives_each_its_cases_traits_and_documents_back(decided: Region) -> None:
    known = patient_of(decided)
    other, case_id = _second_file(decided)
    with transaction(decided.database) as db:
        before = [history.snapshot(db.get_one(Patient, one)) for one in (known, other)]
        merged = merging.merge(
            db,
            survivor_id=other,
            absorbed_id=known,
            choices={"birth_name": "survivor", "birth_date": "survivor"},
            reason="Même personne",
            user=vigilance(decided, db),
            now=decided.now,
        )
        merge_id = merged.merge.id
    decided.do("approve_reissued_sheet", reissue_checked=True)

    with transaction(decided.database) as db:
        unmerging.undo(
            db,
            merge_id=merge_id,
            reason="Deux sœurs",
            user=vigilance(decided, db),
            now=decided.now,
        )

    with transaction(decided.database) as db:
        after = [history.snapshot(db.get_one(Patient, one)) for one in (known, other)]
        assert after == before
        assert db.get_one(Episode, decided.case_id).patient_id == known
        assert db.get_one(Episode, case_id).patient_id == other
        with pytest.raises(Conflict, match="déjà été défaite"):
            unmerging.undo(
                db,
                merge_id=merge_id,
                reason="Encore",
                user=vigilance(decided, db),
                now=decided.now,
            )
    names = [one.context["patient"]["birth_name"] for one in decided.records("rcp_sheet")]
    assert names == ["TEST-LANNIC", "LANNIC", "TEST-LANNIC"]


def test_two_qualified_numbers_are_two_persons(decided: Region) -> None:
    other, _case = _second_file(decided)
    with transaction(decided.database) as db:
        for patient_id, number in (
            (patient_of(decided), "274012999900154"),
            (other, "274102999900116"),
        ):
            patient = db.get_one(Patient, patient_id)
            patient.ins, patient.ins_oid, patient.ins_status = number, "1.2.3", "qualified"
        db.flush()
        with pytest.raises(Conflict, match="deux personnes pour le répertoire national"):
            merging.merge(
                db,
                survivor_id=other,
                absorbed_id=patient_of(decided),
                choices={},
                reason="Même personne",
                user=vigilance(decided, db),
                now=decided.now,
            )


def test_a_closed_case_moves_and_its_documents_are_made_again(decided: Region) -> None:
    other, _case = _second_file(decided)
    decided.close()
    with transaction(decided.database) as db:
        known = db.get_one(Episode, decided.case_id).patient_id
        outcome = merging.merge(
            db,
            survivor_id=other,
            absorbed_id=known,
            choices={"birth_name": "survivor", "birth_date": "survivor"},
            reason="Même personne",
            user=vigilance(decided, db),
            now=decided.now,
        )
        assert [one.kind for one in outcome.reissued.made] == ["rcp_sheet"]
        assert outcome.reissued.waiting == []
        assert db.get_one(Episode, decided.case_id).patient_id == other
        assert queries.case(db, decided.case_id).state == "closed"

    assert decided.open() == ["approve_reissued_sheet"]
    decided.do("approve_reissued_sheet", reissue_checked=True, by="coordinator")

    old, new = decided.records("rcp_sheet")
    assert (old.status, new.status) == ("replaced", "approved")
    assert new.context["patient"]["birth_name"] != old.context["patient"]["birth_name"]
    assert (decided.case_state(), decided.running()) == ("closed", [])


def test_closing_a_case_leaves_the_approval_under_the_right_name_to_be_given(
    decided: Region,
) -> None:
    with transaction(decided.database) as db:
        correcting.correct_identity(
            db,
            patient_id=patient_of(decided),
            reason="Carte d’identité",
            user=vigilance(decided, db),
            now=decided.now,
            birth_name="Lannic",
        )
    decided.close()

    assert decided.open() == ["approve_reissued_sheet"]
    decided.do("approve_reissued_sheet", reissue_checked=True, by="coordinator")
    assert decided.records("rcp_sheet")[-1].status == "approved"
