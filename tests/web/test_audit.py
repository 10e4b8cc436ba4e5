"""Who opened a record: shown to those who watch over accesses, and to nobody else."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from engine import anchors, audit, queries
from engine.db import transaction
from engine.models import AuditChain, AuditEntry
from tests.factories import make_user
from tests.workflows.ward import Ward
from web.door import Hent
from workflows.access import CaseRefused, record_refusal
from workflows.cases import operations
from workflows.staff.models import User

As = Callable[[User], FlaskClient]


@pytest.fixture
def auditor(ward: Ward, database: sa.Engine) -> User:
    """The nurse finished a step; a stranger asked for the case in vain."""
    with transaction(database) as db:
        nurse = db.get_one(User, ward.nurse.id)
        task = next(one for one in queries.open_tasks(db, ward.case_id) if one.element == "nurse")
        operations.complete_task(db, task_id=task.id, answers={}, user=nurse, now=ward.now)
        refusal = CaseRefused(
            "non", case_id=ward.case_id, user_id=ward.stranger.id, action="case.read"
        )
        record_refusal(db, refusal, now=ward.now)
        return make_user(db, "Claire Perrot", roles=("auditor",))


def said(answer: Any) -> str:
    return unescape(answer.get_data(as_text=True)).replace("\u202f", " ")


def test_the_journal_says_who_did_what(ward: Ward, auditor: User, as_: As) -> None:
    page = said(as_(auditor).get(f"/acces/dossiers/{ward.case_id}"))

    assert "LE BIHAN" in page
    assert "Étape terminée : Nurse" in page
    assert "Anne Riou" in page
    assert "Zoé Morvan" in page
    assert "Hors équipe de soins" in page
    assert "Journal intègre" in page


def test_reading_the_journal_is_written_in_it(
    ward: Ward, auditor: User, as_: As, database: sa.Engine
) -> None:
    as_(auditor).get(f"/acces/dossiers/{ward.case_id}")

    with transaction(database) as db:
        line = db.scalar(
            sa.select(AuditEntry)
            .where(AuditEntry.case_id == ward.case_id)
            .order_by(AuditEntry.position.desc())
            .limit(1)
        )
        assert line is not None
        assert (line.actor, line.action) == (auditor.actor, "audit.read")


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("?personne=morvan", "Zoé Morvan", "Étape terminée"),
        ("?action=refusal", "Hors équipe de soins", "Étape terminée"),
        ("?action=change", "Étape terminée", "Hors équipe de soins"),
        ("?du=2026-03-03", "Aucun accès", "Étape terminée"),
        ("?du=2026-03-02&au=2026-03-02", "Étape terminée", "Aucun accès"),
    ],
)
def test_filters_by_person_kind_and_date(
    ward: Ward, auditor: User, as_: As, query: str, shown: str, hidden: str
) -> None:
    page = said(as_(auditor).get(f"/acces/dossiers/{ward.case_id}{query}"))

    assert shown in page
    assert hidden not in page


@pytest.mark.parametrize("who", ["nurse", "surgeon", "stranger"])
def test_nobody_else_reads_a_journal(ward: Ward, auditor: User, as_: As, who: str) -> None:
    client = as_(getattr(ward, who))

    for path in (
        "/acces",
        f"/acces/dossiers/{ward.case_id}",
        f"/acces/dossiers/{ward.case_id}/journal.csv",
    ):
        assert client.get(path).status_code == 403


def test_a_refused_access_is_shown_first_and_leads_to_its_case(
    ward: Ward, auditor: User, as_: As
) -> None:
    page = said(as_(auditor).get("/acces"))

    assert "Zoé Morvan" in page
    assert f"/acces/dossiers/{ward.case_id}" in page


def test_a_patient_is_found_by_name(ward: Ward, auditor: User, as_: As) -> None:
    client = as_(auditor)

    assert f"/acces/dossiers/{ward.case_id}" in said(client.get("/acces?text=le bihan"))
    assert "Aucun dossier" in said(client.get("/acces?text=inconnu"))


def test_a_journal_leaves_as_a_sheet(ward: Ward, auditor: User, as_: As) -> None:
    answer = as_(auditor).get(f"/acces/dossiers/{ward.case_id}/journal.csv?action=refusal")

    lines = answer.get_data(as_text=True).splitlines()
    assert lines[0].lstrip("\ufeff") == "Date et heure;Personne;Rôle;Action;Objet"
    assert [line.split(";")[1] for line in lines[1:]] == ["Zoé Morvan"]
    assert "Bihan" not in answer.headers["Content-Disposition"]


def test_a_line_that_was_changed_is_told(
    ward: Ward, auditor: User, as_: As, database: sa.Engine
) -> None:
    with transaction(database) as db:
        db.execute(
            sa.update(AuditEntry)
            .where(AuditEntry.case_id == ward.case_id, AuditEntry.position == 1)
            .values(actor="user:999")
        )
        assert list(audit.verify(db))

    assert "Journal altéré" in said(as_(auditor).get(f"/acces/dossiers/{ward.case_id}"))


def test_the_page_says_up_to_which_anchor_the_journal_is_signed(
    ward: Ward, auditor: User, as_: As, app: Hent, database: sa.Engine
) -> None:
    key = app.config["SETTINGS"].audit_key()
    client, address = as_(auditor), f"/acces/dossiers/{ward.case_id}"
    assert "Aucune ancre ne signe encore ce journal" in said(client.get(address))

    with transaction(database) as db:
        anchors.set_anchor(db, key=key, now=ward.now)
        length = db.get_one(AuditChain, ward.case_id).length
    page = said(client.get(address))  # whose reading is one line more
    assert f"Signé jusqu’à l’ancre 1, posée aujourd’hui à 9 h 00 : {length} lignes" in page
    assert "Journal intègre" in page


def test_a_journal_written_anew_after_its_anchor_is_told(
    ward: Ward, auditor: User, as_: As, app: Hent, database: sa.Engine
) -> None:
    """Its chain holds in itself: only the anchor knows."""
    with transaction(database) as db:
        anchors.set_anchor(db, key=app.config["SETTINGS"].audit_key(), now=ward.now)
        for table in (AuditEntry, AuditChain):
            db.execute(sa.delete(table).where(table.case_id == ward.case_id))
        for _ in range(40):
            audit.record(db, actor="user:1", action="forged", now=ward.now, case_id=ward.case_id)

    page = said(as_(auditor).get(f"/acces/dossiers/{ward.case_id}"))
    assert "Journal altéré" in page
    assert "Ancre 1 : son journal a été réécrit avant la ligne" in page


def test_anchors_signed_with_a_key_of_before_are_believed_when_it_is_named(
    ward: Ward, auditor: User, as_: As, app: Hent, database: sa.Engine
) -> None:
    former = Ed25519PrivateKey.generate()
    with transaction(database) as db:
        anchors.set_anchor(db, key=former, now=ward.now)
    client, address = as_(auditor), f"/acces/dossiers/{ward.case_id}"
    assert "signée par une clé inconnue" in said(client.get(address))

    trusted = app.config["SETTINGS"].data_dir / "audit-trusted"
    trusted.write_text(anchors.public_key(former) + "\n", "ascii")
    assert "Journal intègre" in said(client.get(address))


@pytest.mark.browser
def test_pages_of_accesses_have_no_fault(
    ward: Ward, auditor: User, app: Hent, live_server: Any, page: Any, no_faults: Any
) -> None:
    live_server.sign_in(page, auditor)

    for path in ("/acces?text=le bihan", f"/acces/dossiers/{ward.case_id}"):
        assert page.goto(live_server.url + path).ok
        no_faults(page)
