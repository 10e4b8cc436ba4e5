"""« Reporter », « Bloquer », « Vues enregistrées », as the person in front of the list uses them."""

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from engine import queries
from engine.db import reading
from engine.models import Task
from tests.web.conftest import Time
from tests.workflows.ward import Ward
from web.door import Hent
from workflows.cases.models import TaskHold
from workflows.staff.models import User

As = Callable[[User], FlaskClient]


@pytest.fixture
def tasks(ward: Ward, database: sa.Engine) -> dict[str, Task]:
    """The open steps by their element, read apart: the ward's own session holds no lock."""
    with reading(database) as db:
        found = queries.open_tasks(db, ward.case_id)
    return {one.element: one for one in found}


def hold(client: FlaskClient, verb: str, task_id: int, **given: str) -> str:
    sent = {"task": str(task_id), "until": "2026-03-03", "reason": "Anapath attendue"} | given
    return client.post(f"/taches/{verb}", data=sent, follow_redirects=True).get_data(as_text=True)


def test_a_blocked_task_says_so_in_the_list_in_the_pane_and_on_the_case(
    ward: Ward, tasks: dict[str, Task], as_: As
) -> None:
    task = tasks["nurse"]
    client = as_(ward.nurse)

    said = hold(client, "bloquer", task.id)

    assert "bloquée jusqu’au mar. 3 mars" in said
    for address in (
        "/taches",
        f"/taches?task={task.id}",
        f"/dossiers/{task.case_id}",
    ):
        page = client.get(address).get_data(as_text=True)
        assert "Anapath attendue" in page, address
        assert "revoir mar. 3 mars" in page, address


def test_what_is_taken_up_again_from_its_page_stays_on_its_page(
    ward: Ward, tasks: dict[str, Task], as_: As
) -> None:
    task = tasks["nurse"]
    client = as_(ward.nurse)
    page = f"/dossiers/{task.case_id}/taches/{task.id}"
    hold(client, "bloquer", task.id)

    answer = client.post("/taches/reprendre", data={"task": task.id, "case": task.case_id})

    assert answer.location == page


def test_the_word_that_it_is_done_can_take_it_back(
    ward: Ward, tasks: dict[str, Task], as_: As, database: sa.Engine
) -> None:
    task = tasks["nurse"]
    client = as_(ward.nurse)

    said = hold(client, "reporter", task.id)
    back = f"/taches/reprendre?task={task.id}"
    assert back in said
    client.post(back)

    with reading(database) as db:
        assert db.get(TaskHold, task.id) is None


def test_the_dialog_offers_no_day_beyond_the_due_date(
    ward: Ward, tasks: dict[str, Task], as_: As, clock: Time
) -> None:
    task = tasks["nurse"]  # due on Wednesday 4 March
    client = as_(ward.nurse)

    page = client.get(f"/taches/reporter?task={task.id}").get_data(as_text=True)
    assert 'value="2026-03-03" min="2026-03-03" max="2026-03-04"' in page
    assert 'max="2026-05-31"' in client.get(f"/taches/bloquer?task={task.id}").get_data(
        as_text=True
    )
    clock.now = clock.now.replace(day=4)
    last = as_(ward.nurse).get(f"/taches/reporter?task={task.id}").get_data(as_text=True)
    assert "Une échéance ne se reporte pas" in last
    assert f"/taches/bloquer?task={task.id}" in last


def test_a_day_that_is_none_is_refused_in_a_sentence(
    ward: Ward, tasks: dict[str, Task], as_: As, database: sa.Engine
) -> None:
    task = tasks["nurse"]

    answer = as_(ward.nurse).post(
        "/taches/bloquer", data={"task": task.id, "until": "bientôt", "reason": "Scanner"}
    )

    assert answer.status_code == 422
    assert "Choisissez le jour" in answer.get_data(as_text=True)
    with reading(database) as db:
        assert db.scalars(sa.select(TaskHold)).all() == []


def test_a_refused_hold_keeps_what_was_typed(ward: Ward, tasks: dict[str, Task], as_: As) -> None:
    task = tasks["nurse"]  # due on Wednesday 4 March
    given = {"task": task.id, "case": task.case_id, "until": "2026-03-20", "reason": "Grève"}
    client = as_(ward.nurse)

    answer = client.post("/taches/reporter", data=given)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "reportez-la à ce jour" in page
    assert 'value="Grève"' in page
    assert 'value="2026-03-20"' in page
    assert f'name="case" value="{task.case_id}"' in page

    dialog = client.post("/taches/reporter", data=given, headers={"HX-Request": "true"})
    assert dialog.headers["HX-Retarget"] == "#sheet"
    assert 'value="Grève"' in dialog.get_data(as_text=True)


def test_several_are_blocked_at_once(
    ward: Ward, tasks: dict[str, Task], as_: As, database: sa.Engine
) -> None:
    one = tasks["nurse"].id
    client = as_(ward.nurse)

    said = client.post(
        "/taches/bloquer",
        data={"task": [one, tasks["operate"].id], "until": "2026-03-05", "reason": "Grève"},
        follow_redirects=True,
    ).get_data(as_text=True)

    assert "2 tâches bloquées jusqu’au jeu. 5 mars" in said
    with reading(database) as db:
        assert [row.until_date for row in db.scalars(sa.select(TaskHold))] == [
            date(2026, 3, 5)
        ] * 2


def test_a_view_is_saved_shown_with_its_count_and_removed(ward: Ward, as_: As) -> None:
    client = as_(ward.nurse)

    narrowed = client.get("/taches?asks=ask&view=week").get_data(as_text=True)
    assert "Enregistrer la vue" in narrowed
    saved = client.post(
        "/taches/vues",
        data={"asks": "ask", "view": "week", "name": "À demander", "text": "Le Bihan"},
    )
    assert saved.location == "/taches?view=week&asks=ask", "no name in an address"
    page = client.get(saved.location).get_data(as_text=True)
    assert '<h1 id="list-title">À demander</h1>' in page
    assert "Retirer cette vue" in page
    assert "Enregistrer la vue" not in page
    client.post("/taches/vues/retirer", data={"name": "À demander"})
    client.get("/taches")  # which says that it is gone
    assert "À demander" not in client.get("/taches").get_data(as_text=True)


def test_a_view_is_renamed_where_it_stands(ward: Ward, as_: As) -> None:
    client = as_(ward.nurse)
    for name, organ in (("Seins", "breast"), ("Côlons", "colon")):
        client.post("/taches/vues", data={"name": name, "organ": organ})

    renamed = client.post("/taches/vues/renommer", data={"name": "Seins", "to": "seins "})
    assert renamed.location == "/taches?organ=breast"
    page = client.get(renamed.location).get_data(as_text=True)
    assert '<h1 id="list-title">seins</h1>' in page
    assert page.index("<span>seins</span>") < page.index("<span>Côlons</span>")
    taken = client.post("/taches/vues/renommer", data={"name": "Côlons", "to": "SEINS"})
    assert taken.status_code == 409
    assert "s’appelle déjà" in taken.get_data(as_text=True)
    gone = client.post("/taches/vues/renommer", data={"name": "Poumons", "to": "Autre"})
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [
        ({"name": "Sans filtre"}, 422, "Choisissez au moins un filtre"),
        ({"name": " ", "asks": "ask"}, 422, "Donnez un nom"),
        ({"name": "x" * 41, "asks": "ask"}, 422, "40 caractères"),
        ({"name": "prise", "asks": "ask"}, 409, "s’appelle déjà"),
    ],
)
def test_a_view_that_cannot_be_saved_says_why(
    ward: Ward, as_: As, given: dict[str, str], status: int, sentence: str
) -> None:
    client = as_(ward.nurse)
    client.post("/taches/vues", data={"name": "Prise", "organ": "breast"})

    answer = client.post("/taches/vues", data=given)

    assert answer.status_code == status
    assert sentence in answer.get_data(as_text=True)


def test_no_more_views_than_a_rail_can_hold(ward: Ward, as_: As, app: Hent) -> None:
    client = as_(ward.nurse)
    for number in range(12):
        client.post("/taches/vues", data={"name": f"Vue {number}", "asks": f"f{number}"})

    answer = client.post("/taches/vues", data={"name": "Une de trop", "asks": "ask"})

    assert answer.status_code == 409
    assert "Vous avez déjà 12 vues" in answer.get_data(as_text=True)
