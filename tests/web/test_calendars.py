"""A quality manager gives an establishment its calendar."""

from collections.abc import Callable
from datetime import date, time

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.db import transaction
from tests.factories import make_unit
from tests.web.studio_room import furnish
from workflows.deadlines.calendars import calendar_of
from workflows.staff.models import User

ADDRESS = "/parcours/calendriers"
TYPED = {
    "opens_at": "08:30",
    "closes_at": "17:00",
    "closed": "15/05/2026",
    "alsace_moselle": "yes",
}


@pytest.fixture
def people(database: sa.Engine) -> dict[str, User]:
    return furnish(database)


@pytest.fixture
def site(database: sa.Engine, people: dict[str, User]) -> int:
    with transaction(database) as db:
        return make_unit(db, "Chirurgie").establishment_id


def test_a_calendar_is_kept_for_its_establishment(
    people: dict[str, User], as_: Callable[[User], FlaskClient], database: sa.Engine, site: int
) -> None:
    manager = as_(people["manager"])

    kept = manager.post(ADDRESS, data={**TYPED, "site": str(site)})

    assert kept.status_code == 303
    assert "fériés d’Alsace-Moselle, 1 jour de fermeture" in manager.get(ADDRESS).text
    with transaction(database) as db:
        own = calendar_of(db, site)
        assert (own.opens_at, own.closes_at, own.alsace_moselle) == (time(8, 30), time(17), True)
        assert own.closed == {date(2026, 5, 15)}
        assert not calendar_of(db, 0).alsace_moselle


def test_what_cannot_be_a_calendar_comes_back_as_it_was_typed(
    people: dict[str, User], as_: Callable[[User], FlaskClient], site: int
) -> None:
    answer = as_(people["manager"]).post(
        ADDRESS, data={**TYPED, "site": str(site), "closed": "le pont de mai"}
    )

    assert answer.status_code == 422
    assert "n’est pas une date" in answer.text
    assert "le pont de mai" in answer.text


def test_nobody_else_changes_a_calendar(
    people: dict[str, User], as_: Callable[[User], FlaskClient], site: int
) -> None:
    nurse = as_(people["nurse"])

    assert nurse.get(ADDRESS).status_code == 403
    assert nurse.post(ADDRESS, data={**TYPED, "site": str(site)}).status_code == 403
    unknown = as_(people["manager"]).post(ADDRESS, data={**TYPED, "site": "999"})
    assert unknown.status_code == 404
