"""15–24 years: adult and paediatric oncology both speak, present or in writing (D.6124-131-1)."""

from datetime import date

from engine.db import transaction
from tests.workflows.pathway import Region
from workflows.rcp import expected
from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries


def _called(region: Region, born: date, *, opinion: bool = False) -> tuple[str, list[str]]:
    region.open_case(born=born)
    session_id = region.plan_session(8)
    region.announce()
    region.register(session_id)
    if opinion:
        (registration,) = region.registrations()
        with transaction(region.database) as db:
            rcp.add_opinion(
                db, registration_id=registration.id, author="Dr Le Bris", specialty="SM40",
                text="D’accord avec la chirurgie.", actor="system", now=region.now,
            )  # fmt: skip
    with transaction(region.database) as db:
        before = expected.expectation(db, rcp_queries.session(db, session_id))
    region.on(8)
    region.meet(session_id)
    found = region.registrations()[-1].quorum
    assert found is not None
    assert list(before.missing) == found["missing"]  # said while there is time to find somebody
    assert before.own_lack(region.registrations()[-1].id) == before.missing
    return str(found["status"]), list(found["missing"])


def test_the_missing_expertise_is_named(region: Region) -> None:
    assert _called(region, date(2006, 5, 1)) == (
        "not_reached",
        ["Oncologie pédiatrique (15–24 ans)"],
    )


def test_a_complementary_opinion_is_enough(region: Region) -> None:
    assert _called(region, date(2006, 5, 1), opinion=True) == ("reached", [])


def test_at_twenty_five_the_standard_quorum_is_enough(region: Region) -> None:
    assert _called(region, date(2001, 1, 1)) == ("reached", [])
