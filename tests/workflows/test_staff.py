"""Accounts, units and roles: held somewhere, by somebody, never by accident."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid
from tests.factories import make_unit, make_user
from workflows.staff import operations, queries


def test_people_are_found_by_role_in_a_unit(db: Session) -> None:
    breast, lung = make_unit(db, "Sénologie"), make_unit(db, "Pneumologie")
    anne = make_user(db, "Anne Riou", unit=breast, roles=("idec",))
    make_user(db, "Paul Le Gall", unit=breast, roles=("surgeon",))
    make_user(db, "Zoé Morvan", unit=lung, roles=("idec",))

    assert queries.people(db, unit_id=breast.id, role="idec") == [anne]


def test_a_closed_account_is_nobodys_colleague(db: Session, now: datetime) -> None:
    unit = make_unit(db)
    anne = make_user(db, unit=unit, roles=("idec",))
    session_token = anne.fs_uniquifier

    operations.set_active(db, user_id=anne.id, active=False, actor="user:1", now=now)

    assert queries.people(db, unit_id=unit.id) == []
    assert anne.fs_uniquifier != session_token


def test_two_accounts_never_share_an_address(db: Session) -> None:
    make_user(db, "Anne Riou")

    with pytest.raises(Conflict, match=r"anne\.riou@example\.org"):
        make_user(db, "Anne Riou")


@pytest.mark.parametrize(
    ("role", "in_unit"),
    [("idec", False), ("administrator", True), ("rcp_coordinator", True), ("wizard", True)],
)
def test_a_role_is_held_where_it_can_be_held(
    db: Session, now: datetime, role: str, in_unit: bool
) -> None:
    unit, user = make_unit(db), make_user(db)

    with pytest.raises(Invalid):
        operations.add_membership(
            db,
            user_id=user.id,
            unit_id=unit.id if in_unit else None,
            role=role,
            actor="user:1",
            now=now,
        )


def test_the_last_administrator_stays(db: Session, now: datetime) -> None:
    last = make_user(db, roles=("administrator",))

    with pytest.raises(Conflict, match="dernier administrateur"):
        operations.remove_membership(
            db, user_id=last.id, role="administrator", actor="user:1", now=now
        )


def test_an_establishments_choice_wins_over_the_regions(db: Session, now: datetime) -> None:
    for place, value in ((0, "signed"), (7, "oral")):
        operations.set_setting(
            db, name="consent_mode", value=value, establishment_id=place, actor="user:1", now=now
        )

    assert queries.setting(db, "consent_mode", establishment_id=7) == "oral"
    assert queries.setting(db, "consent_mode", establishment_id=8) == "signed"


def test_actors_are_called_by_their_names(db: Session) -> None:
    anne = make_user(db, "Anne Riou")

    assert queries.actor_names(db, [anne.actor, "system", None]) == {
        anne.actor: "Anne Riou",
        "system": "Hent",
    }


def test_a_colleague_is_found_by_the_beginning_of_any_name(db: Session) -> None:
    anne = make_user(db, "Anne-Laure Le Goff")

    assert queries.find_people(db, "goff") == [anne]
    assert queries.find_people(db, "laur") == [anne]
    assert queries.find_people(db, "off") == []


def test_demonstration_accounts_are_offered_until_a_real_one_exists(
    db: Session, now: datetime
) -> None:
    anne = make_user(db, "Anne Riou")
    anne.is_demonstration = True
    assert queries.demonstration_accounts(db) == []

    operations.set_setting(db, name="demonstration", value=True, actor="system", now=now)
    assert queries.demonstration_accounts(db) == [anne]

    make_user(db, "Zoé Morvan")
    assert queries.demonstration_accounts(db) == []
