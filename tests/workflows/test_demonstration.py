"""The region: where everybody has a place, whose patients' stories hold, and which knows what it is."""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
import yaml

from engine import audit
from engine.db import Base, connect, reading, transaction
from engine.errors import Conflict
from engine.models import Job, JobState, Task
from tests.factories import make_user
from workflows import demonstration
from workflows.access import reach_of
from workflows.cases.models import TaskOffer
from workflows.demonstration import loading
from workflows.demonstration.course import Course
from workflows.patients.models import Patient
from workflows.rcp.models import Rcp, RcpSession
from workflows.revisions import operations as revisions
from workflows.roles import LANES, ROLES, Scope
from workflows.scenarios.answering import read_answers
from workflows.staff import queries as staff

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
COURSES = yaml.safe_load((Path(loading.__file__).parent / "courses.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """A few patients, read as carefully as the web would; any refused step is a failure."""
    database = connect(f"sqlite:///{tmp_path_factory.mktemp('region') / 'hent.sqlite3'}")
    refused: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: refused.append(record.getMessage())  # type: ignore[method-assign]
    loading.log.addHandler(handler)
    loading.take_answers, kept = read_answers, loading.take_answers  # type: ignore[attr-defined]
    with demonstration.careless(database):
        Base.metadata.create_all(database)
        with transaction(database) as db:
            revisions.seed(db, actor="system", now=demonstration.beginning(NOW))
        list(demonstration.load(database, now=NOW, patients=14))
    loading.take_answers = kept  # type: ignore[attr-defined]
    loading.log.removeHandler(handler)
    assert refused == []
    yield database
    database.dispose()


def test_patients_are_fictional_and_their_numbers_are_test_numbers(region: sa.Engine) -> None:
    with reading(region) as db:
        oids = set(db.scalars(sa.select(Patient.ins_oid).where(Patient.ins.is_not(None))))
        names = set(db.scalars(sa.select(Patient.birth_name)))

    assert oids == {"1.2.250.1.213.1.4.10"}
    assert {"Prigent", "Guégan"} <= names


def test_work_is_done_and_work_waits(region: sa.Engine) -> None:
    with reading(region) as db:
        states = Counter(db.scalars(sa.select(Task.state)))

    assert states["done"] > 5 * 14
    assert states["open"] > 0


def test_each_role_has_an_account_to_enter_by(region: sa.Engine) -> None:
    with reading(region) as db:
        shown = [
            user for user in staff.demonstration_accounts(db) if "showcase" in user.preferences
        ]
        held = {role for user in shown for role in user.role_codes}
        meetings = {
            member.function for rcp in db.scalars(sa.select(Rcp)) for member in rcp.members
        }

    entered = {code for code, role in ROLES.items() if role.scope in (Scope.UNIT, Scope.REGION)}
    assert entered - {"system"} <= held
    assert meetings == {"coordinator", "deputy", "secretary", "participant"}


def test_no_role_of_the_diagrams_is_shown_without_work(region: sa.Engine) -> None:
    with reading(region) as db:
        offered = {
            (task.lane, role)
            for user in staff.demonstration_accounts(db)
            if "showcase" in user.preferences
            for role in user.role_codes
            for task in db.scalars(
                sa.select(Task)
                .join(TaskOffer, TaskOffer.task_id == Task.id)
                .where(TaskOffer.audience_id.in_(reach_of(db, user).audiences))
            )
        }

    for lane in ("Pharmacien", "Assistant social", "Soins de support", "Investigateur"):
        assert (lane, LANES[lane].code) in offered, lane
    assert ("Équipe destinataire", "referring_physician") in offered


def test_meetings_are_planned_behind_and_ahead(region: sa.Engine) -> None:
    with reading(region) as db:
        moments = db.scalars(sa.select(RcpSession.starts_at)).all()
        rcps = db.scalars(sa.select(Rcp.code)).all()

    assert len(rcps) == 15
    assert min(moments) < NOW < max(moments)


def test_the_directory_has_its_special_meetings_and_three_specialties_each(
    region: sa.Engine,
) -> None:
    """Domain §3.2 and §3.3: the kinds of RCP, and never fewer than three specialties."""
    with reading(region) as db:
        entries = {one.code: one for one in db.scalars(sa.select(Rcp))}

    kinds = {code: entries[code].kind for code in ("oncogeriatrie", "moleculaire", "sarcomes")}
    assert kinds == {
        "oncogeriatrie": "transversal", "moleculaire": "molecular", "sarcomes": "expert",
    }  # fmt: skip
    assert {one.min_specialties for one in entries.values()} == {3}
    assert [group["label"] for group in entries["oncogeriatrie"].quorum_groups] == [
        "Gériatrie", "Oncologie médicale", "Spécialiste d’organe",
    ]  # fmt: skip


def test_the_audit_trail_of_the_past_is_whole(region: sa.Engine) -> None:
    with reading(region) as db:
        assert list(audit.verify(db)) == []


def test_documents_wait_their_turn_and_never_in_a_crowd(region: sa.Engine) -> None:
    with reading(region) as db:
        waiting = db.scalars(sa.select(Job.due_at).where(Job.state == JobState.WAITING)).all()

    assert waiting
    assert min(waiting) >= NOW
    assert len(set(waiting)) == len(waiting)


def test_a_database_with_accounts_takes_no_demonstration(region: sa.Engine) -> None:
    with pytest.raises(Conflict, match="déjà des comptes"):
        next(demonstration.load(region, now=NOW, patients=1))


def test_a_real_account_ends_the_demonstration(region: sa.Engine) -> None:
    with reading(region) as db:
        before = demonstration.may_be_erased(db), bool(staff.demonstration_accounts(db))
        make_user(db, "Réelle Personne")
        after = demonstration.may_be_erased(db), bool(staff.demonstration_accounts(db))

    assert before == (True, True)
    assert after == (False, False)


@pytest.mark.parametrize("organ", COURSES)
def test_the_steps_of_a_course_go_forward_in_time(organ: str) -> None:
    for number, course in enumerate(COURSES[organ]["courses"].values()):
        random = Random(number)  # noqa: S311 (no secret)
        steps = Course(COURSES[organ], random, age=80, identified=True).play(course["phases"])
        days = [step["day"] for step in steps]

        assert days == sorted(days)
        assert {"open": "secretary", "day": days[0]} == steps[0]
