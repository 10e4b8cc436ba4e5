"""A patient out of reach is looked for; the case stands still and goes on; death reaches it too."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.db import transaction
from engine.errors import Conflict, Invalid
from tests.workflows.pathway import Region
from workflows.cases import lifecycle
from workflows.cases.models import TaskOffer


def look_for(region: Region, day: int = 0) -> None:
    """Three tries, the general practitioner, the letter."""
    for offset in range(3):
        region.on(day + offset)
        region.do(
            "contact_patient",
            lost_contact_date=region.day(),
            lost_contact_mode="phone",
            lost_contact_outcome="not_reached",
        )
    region.do("inform_gp", lost_gp_date=region.day(), patient_found=False)
    region.do("send_letter", lost_letter_date=region.day(), lost_letter_kind="registered")


def suspend(region: Region, *, until: int = 60) -> None:
    region.do(
        "review_lost_patient",
        lost_decision="suspend",
        lost_review_date=region.day(until),
        lost_decision_reason="Courrier resté sans réponse",
    )


def offered(region: Region) -> set[str]:
    """The forms that some inbox shows."""
    with transaction(region.database) as db:
        return set(db.scalars(sa.select(TaskOffer.form)))


def test_three_dated_tries_the_gp_and_a_letter_come_before_a_physician_decides(
    region: Region,
) -> None:
    region.open_case()
    region.announce()
    region.declare("lost_declared", by="idec")
    look_for(region)

    (lost,) = region.instances("lost")
    contacts = region.answers(lost)["lost_contacts"]
    assert [row["date"] for row in contacts] == [region.day(-2), region.day(-1), region.day()]
    task = region.task("review_lost_patient")
    assert task.lane == "Médecin référent"
    assert task.due_at
    assert (task.due_at.date() - region.now.date()).days == 15


def test_a_patient_who_answers_is_not_looked_for_any_more(region: Region) -> None:
    region.open_case()
    region.declare("lost_declared", by="idec")
    region.do(
        "contact_patient",
        lost_contact_date=region.day(),
        lost_contact_mode="phone",
        lost_contact_outcome="reached",
    )

    assert region.running() == ["announcement", "cancer"]


def test_a_try_before_the_one_before_or_tomorrow_is_refused(region: Region) -> None:
    region.open_case()
    region.declare("lost_declared", by="idec")
    region.do(
        "contact_patient", lost_contact_date=region.day(-1), lost_contact_outcome="not_reached"
    )

    with pytest.raises(Invalid, match="antérieur"):
        region.do(
            "contact_patient", lost_contact_date=region.day(-3), lost_contact_outcome="reached"
        )
    with pytest.raises(Invalid, match="une fois fait"):
        region.do(
            "contact_patient", lost_contact_date=region.day(1), lost_contact_outcome="reached"
        )


def test_the_follow_up_stands_still_and_its_due_dates_move_when_the_patient_comes_back(
    region: Region,
) -> None:
    region.open_case()
    region.do("check_identity", identity_check="verified")
    region.declare("lost_declared", by="idec")
    look_for(region)
    before = region.task("inform_patient").due_at
    suspend(region)
    assert region.case_state() == "suspended"
    with pytest.raises(Conflict, match="suspendu"):
        region.do("inform_patient", information_date=region.day(), sharing_opposition=False)

    assert "inform_patient" not in offered(region)

    region.on(42)
    assert region.open() == ["inform_patient"]
    region.declare("patient_returned", by="secretary")
    assert offered(region) == {"record_return"}
    region.do("record_return", return_date=region.day())

    assert region.case_state() == "open"
    assert before is not None
    assert region.task("inform_patient").due_at == before + timedelta(days=40)
    assert "lost" not in region.running()
    assert offered(region) == {"inform_patient"}
    region.do("inform_patient", information_date=region.day(), sharing_opposition=False)


def test_on_the_day_of_review_the_physician_decides_again(region: Region) -> None:
    region.open_case()
    region.declare("lost_declared", by="idec")
    look_for(region)
    suspend(region, until=60)

    region.on(63)
    assert "review_lost_patient" in region.open()
    suspend(region, until=90)
    assert region.case_state() == "suspended"
    region.on(160)
    region.do(
        "review_lost_patient", lost_decision="go_on", lost_decision_reason="Vu par son médecin"
    )
    assert region.case_state() == "open"


def test_a_suspension_without_a_day_of_review_or_a_reason_is_refused(region: Region) -> None:
    region.open_case()
    region.declare("lost_declared", by="idec")
    look_for(region)

    with pytest.raises(Invalid, match="date à venir"):
        suspend(region, until=0)
    with pytest.raises(Invalid, match="pourquoi"):
        region.do("review_lost_patient", lost_decision="close")
    assert region.case_state() == "open"


def test_a_physician_may_close_the_case_of_a_lost_patient(region: Region) -> None:
    region.open_case()
    region.declare("lost_declared", by="idec")
    look_for(region)
    region.do(
        "review_lost_patient", lost_decision="close", lost_decision_reason="Parti à l’étranger"
    )

    assert region.case_state() == "closed"
    assert (region.running(), region.timers()) == ([], [])


def test_one_search_at_a_time_whoever_asks_for_it(region: Region) -> None:
    region.open_case()
    region.declare("lost_declared", by="idec")
    region.send("lost_declared")

    assert region.running().count("lost") == 1


def test_a_death_learnt_while_the_patient_is_lost_ends_everything(region: Region) -> None:
    region.open_case()
    region.announce()
    region.declare("lost_declared", by="idec")
    look_for(region)
    suspend(region)

    region.on(20)
    region.declare("death_declared")
    region.do("record_death", death_date=region.day(-3))
    region.do("inform_after_death", death_gp_informed="yes", death_sites_informed="yes")

    assert region.case_state() == "closed"
    assert (region.running(), region.timers()) == ([], [])


def test_resuming_the_case_by_hand_also_ends_the_wait_for_the_patient(region: Region) -> None:

    region.open_case()
    region.declare("lost_declared", by="idec")
    look_for(region)
    suspend(region)
    with transaction(region.database) as db:
        lifecycle.resume(
            db,
            case_id=region.case_id,
            user=region.person(db, "referring_physician"),
            now=region.now,
        )

    assert region.case_state() == "open"
    region.do("record_return", return_date=region.day())
    assert "lost" not in region.running()
