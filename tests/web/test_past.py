"""« Le dossier au … »: what stood then, nothing of what came after, with the rights of today."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.db import transaction
from engine.models import AuditEntry
from tests.factories import make_user
from tests.web.conftest import Time
from tests.workflows.pathway import Region
from web.door import Hent
from workflows.cases import lifecycle
from workflows.staff.models import User

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def told(region: Region, clock: Time) -> Region:
    """Monday the case opens, Tuesday the patient is informed, Wednesday the case stands still."""
    region.open_case()
    region.now += timedelta(days=1)
    region.do("check_identity", identity_check="verified")
    region.do("inform_patient", information_date=region.day(), sharing_opposition=False)
    region.now += timedelta(days=1)
    with transaction(region.database) as db:
        lifecycle.suspend(db, case_id=region.case_id, reason="Voyage",
                          user=region.person(db, "referring_physician"), now=region.now)  # fmt: skip
    region.now += timedelta(days=1)
    clock.now = region.now
    return region


def at(region: Region, as_: SignIn, asked: str, who: str = "referring_physician", status: int = 200) -> str:  # fmt: skip
    with transaction(region.database) as db:
        user = region.person(db, who)
    answer = as_(user).get(f"/dossiers/{region.case_id}/passe{asked}")
    assert answer.status_code == status, answer.text
    return answer.text.replace("\u202f", " ")


def test_the_case_is_shown_as_it_stood(told: Region, as_: SignIn) -> None:
    monday = at(told, as_, "?jour=2026-03-02&heure=20:00")
    tuesday = at(told, as_, "?jour=2026-03-03&heure=20:00")
    wednesday = at(told, as_, "?jour=2026-03-04&heure=20:00")

    assert "Le dossier au 2 mars 2026" in monday
    assert "Lecture seule" in monday
    assert "Aucune étape n’était faite" in monday
    assert "Aucune étape n’était faite" not in tuesday
    assert "Dossier suspendu" not in tuesday
    assert "Dossier suspendu" in wednesday
    assert "<svg" in monday


def test_answers_are_those_known_then(told: Region, as_: SignIn) -> None:
    tuesday = at(told, as_, "?jour=2026-03-03&heure=20:00")

    assert "03/03/2026" in tuesday
    assert "03/03/2026" not in at(told, as_, "?jour=2026-03-02&heure=20:00").split("À faire")[1]


def test_before_it_was_open_there_is_nothing_to_show(told: Region, as_: SignIn) -> None:
    assert "Le dossier n’existait pas encore" in at(told, as_, "?jour=2025-12-24")


def test_without_a_day_or_with_one_to_come_it_is_today(told: Region, as_: SignIn) -> None:
    assert "Le dossier au 5 mars 2026" in at(told, as_, "")
    assert "Le dossier au 5 mars 2026" in at(told, as_, "?jour=2031-01-01")


@pytest.mark.parametrize(
    "asked", ["?jour=demain", "?jour=2026-02-30", "?jour=2026-03-02&heure=25:00", "?jour=0001-01-01&heure=00:00"]
)  # fmt: skip
def test_a_moment_nobody_can_read_is_told_in_words(told: Region, as_: SignIn, asked: str) -> None:
    assert "ne se lit pas" in at(told, as_, asked, status=422)


def test_a_diagram_that_had_not_begun_is_not_found(told: Region, as_: SignIn) -> None:
    at(told, as_, "?jour=2026-03-02&heure=20:00&deroulement=99999", status=404)


def test_the_rights_are_those_of_today_and_the_look_is_written_down(
    told: Region, as_: SignIn
) -> None:
    with transaction(told.database) as db:
        stranger = make_user(db, "Zoé Morvan")
    assert as_(stranger).get(f"/dossiers/{told.case_id}/passe").status_code == 403

    at(told, as_, "?jour=2026-03-02")

    with transaction(told.database) as db:
        actions = db.scalars(
            sa.select(AuditEntry.action).where(AuditEntry.case_id == told.case_id)
        ).all()
    assert "case.read_past" in actions
    assert "case.read_past.refused" in actions


@pytest.mark.browser
def test_the_page_of_the_past_has_no_fault(
    told: Region, app: Hent, live_server: Any, page: Any, no_faults: Any
) -> None:
    with transaction(told.database) as db:
        user = told.person(db, "referring_physician")
    live_server.sign_in(page, user)

    assert page.goto(f"{live_server.url}/dossiers/{told.case_id}/passe?jour=2026-03-03").ok
    no_faults(page)


@pytest.mark.browser
def test_the_drawing_of_the_past_is_dark_in_the_dark_theme(
    told: Region, app: Hent, live_server: Any, page: Any, no_faults: Any
) -> None:
    with transaction(told.database) as db:
        user = told.person(db, "referring_physician")
    live_server.sign_in(page, user)
    page.emulate_media(color_scheme="dark")

    page.goto(f"{live_server.url}/dossiers/{told.case_id}/passe?jour=2026-03-03")

    papers = page.eval_on_selector_all(
        ".past-drawing [fill='#FFFFFF']:not(text, .badge *)",
        "all => [...new Set(all.map(one => getComputedStyle(one).fill))]",
    )
    assert papers == ["rgb(21, 30, 33)"]
    no_faults(page)
