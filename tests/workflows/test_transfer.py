"""A case is proposed to another team: rights move once it accepts, history stays, nothing restarts."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.db import transaction
from engine.errors import Conflict, Forbidden, Invalid
from tests.factories import make_unit, make_user
from tests.workflows.pathway import Region
from workflows.access import can_read_case
from workflows.cases.care_team import care_team
from workflows.cases.models import Episode, FormerTeam, TaskOffer
from workflows.staff.models import User


@pytest.fixture
def chu(region: Region) -> Region:
    """Another establishment, with its physician, its nurse and a surgeon."""
    with transaction(region.database) as db:
        unit = make_unit(db, "Hématologie du CHU")
        region.people["chu"] = unit.id
        for who, role in (
            ("haematologist", "referring_physician"),
            ("chu_idec", "idec"),
            ("chu_secretary", "secretary"),
        ):
            region.people[who] = make_user(db, f"Chu {who}", unit=unit, roles=(role,)).id
    region.open_case()
    region.announce()
    return region


def propose(region: Region, **answers: object) -> None:
    given = {
        "receiving_unit_id": region.people["chu"],
        "transfer_reason": "expertise",
        "transfer_patient_agrees": "yes",
        "transfer_summary": "Rechute, CAR-T à discuter.",
    }
    region.do("propose_transfer", **given | answers)


def accept(region: Region, by: str = "haematologist") -> None:
    region.do(
        "accept_transfer",
        by=by,
        transfer_accepted=True,
        receiving_physician=region.people["haematologist"],
        receiving_idec=region.people["chu_idec"],
    )


def reads(region: Region, who: str) -> bool:
    with transaction(region.database) as db:
        return can_read_case(db, region.person(db, who), region.case_id)


def offered(db: Session, region: Region, element: str) -> set[int | None]:
    task = region._task(db, element)
    return set(db.scalars(sa.select(TaskOffer.holder_id).filter_by(task_id=task.id)))


def test_the_receiving_physicians_are_asked_and_read_the_case_to_answer(chu: Region) -> None:
    assert not reads(chu, "haematologist")
    chu.declare("transfer_declared")
    propose(chu)

    assert reads(chu, "haematologist")
    with pytest.raises(Forbidden):
        accept(chu, by="referring_physician")
    with pytest.raises(Forbidden):
        accept(chu, by="chu_secretary")


def test_accepted_rights_team_and_open_steps_move_and_no_token_does(chu: Region) -> None:
    running = chu.running()
    chu.declare("transfer_declared")
    propose(chu)
    before = set(chu.open()) - {"accept_transfer"}
    accept(chu)

    assert set(chu.open()) == before
    assert chu.running() == running
    assert reads(chu, "chu_idec")
    assert not reads(chu, "idec")
    assert not reads(chu, "referring_physician")
    with transaction(chu.database) as db:
        assert db.get_one(Episode, chu.case_id).unit_id == chu.people["chu"]
        team = {one.role: one.user_id for one in care_team(db, chu.case_id)}
        assert team["referring_physician"] == chu.people["haematologist"]
        assert offered(db, chu, "nursing_time") == {chu.people["chu_idec"]}
    with pytest.raises(Forbidden):
        chu.do("nursing_time", by="idec", nursing_time_status="done")
    chu.do("nursing_time", by="chu_idec", nursing_time_status="done")


def test_the_former_team_is_remembered_with_the_moment_it_left(chu: Region) -> None:
    chu.declare("transfer_declared")
    propose(chu)
    chu.on(4)
    accept(chu)

    with transaction(chu.database) as db:
        (row,) = db.scalars(sa.select(FormerTeam))
        assert (row.case_id, row.unit_id) == (chu.case_id, chu.people["unit"])
        assert row.until_at == chu.now


def test_an_rcp_keeps_what_was_brought_to_it_and_what_it_has_to_do(chu: Region) -> None:
    session_id = chu.plan_session(8)
    chu.do("choose_rcp", rcp_session_id=session_id)
    chu.do("register_for_rcp", question="Quel traitement ?")
    chu.declare("transfer_declared")
    propose(chu)
    accept(chu)

    assert reads(chu, "coordinator")
    chu.do("attach_documents")


def test_refused_the_other_team_reads_no_more_and_a_third_may_be_asked(chu: Region) -> None:
    chu.declare("transfer_declared")
    propose(chu)
    with pytest.raises(Invalid, match="pourquoi"):
        chu.do("accept_transfer", by="haematologist", transfer_accepted=False)
    chu.do(
        "accept_transfer",
        by="haematologist",
        transfer_accepted=False,
        transfer_refusal_reason="capacity",
    )

    assert not reads(chu, "haematologist")
    assert reads(chu, "idec")
    chu.do("review_refusal", transfer_elsewhere=True)
    propose(chu)
    accept(chu)
    assert reads(chu, "haematologist")


def test_a_proposal_may_be_taken_back_as_long_as_nobody_has_answered(chu: Region) -> None:
    chu.declare("transfer_declared")
    with pytest.raises(Conflict, match="n’est plus attendu"):
        chu.declare("transfer_cancelled")
    propose(chu)
    chu.declare("transfer_cancelled")

    assert "accept_transfer" not in chu.open()
    assert not reads(chu, "haematologist")
    assert "transfer" not in chu.running()


def test_a_transfer_without_the_patient_or_to_oneself_or_to_nobody_is_refused(
    chu: Region,
) -> None:
    with transaction(chu.database) as db:
        empty = make_unit(db, "Service vide").id
    chu.declare("transfer_declared")

    with pytest.raises(Invalid, match="accord du patient"):
        propose(chu, transfer_patient_agrees="no")
    with pytest.raises(Invalid, match="déjà suivi par cette équipe"):
        propose(chu, receiving_unit_id=chu.people["unit"])
    with pytest.raises(Invalid, match="aucun médecin"):
        propose(chu, receiving_unit_id=empty)
    assert "propose_transfer" in chu.open()


def test_the_person_named_to_follow_the_case_works_in_the_receiving_team(chu: Region) -> None:
    chu.declare("transfer_declared")
    propose(chu)

    with pytest.raises(Invalid, match="pas de l’équipe destinataire"):
        chu.do(
            "accept_transfer",
            by="haematologist",
            transfer_accepted=True,
            receiving_physician=chu.people["referring_physician"],
        )
    with transaction(chu.database) as db:
        assert db.get_one(User, chu.people["idec"]).active
    assert reads(chu, "idec")
