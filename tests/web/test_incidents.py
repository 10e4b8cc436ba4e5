"""« Incidents »: what did not happen by itself, for the office, without a word of medicine."""

from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from engine import handlers, jobs, runtime, timers
from engine.db import transaction
from engine.errors import Conflict
from engine.models import AuditEntry, Job, Message, Timer
from tests.factories import MORNING, make_user
from tests.web.conftest import Live, Time
from tests.workflows.ward import Ward
from workflows.notices.models import Notice
from workflows.staff.models import User

As = Callable[[User], FlaskClient]


def said(answer: Any) -> str:
    return unescape(answer.get_data(as_text=True)).replace("\u202f", " ")


def refuses(db: Session, payload: dict[str, Any], *, now: datetime) -> None:
    raise Conflict("Aucun médecin traitant n’est connu.")


@pytest.fixture
def office(
    ward: Ward, database: sa.Engine, monkeypatch: pytest.MonkeyPatch, clock: Time
) -> dict[str, User]:
    """A job given up, a timer that fires too late, a message nobody awaits; two who watch."""
    monkeypatch.setitem(handlers._jobs, "letter", refuses)
    with transaction(database) as db:
        people = {
            "admin": make_user(db, "Yann Guéguen", roles=("administrator",)),
            "quality": make_user(db, "Solenn Kermarrec", roles=("quality_manager",)),
        }
        jobs.later(db, kind="letter", payload={}, now=MORNING, key="letter", case_id=ward.case_id)
        timers.add_timer(db, case_id=ward.case_id, kind="reminder", due_at=MORNING)
        runtime.send_message(
            db, name="results_in", case_id=ward.case_id, actor="user:1", now=MORNING
        )
    now = MORNING
    for wait in (timedelta(), *jobs.RETRIES):
        now += wait
        jobs.run_due_jobs(database, now=now)
    clock.now = now
    return people


def test_the_page_shows_what_did_not_happen_and_who_is_in_charge(
    ward: Ward, office: dict[str, User], as_: As
) -> None:
    page = said(as_(office["admin"]).get("/incidents"))

    assert "Travail « letter »" in page
    assert "Aucun médecin traitant n’est connu." in page
    assert "Qualiticien" in page
    assert f"Dossier n° {ward.case_id}" in page
    assert "1 minuterie en retard" in page
    assert "Message « results_in »" in page
    assert "LE BIHAN" not in page


def test_nobody_else_may_open_it_or_try_again(
    ward: Ward, office: dict[str, User], as_: As, database: sa.Engine
) -> None:
    nurse = as_(ward.nurse)
    assert nurse.get("/incidents").status_code == 403
    assert nurse.post("/incidents/relancer").status_code == 403
    assert "/incidents" not in said(nurse.get("/"))
    with transaction(database) as db:
        assert db.scalars(sa.select(Job.state)).all() == ["incident"]


def test_those_in_charge_are_told_once(office: dict[str, User], database: sa.Engine) -> None:
    with transaction(database) as db:
        told = db.execute(sa.select(Notice.user_id, Notice.text).filter_by(kind="incident")).all()

    assert [user_id for user_id, _ in told] == [office["quality"].id]
    assert "Incidents" in told[0].text


def test_trying_again_does_it(
    office: dict[str, User],
    as_: As,
    database: sa.Engine,
    monkeypatch: pytest.MonkeyPatch,
    clock: Time,
) -> None:
    done: list[datetime] = []
    monkeypatch.setitem(handlers._jobs, "letter", lambda db, payload, *, now: done.append(now))
    client = as_(office["admin"])

    answer = client.post("/incidents/relancer", follow_redirects=True)

    assert "2 relancés" in said(answer) or "1 relancé" in said(answer)
    assert jobs.run_due_jobs(database, now=clock.now) == 1
    assert len(done) == 1
    assert "Aucun travail abandonné" in said(client.get("/incidents"))
    with transaction(database) as db:
        line = db.scalars(sa.select(AuditEntry).filter_by(action="job.retried")).one()
    assert line.actor == office["admin"].actor


def test_one_is_tried_again_or_set_aside_with_a_reason(
    office: dict[str, User], as_: As, database: sa.Engine
) -> None:
    client = as_(office["quality"])
    with transaction(database) as db:
        job_id = db.scalars(sa.select(Job.id)).one()
        message_id = db.scalars(sa.select(Message.id).filter_by(name="results_in")).one()
        timer_id = db.scalars(sa.select(Timer.id).filter_by(kind="reminder", due_at=MORNING)).one()

    assert client.post(f"/incidents/job/{job_id}/classer", data={"reason": " "}).status_code == 422
    client.post(f"/incidents/job/{job_id}/classer", data={"reason": "Envoyé par fax"})
    client.post(f"/incidents/message/{message_id}/classer", data={"reason": "Reçu deux fois"})
    assert client.post(f"/incidents/timer/{timer_id}/classer").status_code == 404
    assert client.post(f"/incidents/timer/{timer_id}/relancer").status_code == 302
    assert client.post(f"/incidents/job/{job_id}/relancer").status_code == 404

    with transaction(database) as db:
        assert db.get_one(Job, job_id).reason == "Envoyé par fax"
        assert db.get_one(Message, message_id).state == "expired"


def test_a_person_of_the_role_in_charge_takes_it_and_gives_it_back(
    office: dict[str, User], as_: As, database: sa.Engine
) -> None:
    """What the model refuses is the quality manager's: the administrator may not take it."""
    with transaction(database) as db:
        job_id = db.scalars(sa.select(Job.id)).one()
        colleague = make_user(db, "Maëlle Riou", roles=("quality_manager",))
    quality, admin, other = as_(office["quality"]), as_(office["admin"]), as_(colleague)
    take, give_back = f"/incidents/job/{job_id}/prendre", f"/incidents/job/{job_id}/rendre"

    refused = admin.post(take)
    assert refused.status_code == 403
    assert "à traiter par : qualiticien" in said(refused)
    assert quality.post(take).status_code == quality.post(take).status_code == 302
    assert "Solenn Kermarrec" in said(admin.get("/incidents"))
    assert "Rendre" in said(quality.get("/incidents"))
    taken = other.post(take)
    assert taken.status_code == 409
    assert "Solenn Kermarrec s’en occupe déjà" in said(taken)
    assert "Libérer" in said(other.get("/incidents"))  # she is away: a colleague takes over
    assert other.post(give_back).status_code == other.post(take).status_code == 302

    with transaction(database) as db:
        assert db.get_one(Job, job_id).taken_by == colleague.actor
        lines = db.execute(
            sa.select(AuditEntry.action, AuditEntry.actor)
            .where(AuditEntry.action.in_(["job.taken", "job.left"]))
            .order_by(AuditEntry.position)
        ).all()
    assert [tuple(line) for line in lines] == [
        ("job.taken", office["quality"].actor),
        ("job.left", colleague.actor),
        ("job.taken", colleague.actor),
    ]


def test_what_somebody_who_left_had_taken_is_anybodys_again(
    office: dict[str, User], as_: As, database: sa.Engine
) -> None:
    with transaction(database) as db:
        job_id = db.scalars(sa.select(Job.id)).one()
        gone = make_user(db, "Maëlle Riou", roles=("quality_manager",))
        db.execute(sa.update(Job).values(taken_by=gone.actor))
        gone.active = False
    client = as_(office["quality"])

    assert "Prendre en charge" in said(client.get("/incidents"))
    assert client.post(f"/incidents/job/{job_id}/prendre").status_code == 302


def test_all_of_one_cause_are_tried_again_together(
    ward: Ward,
    office: dict[str, User],
    as_: As,
    database: sa.Engine,
    clock: Time,
) -> None:
    with transaction(database) as db:
        for key in ("b", "c"):
            jobs.later(db, kind="letter", payload={}, now=MORNING, key=key, case_id=ward.case_id)
        db.flush()
        db.execute(sa.update(Job).values(state="incident", error="Aucun médecin traitant."))
        db.execute(sa.update(Job).filter_by(key="c").values(error="Le serveur s’est arrêté."))
        job_id = db.scalars(sa.select(Job.id).filter_by(key="b")).one()
    client = as_(office["admin"])

    assert "Relancer les 2 de même cause" in said(client.get("/incidents"))
    answer = client.post(f"/incidents/job/{job_id}/relancer-la-cause", follow_redirects=True)

    assert "2 relancés" in said(answer)
    with transaction(database) as db:
        waiting = set(db.scalars(sa.select(Job.key).filter_by(state="waiting")))
    assert waiting == {"letter", "b"}


def test_a_probe_learns_that_a_timer_is_late_and_nothing_else(
    ward: Ward, office: dict[str, User], client: FlaskClient, database: sa.Engine, clock: Time
) -> None:
    answer = client.get("/sante")
    assert (answer.status_code, answer.get_json()) == (503, {"incidents": 2, "late_timers": 1})

    timers.fire_due_timers(database, now=clock.now)
    assert client.get("/sante").status_code == 200


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_an_incident_is_set_aside_from_the_page(
    office: dict[str, User], live_server: Live, page: Any
) -> None:
    live_server.sign_in(page, office["admin"])
    page.goto(f"{live_server.url}/incidents")
    row = page.get_by_role("row", name="letter")
    row.get_by_text("Classer").first.click()
    row.get_by_role("textbox").fill("Envoyé par fax")
    row.get_by_role("button", name="Classer").click()

    page.get_by_text("Classé, avec sa raison.").wait_for()
    page.get_by_text("Aucun travail abandonné").wait_for()
    assert live_server.refused == []
