"""Two cases of one tumour: a physician closes the one too many; a paper never waits for a wrong name."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import queries
from engine.db import transaction
from engine.errors import Conflict, Forbidden
from engine.models import AuditEntry, Case, CaseState
from tests.workflows.pathway import Region
from workflows.cases import duplicates, lifecycle, operations
from workflows.cases.models import Episode
from workflows.patients import correcting
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import RegistrationState
from workflows.records import queries as records

SHEET = "C15262"


def second_case(region: Region, organ: str = "breast") -> int:
    """The same patient again; its number."""
    with transaction(region.database) as db:
        episode = operations.open_case(
            db,
            patient_id=db.get_one(Episode, region.case_id).patient_id,
            unit_id=region.people["unit"],
            organ=organ,
            user=region.person(db, "secretary"),
            now=region.now,
            confirmed=True,
        )
        return episode.case_id


def close(region: Region, db: Session, case_id: int, kept: int, by: str) -> None:
    duplicates.close_as_duplicate(
        db, case_id=case_id, kept_id=kept, user=region.person(db, by), now=region.now
    )


def test_the_one_too_many_is_closed_and_names_the_one_that_goes_on(region: Region) -> None:
    region.open_case()
    region.announce()
    region.register(region.plan_session(10))
    kept = second_case(region)

    with transaction(region.database) as db:
        close(region, db, region.case_id, kept, "referring_physician")

    with transaction(region.database) as db:
        case = db.get_one(Case, region.case_id)
        assert (case.state, case.closed_reason) == (
            CaseState.CLOSED,
            "Doublon du dossier ouvert le 2 mars 2026, qui continue.",
        )
        assert queries.open_tasks(db, region.case_id) == []
        assert queries.open_tasks(db, kept) != []
        assert duplicates.kept_instead(db, region.case_id) == kept
        [registration] = rcp_queries.registrations_of_case(db, region.case_id)
        assert registration.state == RegistrationState.CANCELLED
        written = db.scalars(
            sa.select(AuditEntry.action).where(AuditEntry.case_id.in_([region.case_id, kept]))
        ).all()
        assert {duplicates.ACTION, duplicates.KEPT} <= set(written)


def test_a_second_primary_keeps_its_own_case(region: Region) -> None:
    region.open_case()
    other = second_case(region, organ="lung")

    with transaction(region.database) as db:
        physician = region.person(db, "referring_physician")
        assert duplicates.of_the_same_tumour(db, case_id=region.case_id, user=physician) == []
        with pytest.raises(Conflict, match="même localisation"):
            close(region, db, region.case_id, other, "referring_physician")


def test_both_are_never_closed_for_each_other(region: Region) -> None:
    region.open_case()
    kept = second_case(region)
    with transaction(region.database) as db:
        close(region, db, region.case_id, kept, "referring_physician")

    with transaction(region.database) as db, pytest.raises(Conflict, match="Rechargez la page"):
        close(region, db, kept, region.case_id, "referring_physician")

    with transaction(region.database) as db:
        assert db.get_one(Case, kept).state == CaseState.OPEN


def test_a_secretary_closes_no_case(region: Region) -> None:
    region.open_case()
    kept = second_case(region)

    with transaction(region.database) as db, pytest.raises(Forbidden):
        close(region, db, region.case_id, kept, "secretary")


def test_the_sheet_of_a_suspended_case_is_made_again_at_once(region: Region) -> None:
    region.open_case()
    region.announce()
    region.hold_rcp(10, SHEET)
    with transaction(region.database) as db:
        lifecycle.suspend(
            db,
            case_id=region.case_id,
            reason="Voyage",
            user=region.person(db, "referring_physician"),
            now=region.now,
        )

    with transaction(region.database) as db:
        patient_id = db.get_one(Episode, region.case_id).patient_id
        correcting.correct_identity(
            db,
            patient_id=patient_id,
            birth_name="Lannig",
            birth_date=date(1947, 1, 10),
            reason="Carte d’identité",
            user=region.person(db, "identity_vigilance"),
            now=region.now,
        )
    assert region.records("rcp_sheet")[-1].version == 2
    region.do("approve_reissued_sheet", by="coordinator", reissue_checked=True)

    assert region.records("rcp_sheet")[-1].status == "approved"
    assert "approve_reissued_sheet" not in region.open()


def test_what_could_not_follow_while_suspended_follows_when_the_case_goes_on(
    region: Region,
) -> None:
    """A case of a revision whose diagram of a document made again stood still with its case."""
    region.open_case()
    region.announce()
    region.hold_rcp(10, SHEET)
    with transaction(region.database) as db:
        physician = region.person(db, "referring_physician")
        given = {"case_id": region.case_id, "user": physician, "now": region.now}
        lifecycle.suspend(db, reason="Voyage", **given)
        queries.release_of(db, region.case_id).awake.discard("reissue")
        patient_id = db.get_one(Episode, region.case_id).patient_id
        correcting.correct_identity(
            db,
            patient_id=patient_id,
            birth_name="Lannig",
            reason="Carte d’identité",
            user=region.person(db, "identity_vigilance"),
            now=region.now,
        )
        assert len(versions(db, region)) == 1

        lifecycle.resume(db, **given)

        assert len(versions(db, region)) == 2
        queries.release_of(db, region.case_id).awake.add("reissue")


def versions(db: Session, region: Region) -> list[int]:
    return [one.version for one in records.records_of(db, region.case_id)]


def test_a_second_tumour_is_kept_on_both_cases_and_an_ordinary_case_says_nothing(
    region: Region,
) -> None:
    region.open_case()
    other_organ = second_case(region, organ="lung")
    second = second_case(region)

    with transaction(region.database) as db:
        user = region.person(db, "referring_physician")
        kept = duplicates.second_tumour(db, case_id=second, user=user)
        first = duplicates.second_tumour(db, case_id=region.case_id, user=user)

        assert kept is not None
        assert (kept.is_second, kept.other_id) == (True, region.case_id)
        assert kept.confirmed_at == region.now
        assert first is not None
        assert (first.is_second, first.other_id) == (False, second)
        assert duplicates.second_tumour(db, case_id=other_organ, user=user) is None
