"""Two workers on the same timers and jobs, one of them killed in the middle: each happens once."""

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine import jobs
from engine.db import transaction
from engine.models import AuditEntry, Job, Passage, Task, Timer
from tests.engine.playing import MORNING, Play
from tests.engine.sketches import sketch

ROOT = Path(__file__).parents[2]
CASES = 12
DUE = MORNING + timedelta(days=7)
PAUSE = sketch("start -> pause -> after -> end", pause={"type": "catch", "timer": "P7D"})


def worker(database: sa.Engine, now: datetime) -> "subprocess.Popen[str]":
    url = database.url.render_as_string(hide_password=False)
    return subprocess.Popen(  # noqa: S603 (our own module)
        [sys.executable, "-m", "tests.torture.worker", url, now.isoformat()],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("lines", [1, 5], ids=["at once", "later"])
def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(
    any_database: sa.Engine, lines: int
) -> None:
    for _ in range(CASES):
        Play.of(any_database, PAUSE)

    killed, other = worker(any_database, DUE), worker(any_database, DUE)
    assert killed.stdout is not None
    for _ in range(lines):
        if not killed.stdout.readline():
            break  # the other one was quicker: nothing was left to do
    killed.kill()
    killed.communicate()
    other.communicate(timeout=300)
    last = worker(any_database, DUE + jobs.LEASE)  # what the dead one held is free by then
    last.communicate(timeout=300)

    assert (other.returncode, last.returncode) == (0, 0)
    with transaction(any_database) as db:
        assert db.scalars(sa.select(Timer)).all() == []
        assert _actions(db, "timer.fired") == _actions(db, "marked") == CASES
        assert set(db.scalars(sa.select(Job.state))) == {"done"}
        opened = db.scalars(sa.select(Task.case_id).filter_by(state="open")).all()
        assert len(opened) == len(set(opened)) == CASES
        standing = sa.select(sa.func.count(Passage.id)).where(Passage.left_at.is_(None))
        assert db.scalar(standing) == CASES


def _actions(db: sa.orm.Session, action: str) -> int:
    return db.scalar(sa.select(sa.func.count(AuditEntry.id)).filter_by(action=action)) or 0
