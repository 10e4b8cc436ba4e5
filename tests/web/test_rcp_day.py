"""A whole meeting day in a browser: planned, registered, run, approved, printed, corrected."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.db import transaction
from engine.scheduler import beat
from tests.documents.reading import pages as read_pdf
from tests.web.conftest import Live, Time
from tests.web.rcp_room import Room
from tests.workflows.pathway import Region
from workflows.rcp import queries
from workflows.rcp.models import RcpSession
from workflows.rcp.models import RegistrationState as State
from workflows.records.models import Record

pytestmark = pytest.mark.browser


def test_a_meeting_day(
    region: Region, live_server: Live, page: Any, clock: Time, no_faults: Callable[[Any], None]
) -> None:
    clock.now = region.now
    room = Room(region, 0)

    # The secretary plans the sessions of the RCP up to the end of March.
    live_server.sign_in(page, room.person("rcp_secretary"))
    page.goto(f"{live_server.url}/rcp/annuaire")
    page.get_by_role("link", name="Sénologie").click()
    no_faults(page)
    page.get_by_label("Jusqu’au").fill("2026-03-31")
    page.get_by_role("button", name="Planifier").click()
    page.get_by_text("séances planifiées").wait_for()
    room.session_id = _first(room, clock.now)

    # Physicians register their cases; the secretary fixes the agenda and opens the meeting.
    first = room.bring("Anne Le Corre", "Chirurgie première ?")
    second = room.bring("Maryse Kerbrat", "Radiothérapie ?")
    session = f"{live_server.url}/rcp/seances/{room.session_id}"
    page.goto(session)
    page.get_by_role("button", name="Arrêter l’ordre du jour").click()
    page.get_by_text("portés à l’ordre du jour").wait_for()
    page.get_by_role("button", name="Convoquer").click()
    page.get_by_text("Tout le monde a déjà été convoqué").wait_for()
    no_faults(page)
    (agenda,) = read_pdf(page.request.get(f"{session}/ordre-du-jour.pdf").body())
    assert "LE CORRE" in agenda
    assert "KERBRAT" in agenda

    with transaction(region.database) as db:
        clock.now = queries.session(db, room.session_id).starts_at
    live_server.sign_in(page, room.person("rcp_secretary"))  # another day
    page.goto(session)
    page.get_by_role("button", name="Ouvrir la séance").click()
    page.get_by_role("link", name="Présents").click()
    for who in ("Gwen Tanguy", "Paul Morvan"):
        page.get_by_role("button", name=f"Présent : {who}").click()
        page.get_by_role("button", name=f"Départ de {who}").wait_for()
    page.get_by_role("button", name="Visio : Rose Cadiou").click()
    page.get_by_text("Quorum du dossier atteint").wait_for()

    # Two cases, one gesture each.
    for kind in ("387713003", "C15632"):  # surgery, chemotherapy
        page.get_by_role("link", name="Avis de la RCP").click()
        page.keyboard.press("1")
        page.get_by_label("Type", exact=True).select_option(value=kind)
        page.get_by_role("button", name="Valider et passer au suivant").click()
        page.get_by_text("Avis validé").wait_for()
    assert room.registration(first.id).state == State.DISCUSSED
    assert room.registration(second.id).state == State.DISCUSSED
    clock.now += timedelta(minutes=10)
    page.get_by_role("button", name="Terminer", exact=True).click()
    page.get_by_role("button", name="Terminer la séance").click()
    page.get_by_text("À valider par le coordonnateur").first.wait_for()
    (sheet,) = read_pdf(page.request.get(f"{session}/emargement.pdf").body())
    assert "Rose Cadiou" in sheet
    assert "Atteint" in sheet
    assert "CORRE" not in sheet

    # The coordinator approves each sheet alone, then corrects one.
    beat(region.database, now=clock.now)
    page.context.clear_cookies()
    live_server.sign_in(page, room.person("coordinator"))
    for name in ("LE CORRE Anne", "KERBRAT Maryse"):
        page.goto(session)
        page.get_by_role("link", name=f"Relire et valider la fiche de {name}").click()
        page.get_by_role("button", name="Valider la fiche").last.click()
        page.wait_for_url(lambda url: "/taches/" not in url or "faite" in url)
    page.goto(session)
    no_faults(page)
    page.get_by_role("button", name="Corriger la fiche de LE CORRE Anne").click()
    page.get_by_text("Motif de la correction").first.wait_for()
    no_faults(page)
    with transaction(region.database) as db:
        found = db.scalars(sa.select(Record).where(Record.kind == "rcp_sheet")).all()
        assert [one.status for one in found] == ["approved", "approved"]


def _first(room: Room, now: datetime) -> int:
    with transaction(room.region.database) as db:
        return (
            db.scalars(
                sa.select(RcpSession.id)
                .where(RcpSession.starts_at > now + timedelta(days=5))
                .order_by(RcpSession.starts_at)
            ).first()
            or 0
        )
