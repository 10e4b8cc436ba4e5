"""« Mes tâches »: what is listed, who takes it, what never stays in an address."""

from collections.abc import Callable

import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.db import reading, transaction
from engine.models import AuditEntry
from tests.workflows.ward import Ward
from workflows.cases import hands
from workflows.notices.queries import notices
from workflows.staff.models import User

As = Callable[[User], FlaskClient]
HTMX = {"HX-Request": "true"}


def _task(ward: Ward, database: sa.Engine, element: str) -> int:
    with reading(database) as db:
        ward.db = db
        return ward.task(element).id


def test_the_inbox_lists_what_one_may_do_and_nothing_else(ward: Ward, as_: As) -> None:
    nurse, stranger = as_(ward.nurse).get("/taches"), as_(ward.stranger).get("/taches")

    assert "LE BIHAN" in nurse.text
    assert "Maïwenn" in nurse.text
    assert "LE BIHAN" not in stranger.text
    assert "Aucune tâche à faire" in stranger.text


def test_filters_narrow_the_list_and_say_so(ward: Ward, as_: As) -> None:
    client = as_(ward.nurse)

    assert "LE BIHAN" in client.get("/taches?organ=breast").text
    assert "Effacer les filtres" in client.get("/taches?organ=lung").text
    assert client.get("/taches?view=elsewhere").status_code == 422


def test_a_name_looked_for_never_enters_an_address(ward: Ward, as_: As) -> None:
    answer = as_(ward.nurse).post("/taches", data={"text": "le bihan"}, headers=HTMX)

    assert "Maïwenn" in answer.text
    assert answer.headers["HX-Push-Url"] == "/taches"
    assert "text=" not in answer.text.replace('name="text"', "")


def test_a_task_is_taken_then_given_back(ward: Ward, as_: As, database: sa.Engine) -> None:
    task_id = _task(ward, database, "nurse")
    client = as_(ward.nurse)

    client.post("/taches/prendre", data={"task": task_id})
    with reading(database) as db:
        taken_by = hands.assignee_of(db, task_id)
    client.post("/taches/rendre", data={"task": task_id})

    with reading(database) as db:
        assert (taken_by, hands.assignee_of(db, task_id)) == (ward.nurse.id, None)


def test_what_a_colleague_has_taken_is_refused_in_words(
    ward: Ward, as_: As, database: sa.Engine
) -> None:
    task_id = _task(ward, database, "nurse")
    with transaction(database) as db:
        colleague = _second_nurse(db, ward)
        hands.claim(db, task_id=task_id, user=colleague, now=ward.now)

    answer = as_(ward.nurse).post("/taches/prendre", data={"task": task_id}, headers=HTMX)

    assert answer.status_code == 409
    assert "a déjà pris cette étape" in answer.text
    assert answer.headers["HX-Retarget"] == "#toasts"


def test_giving_a_task_tells_the_person(ward: Ward, as_: As, database: sa.Engine) -> None:
    task_id = _task(ward, database, "nurse")
    with transaction(database) as db:
        colleague = _second_nurse(db, ward)
    client = as_(ward.nurse)

    assert "Katell Tanguy" in client.get(f"/taches/attribuer?task={task_id}").text
    client.post("/taches/attribuer", data={"task": task_id, "user_id": colleague.id})

    with reading(database) as db:
        (line,) = notices(db, db.get_one(User, colleague.id))
    assert "vous a attribué" in line.notice.text
    assert "LE BIHAN" in as_(colleague).get("/alertes").text


def test_opening_a_preview_is_a_reading_that_is_written_down(
    ward: Ward, as_: As, database: sa.Engine
) -> None:
    task_id = _task(ward, database, "nurse")

    shown = as_(ward.nurse).get(f"/taches/{task_id}/apercu", headers=HTMX)
    refused = as_(ward.stranger).get(f"/taches/{task_id}/apercu", headers=HTMX)

    assert "14/05/1958" in shown.text
    assert refused.status_code == 403
    assert "LE BIHAN" not in refused.text
    with reading(database) as db:
        actions = set(db.scalars(sa.select(AuditEntry.action)))
    assert {"task.read", "task.read.refused"} <= actions


def test_listing_reads_no_case(ward: Ward, as_: As, database: sa.Engine) -> None:
    as_(ward.nurse).get("/taches")

    with reading(database) as db:
        assert "task.read" not in set(db.scalars(sa.select(AuditEntry.action)))


def test_what_one_finished_is_found_under_done(ward: Ward, as_: As, database: sa.Engine) -> None:
    with transaction(database) as db:
        ward.db = db
        ward.do("nurse", db.get_one(User, ward.nurse.id))

    answer = as_(ward.nurse).get("/taches/terminees")

    assert "LE BIHAN" in answer.text
    assert "Terminée" in answer.text


def test_a_long_list_goes_on_without_repeating_its_heading(
    ward: Ward, as_: As, database: sa.Engine
) -> None:
    with transaction(database) as db:
        ward.db = db
        nurse = db.get_one(User, ward.nurse.id)
        for turn in range(51):
            ward.open_case(f"Anne Kergoat-{turn}", user=nurse)
    client = as_(ward.nurse)

    first = client.get("/taches").text
    after = first.split("/taches/suite?after=")[1].split('"')[0].replace("&amp;", "&")
    more = client.post(f"/taches/suite?after={after}", headers=HTMX).text

    assert first.count('class="task"') == 50
    assert more.count('class="task"') == 2
    assert 'scope="rowgroup"' not in more


def test_new_tasks_wait_behind_a_line(ward: Ward, as_: As, database: sa.Engine) -> None:
    client = as_(ward.nurse)
    page = client.get("/taches").text
    address = page.split('hx-post="/taches/releve')[1].split('"')[0].replace("&amp;", "&")
    quiet = client.post(f"/taches/releve{address}", headers=HTMX).text
    with transaction(database) as db:
        ward.db = db
        ward.open_case("Yann Le Goff", user=db.get_one(User, ward.nurse.id))

    told = client.post(f"/taches/releve{address}", headers=HTMX).text

    assert "nouvelle" not in quiet
    assert "1 nouvelle tâche" in told
    assert "LE GOFF" not in told


def _second_nurse(db, ward: Ward) -> User:  # type: ignore[no-untyped-def]
    from tests.factories import make_user
    from workflows.staff.models import Unit

    return make_user(db, "Katell Tanguy", unit=db.get_one(Unit, ward.unit.id), roles=("idec",))
