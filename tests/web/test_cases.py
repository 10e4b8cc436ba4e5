"""The pages of a case: where it stands, what is to be done, what may be declared; its documents."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from engine import queries as engine
from engine.db import transaction
from engine.models import AuditEntry
from tests.factories import make_unit, make_user
from tests.web.conftest import Time
from tests.workflows.pathway import Region
from workflows.cases import operations
from workflows.deadlines.operations import set_milestone
from workflows.staff.models import User

SignIn = Callable[[User], FlaskClient]
SURGERY = "387713003"


@pytest.fixture
def opened(region: Region, clock: Time) -> Region:
    region.open_case()
    clock.now = region.now
    return region


def person(region: Region, who: str) -> User:
    with transaction(region.database) as db:
        return region.person(db, who)


def read(region: Region, as_: SignIn, who: str, path: str = "", status: int = 200) -> str:
    answer = as_(person(region, who)).get(f"/dossiers/{region.case_id}{path}")
    assert answer.status_code == status, answer.text
    return answer.text.replace("\u202f", " ")


def test_the_case_says_who_where_and_what_is_next(opened: Region, as_: SignIn) -> None:
    opened.announce()

    shown = read(opened, as_, "referring_physician")

    assert "TEST-LANNIC" in shown
    assert "Née le 10/01/1974" in shown
    assert 'aria-current="step"' in shown
    assert "Choisir la RCP" in shown
    assert "règle" in shown, "the rule that gave the due date is said"
    assert "Lire en liste" in shown


def test_a_due_date_that_moved_says_when_and_why(opened: Region, as_: SignIn) -> None:
    opened.do("check_identity", identity_check="verified")
    opened.do("inform_patient", information_date=opened.day(), sharing_opposition=False)
    opened.do(
        "attach_pathology_report",
        pathology_report_date=opened.day(),
        pathology_result="malignant",
    )
    with transaction(opened.database) as db:
        (task,) = [
            one
            for one in engine.open_tasks(db, opened.case_id)
            if one.form == "announce_diagnosis"
        ]
        set_milestone(
            db, case_id=opened.case_id, name=task.anchor, instance_id=task.instance_id,
            at=opened.now.replace(year=2027), actor="system", now=opened.now,
        )  # fmt: skip

    for path in ("", f"/taches/{task.id}"):
        assert "Échéance déplacée du" in read(opened, as_, "referring_physician", path)


def test_the_list_says_in_words_all_that_the_drawing_shows(opened: Region, as_: SignIn) -> None:
    shown = read(opened, as_, "secretary", "?vue=liste")

    assert "étape par étape" in shown
    for words in ("En cours", "À venir", "Fait"):
        assert words in shown


def test_the_drawing_is_that_of_the_cases_own_revision(opened: Region, as_: SignIn) -> None:
    with transaction(opened.database) as db:
        instance = opened.instances("announcement")[0].id if db else 0
    client = as_(person(opened, "secretary"))

    answer = client.get(f"/dossiers/{opened.case_id}/diagrammes/{instance}.bpmn")

    assert answer.mimetype == "application/xml"
    assert b'process id="announcement"' in answer.data
    assert client.get(f"/dossiers/{opened.case_id}/diagrammes/9999.bpmn").status_code == 404


def test_a_case_of_another_unit_is_refused_and_the_attempt_written(
    opened: Region, as_: SignIn
) -> None:
    with transaction(opened.database) as db:
        stranger = make_user(db, "Zoé Ailleurs", unit=make_unit(db, "Ailleurs"), roles=("idec",))
    client = as_(stranger)

    for path in ("", "/chronologie", "/documents", "/equipe"):
        answer = client.get(f"/dossiers/{opened.case_id}{path}")
        assert answer.status_code in (403, 404)
        assert "TEST-LANNIC" not in answer.text

    with transaction(opened.database) as db:
        refused = db.scalars(sa.select(AuditEntry).where(AuditEntry.actor == stranger.actor)).all()
        assert any("refus" in entry.action for entry in refused)


def test_opening_a_case_is_written_in_its_journal(opened: Region, as_: SignIn) -> None:
    read(opened, as_, "idec")

    with transaction(opened.database) as db:
        seen = sa.select(AuditEntry.action).where(
            AuditEntry.case_id == opened.case_id,
            AuditEntry.actor == f"user:{opened.people['idec']}",
        )
        assert "case.read" in db.scalars(seen).all()


def test_a_death_is_confirmed_on_a_page_that_names_the_patient_and_the_consequence(
    opened: Region, as_: SignIn
) -> None:
    opened.announce()
    asked = read(opened, as_, "referring_physician", "/evenements/death_declared")
    assert "TEST-LANNIC" in asked
    assert "les rappels et tout message au patient" in asked

    answer = as_(person(opened, "referring_physician")).post(
        f"/dossiers/{opened.case_id}/evenements/death_declared"
    )

    assert answer.status_code == 302
    assert "/taches/" in answer.location, "the next step of the same person"
    assert "record_death" in opened.open()


def test_an_unknown_event_is_refused_in_words(opened: Region, as_: SignIn) -> None:
    read(opened, as_, "referring_physician", "/evenements/miracle", 404)


def test_the_care_team_is_designated_and_its_tasks_follow(opened: Region, as_: SignIn) -> None:
    client = as_(person(opened, "referring_physician"))

    answer = client.post(
        f"/dossiers/{opened.case_id}/equipe", data={"idec": str(opened.people["idec"])}
    )

    assert answer.status_code == 302
    assert "Équipe de soins enregistrée" in client.get(answer.location).text


def test_a_case_is_suspended_with_a_reason_and_resumed(opened: Region, as_: SignIn) -> None:
    client = as_(person(opened, "referring_physician"))
    place = f"/dossiers/{opened.case_id}"

    assert client.post(f"{place}/suspendre", data={"reason": ""}).status_code == 422
    assert client.post(f"{place}/suspendre", data={"reason": "Voyage"}).status_code == 302
    assert "Dossier suspendu" in client.get(place).text
    assert client.post(f"{place}/reprendre").status_code == 302
    assert opened.case_state() == "open"


def test_the_last_step_is_offered_back_for_some_seconds(
    opened: Region, as_: SignIn, clock: Time
) -> None:
    opened.announce()
    client = as_(person(opened, "idec"))
    with transaction(opened.database) as db:
        task = opened.task("nursing_time")
        operations.complete_task(
            db, task_id=task.id, answers={"nursing_time_date": opened.day()},
            user=opened.person(db, "idec"), now=opened.now,
        )  # fmt: skip
    assert "vient d’être terminée" in client.get(f"/dossiers/{opened.case_id}").text

    answer = client.post(f"/dossiers/{opened.case_id}/annuler")

    assert answer.status_code == 302
    assert "nursing_time" in opened.open()
    assert client.post(f"/dossiers/{opened.case_id}/annuler").status_code == 409


def test_documents_are_listed_with_their_state_and_handed_out_as_pdf(
    opened: Region, as_: SignIn, clock: Time
) -> None:
    opened.announce()
    opened.hold_rcp(8, SURGERY)
    clock.now = opened.now
    client = as_(person(opened, "referring_physician"))
    record = opened.records("rcp_sheet")[-1]

    waiting = client.get(f"/documents/{record.id}.pdf")
    assert waiting.status_code == 202
    assert "en préparation" in waiting.text
    opened.print()
    answer = client.get(f"/documents/{record.id}.pdf")

    assert answer.data.startswith(b"%PDF-")
    assert "lannic" not in answer.headers["Content-Disposition"].lower()
    listed = client.get(f"/dossiers/{opened.case_id}/documents").text
    assert "Fiche de RCP" in listed
    assert "Validé" in listed
    with transaction(opened.database) as db:
        stranger = make_user(db, "Zoé Ailleurs", unit=make_unit(db, "Ailleurs"), roles=("idec",))
    assert as_(stranger).get(f"/documents/{record.id}.pdf").status_code in (403, 404)


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_case_page_is_drawn_and_without_fault(
    opened: Region, live_server: Any, page: Any, no_faults: Callable[[Any], None], theme: str
) -> None:
    opened.announce()
    live_server.app.config["CLOCK"].now = opened.now
    with transaction(opened.database) as db:
        live_server.sign_in(page, opened.person(db, "referring_physician"))
    page.emulate_media(color_scheme=theme)

    page.goto(f"{live_server.url}/dossiers/{opened.case_id}")

    page.wait_for_selector(".map-flag")
    assert page.locator(".is-current, .is-late").count() >= 1
    mark = page.locator(".bjs-powered-by")
    box = mark.bounding_box()
    on_top = page.evaluate(
        "([x, y]) => !!document.elementFromPoint(x, y)?.closest('.bjs-powered-by')",
        [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
    )
    assert on_top, "the bpmn.io mark stays visible, as its licence asks"
    no_faults(page)
    page.get_by_role("link", name="Lire en liste").click()
    assert page.get_by_role("table").first.is_visible()
