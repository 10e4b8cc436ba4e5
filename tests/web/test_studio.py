"""A quality manager reads the revision in service, changes it in a draft, publishes it."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.db import transaction
from engine.publishing import artifacts_of, revision_in_service
from tests.factories import make_unit
from tests.web.studio_room import furnish
from workflows.revisions import delays, queries
from workflows.revisions.operations import digest
from workflows.staff.models import User

SHORT = {
    "anchor": "opened", "amount": "5", "unit": "working_days", "reminder": "",
    "reminder_unit": "", "escalation": "idec", "label": "identité sous cinq jours",
}  # fmt: skip


@pytest.fixture
def people(database: sa.Engine) -> dict[str, User]:
    return furnish(database)


@pytest.fixture
def manager(people: dict[str, User], as_: Callable[[User], FlaskClient]) -> FlaskClient:
    return as_(people["manager"])


def start(client: FlaskClient) -> str:
    """The address of a new draft."""
    answer = client.post("/parcours/brouillons", data={"title": "Délais d’identité"})
    assert answer.status_code == 303
    return answer.headers["Location"]


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return answer.text.replace("\u202f", " ")


def file(client: FlaskClient, draft: str, kind: str, name: str) -> tuple[bytes, str]:
    answer = client.get(f"{draft}/fichiers/{kind}/{name}")
    return answer.data, answer.headers["ETag"]


def save(client: FlaskClient, draft: str, kind: str, name: str, content: bytes, mark: str):
    return client.post(
        f"{draft}/fichiers/{kind}/{name}", data=content, headers={"If-Match": mark},
        content_type="application/xml",
    )  # fmt: skip


def test_only_those_who_may_change_pathways_enter(
    people: dict[str, User], as_: Callable[[User], FlaskClient], manager: FlaskClient
) -> None:
    draft = start(manager)
    nurse = as_(people["nurse"])

    for address in ("/parcours", "/parcours/revisions/1", "/parcours/revisions/1/delais", draft,
                    f"{draft}/diagrammes/rcp", f"{draft}/fichiers/diagram/rcp", f"{draft}/publier"):  # fmt: skip
        assert nurse.get(address).status_code == 403
    for address in (
        "/parcours/brouillons",
        f"{draft}/publier",
        f"{draft}/abandonner",
        f"{draft}/delais",
    ):
        assert nurse.post(address, data=SHORT).status_code == 403


def test_the_revision_in_service_is_drawn_and_read_as_lists(manager: FlaskClient) -> None:
    index = page(manager, "/parcours")
    assert "Révision 1 en service" in index
    assert "Parcours en cancérologie" in index
    assert index.count("<svg xmlns") >= 16

    diagram = page(manager, "/parcours/revisions/1/diagrammes/frailty")
    assert "Calculer le score G8" in diagram
    assert "5 jours après l’ouverture" in diagram

    table = page(manager, "/parcours/revisions/1/delais")
    assert "Vérifier l’identité INS" in table
    assert "Modifier le délai" not in table  # what is published never moves

    form = page(manager, "/parcours/revisions/1/formulaires/g8_score")
    assert "Calculer le score G8" in form


@pytest.mark.parametrize(
    "address",
    [
        "/parcours/revisions/9",
        "/parcours/revisions/1/diagrammes/nobody",
        "/parcours/revisions/1/formulaires/nobody",
        "/parcours/brouillons/9",
        "/parcours/brouillons/9/diagrammes/rcp",
    ],
)
def test_what_does_not_exist_is_told(manager: FlaskClient, address: str) -> None:
    assert "n’existe pas" in page(manager, address, 404)


def test_a_delay_changed_in_a_form_is_published(manager: FlaskClient, database: sa.Engine) -> None:
    draft = start(manager)
    assert "Aucun changement" in page(manager, draft)

    kept = manager.post(f"{draft}/delais", data={"step": "check_identity", **SHORT})

    assert kept.status_code == 303
    changed = page(manager, f"{draft}/delais")
    assert "5 jours ouvrés après l’ouverture" in changed
    assert f'href="{draft}/publier"' in changed, "from the delay to its publication, no detour"
    assert f'href="{draft}/delais"' in page(manager, draft).split("<h2")[0]
    assert "le jour même, compté depuis l’ouverture" in page(
        manager, "/parcours/revisions/1/delais"
    )
    ready = page(manager, f"{draft}/publier")
    assert "Publier et mettre en service" in ready
    assert "identité" in ready

    done = manager.post(f"{draft}/publier", data={"note": "Cinq jours pour l’identité"})

    assert (done.status_code, done.headers["Location"]) == (303, "/parcours")
    index = page(manager, "/parcours")
    assert "Révision 2 en service" in index
    assert "Cinq jours pour l’identité" in index
    with transaction(database) as db:
        serving = revision_in_service(db)
        assert serving is not None
        content = {a.name: a.content for a in artifacts_of(db, serving.id) if a.kind == "table"}
        row = delays.row_of(content["deadlines"], "check_identity")
        assert row is not None
        assert row.delay.label == "identité sous cinq jours"


def test_an_establishment_gets_a_delay_of_its_own(
    manager: FlaskClient, database: sa.Engine
) -> None:
    with transaction(database) as db:
        make_unit(db, name="Chirurgie").establishment.finess = "299900011"
    draft = start(manager)
    own = {"step": "check_identity", "propre": "1", **SHORT}

    asked = page(manager, f"{draft}/delais?ouvrir=1&step=check_identity&propre=1")
    refused = manager.post(f"{draft}/delais", data=own)
    kept = manager.post(f"{draft}/delais", data={**own, "establishment": "299900011"})

    assert 'name="establishment"' in asked
    assert (refused.status_code, kept.status_code) == (422, 303)
    assert "Choisissez l’établissement" in refused.text
    shown = page(manager, f"{draft}/delais")
    assert "5 jours ouvrés après l’ouverture" in shown
    assert "le jour même, compté depuis l’ouverture" in shown
    assert "établissement 299900011" in page(manager, draft)
    back = manager.post(
        f"{draft}/delais/retirer",
        data={"step": "check_identity", "establishment": "299900011"},
    )
    assert back.status_code == 303
    assert "identité sous cinq jours" not in page(manager, f"{draft}/delais")


def test_a_delay_that_cannot_be_is_refused_with_what_was_typed(manager: FlaskClient) -> None:
    draft = start(manager)

    answer = manager.post(
        f"{draft}/delais", data={"step": "check_identity", **SHORT, "amount": "bientôt"}
    )

    assert answer.status_code == 422
    assert "Le délai est un nombre" in answer.text
    assert 'value="bientôt"' in answer.text
    assert "Aucun changement" in page(manager, draft)


def test_the_panel_gets_its_answer_as_data(manager: FlaskClient) -> None:
    draft = start(manager)
    asked = {"headers": {"Accept": "application/json"}}

    kept = manager.post(f"{draft}/delais", data={"step": "new_step", **SHORT}, **asked)
    refused = manager.post(f"{draft}/delais", data={"step": "x", **SHORT, "unit": "?"}, **asked)

    assert kept.get_json()["words"] == "5 jours ouvrés après l’ouverture, sans rappel"
    assert refused.status_code == 422
    assert "unité" in refused.get_json()["message"]


def test_a_step_is_changed_without_drawing(manager: FlaskClient) -> None:
    draft = start(manager)
    typed = {"step": "g8_score", "name": "Faire le G8", "form": "g8_score", "deadline": "g8_score"}

    kept = manager.post(f"{draft}/diagrammes/frailty/etapes", data=typed)
    nameless = manager.post(f"{draft}/diagrammes/frailty/etapes", data={**typed, "name": ""})

    assert kept.status_code == 303
    assert 'value="Faire le G8"' in page(manager, f"{draft}/diagrammes/frailty/etapes")
    assert "« Calculer le score G8 » → « Faire le G8 »" in page(manager, draft)
    assert nameless.status_code == 422
    assert "Donnez un nom" in nameless.text


@pytest.mark.parametrize(
    ("wrong", "by", "said"),
    [
        (b'name="IDEC"', 'name="Druide"', "Le couloir « Druide » n’est pas un rôle connu."),
        (b'value="g8_score"', 'value="g9"', "demande le formulaire « g9 », qui n’existe pas"),
        (b'<spiffworkflow:property name="deadline" value="g8_score"/>', "", "n’a pas de délai"),
        (b"geriatric_needed == True", "geriatric_needed == (", "geriatric_needed == ("),
        (None, "<html/>", "n’est pas un diagramme BPMN 2.0"),
        (None, "Chère collègue,", "n’est pas lisible"),
    ],
)
def test_a_draft_with_a_mistake_is_kept_and_told_but_not_published(
    manager: FlaskClient, wrong: bytes | None, by: str, said: str
) -> None:
    draft = start(manager)
    content, mark = file(manager, draft, "diagram", "frailty")
    changed = content.replace(wrong, by.encode()) if wrong else by.encode()
    assert changed != content

    kept = save(manager, draft, "diagram", "frailty", changed, mark)

    assert kept.status_code == 200
    assert kept.get_json()["mark"] == digest(changed)
    shown = page(manager, draft)
    assert said in shown
    assert "bloquant" in shown
    assert f"{draft}/publier" not in shown  # the button is closed
    assert said in page(manager, f"{draft}/controles?name=frailty")
    assert page(manager, f"{draft}/diagrammes/frailty")  # its editor opens all the same
    refused = manager.post(f"{draft}/publier")
    assert refused.status_code == 422
    assert said in refused.text.replace("\u202f", " ")
    assert "Révision 1 en service" in page(manager, "/parcours")


def test_a_colleague_does_not_write_over_what_was_saved_meanwhile(
    people: dict[str, User], as_: Callable[[User], FlaskClient], manager: FlaskClient
) -> None:
    draft = start(manager)
    content, mark = file(manager, draft, "diagram", "frailty")
    save(manager, draft, "diagram", "frailty", content + b"\n", mark)

    late = save(as_(people["colleague"]), draft, "diagram", "frailty", content + b"\n\n", mark)

    assert late.status_code == 409
    assert file(manager, draft, "diagram", "frailty")[0] == content + b"\n"


def test_a_file_is_restored_and_a_draft_given_up(
    manager: FlaskClient, database: sa.Engine
) -> None:
    draft = start(manager)
    manager.post(f"{draft}/delais", data={"step": "check_identity", **SHORT})

    manager.post(f"{draft}/retablir", data={"kind": "table", "name": "deadlines"})
    assert "Aucun changement" in page(manager, draft)

    assert manager.post(f"{draft}/abandonner").headers["Location"] == "/parcours"
    assert "déjà publié ou abandonné" in manager.post(f"{draft}/publier").text
    with transaction(database) as db:
        assert queries.open_drafts(db) == []


def test_other_kinds_of_files_stay_closed(manager: FlaskClient) -> None:
    draft = start(manager)

    assert manager.get(f"{draft}/fichiers/dictionary/dictionary").status_code == 404
    assert save(manager, draft, "form", "g8_score", b"title: x", '"x"').status_code == 422


def test_styles_are_let_loose_on_the_pages_that_draw_and_scripts_never(
    manager: FlaskClient,
) -> None:
    draft = start(manager)
    policies = {
        address: manager.get(address).headers["Content-Security-Policy"]
        for address in (
            draft,
            f"{draft}/delais",
            f"{draft}/diagrammes/rcp",
            f"{draft}/tables/deadlines",
        )
    }

    for address, policy in policies.items():
        draws = "/diagrammes/" in address or "/tables/" in address
        assert ("style-src 'self' 'unsafe-inline'" in policy) is draws
        assert "script-src 'self';" in policy
