"""Every human task can be « sans objet », with a reason, and satisfies nothing of §13 (issue 4)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import blobs, queries, runtime
from engine.db import Base, connect, transaction
from engine.models import Artifact as ArtifactRow
from engine.models import Task
from engine.publishing import revision_in_service
from tests.walks.invariants import satisfied
from tests.walks.jumps import Jump, jumps
from tests.walks.region import Region, build
from workflows.cases import offers, operations, skipping
from workflows.cases.audience import people_offered
from workflows.library import library_of
from workflows.patients import operations as patients
from workflows.revisions.operations import seed
from workflows.revisions.release import gather
from workflows.staff import queries as staff

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
REASON = "Fait ailleurs."
RELEASED = gather()
JUMPS = dict(jumps(RELEASED))
Founded = tuple[sa.Engine, Region]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Founded]:
    """One revision in which each released task begins a diagram of its own."""
    file = tmp_path_factory.mktemp("skips") / "founded.sqlite3"
    database = connect(f"sqlite:///{file}")
    Base.metadata.create_all(database)
    with transaction(database) as db:
        shipped = seed(db, actor="system", now=NOW)
        for artifact in JUMPS.values():  # past the gate: what lies before the task leads nowhere
            digest = blobs.keep(db, artifact.content)
            db.add(
                ArtifactRow(
                    revision_id=shipped.id, kind="diagram", name=artifact.name, sha256=digest
                )
            )
        shipped.content_hash = "with a diagram for each task"  # or another test's is shared
        db.flush()
        db.info.pop("revisions", None)
        region = build(db)
    yield database, region
    database.dispose()


class _Undo(Exception):
    """What one way has written is not kept for the next."""


@pytest.mark.parametrize("jump", JUMPS, ids=lambda jump: f"{jump.definition}.{jump.element}")
def test_a_human_task_may_be_without_object(jump: Jump, founded: Founded) -> None:
    database, region = founded
    for way in _ways(database, jump):
        with suppress(_Undo), transaction(database) as db:
            task = _open(db, region, jump)
            before = satisfied(db, task.case_id)
            user = people_offered(db, task.id)[0]
            done = skipping.not_applicable(
                db, task_id=task.id, reason=REASON, way=way, user=user, now=NOW
            )
            assert (done.outcome, done.reason) == ("not_applicable", REASON)
            assert satisfied(db, task.case_id) <= before
            raise _Undo


def _ways(database: sa.Engine, jump: Jump) -> list[str]:
    with transaction(database) as db:
        revision = revision_in_service(db)
        assert revision is not None
        ways = skipping.ways_of(library_of(db, revision.id), jump.form)
    assert ways, f"{jump.form}: no way on, and rules of its own"
    return [way.code for way in ways]


def _open(db: Session, region: Region, jump: Jump) -> Task:
    """A case whose pathway is that diagram, begun at that task."""
    user = staff.user(db, region.opener_id)
    patient = patients.register_patient(
        db, birth_name="Test-Passage", first_names="Katell", sex="F",
        birth_date=NOW.date() - timedelta(days=20_000), user=user, now=NOW, confirmed=True,
    )  # fmt: skip
    episode = operations.open_case(
        db, patient_id=patient.id, unit_id=region.unit_id, organ="breast", user=user,
        now=NOW, pathway=jump.name, confirmed=True,
    )  # fmt: skip
    (task,) = queries.open_tasks(db, episode.case_id)
    assert task.element == jump.element
    runtime.put_data(  # a transfer is answered by the team that was named
        db, case_id=episode.case_id, instance_id=task.instance_id, actor="system", now=NOW,
        values={"receiving_unit_id": region.unit_id},
    )  # fmt: skip
    offers.rewrite(db, episode.case_id)
    return task
