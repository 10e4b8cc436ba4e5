"""Several processes on the same cases: nothing is lost, doubled, or answered by a lock error.

`HENT_FIGHT=200 ./hent test tests/torture` fights longer; here each process gives a few dozen commands.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import runtime
from engine.db import transaction
from engine.models import AuditEntry, Instance, Message, Passage, Task
from tests.engine.playing import MORNING, publish_unchecked
from tests.engine.sketches import sketch

ROOT = Path(__file__).parents[2]
COMMANDS = int(os.environ.get("HENT_FIGHT", "40"))
CASES = int(os.environ.get("HENT_FIGHT_CASES", "12"))

PATHWAY = sketch(
    "start -> merge -> split -> left -> join -> merge2 -> gate",
    "split -> right -> join",
    "gate -> merge if amount == 1",
    "gate -> end default",
    "news -> note -> end2",
    news={"type": "boundary", "host": "left", "interrupting": False, "message": "news"},
    note={"type": "script", "script": "amount = 1"},
    merge2={"type": "xor"},
)


@pytest.mark.parametrize(("processes", "kind"), [(2, "sqlite"), (4, "postgres")])
def test_processes_that_fight_lose_and_double_nothing(
    request: pytest.FixtureRequest, processes: int, kind: str
) -> None:
    database: sa.Engine = request.getfixturevalue(
        "database" if kind == "sqlite" else "postgres_database"
    )
    _open_cases(database)
    url = database.url.render_as_string(hide_password=False)

    fighters = [
        subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", "tests.torture.fighter", url, str(seed), str(COMMANDS)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(processes)
    ]
    counts: Counter[str] = Counter()
    for fighter in fighters:
        said, _ = fighter.communicate(timeout=600)
        assert fighter.returncode == 0
        counts.update(json.loads(said))

    assert counts["locked"] == counts["other refusal"] == 0
    assert sum(counts.values()) == processes * COMMANDS
    _check(database, counts)


def _open_cases(database: sa.Engine) -> None:
    publish_unchecked(database, PATHWAY)
    for number in range(CASES):
        with transaction(database) as db:
            runtime.start_case(
                db, pathway="demo", subject=f"p:{number}", actor="user:1", now=MORNING
            )


def _check(database: sa.Engine, counts: Counter[str]) -> None:
    """What was answered « done » is written once, and the state agrees with its rows."""
    with transaction(database) as db:
        done = db.scalar(sa.select(sa.func.count()).select_from(Task).filter_by(state="done"))
        sent = db.scalar(sa.select(sa.func.count()).select_from(Message))
        assert (done, sent) == (counts["done"], counts["sent"])
        entries = db.execute(
            sa.select(
                AuditEntry.case_id, sa.func.count(), sa.func.max(AuditEntry.position)
            ).group_by(AuditEntry.case_id)
        ).all()
        assert all(count == last for _, count, last in entries)
        waiting = _counted(
            db,
            sa.select(Passage.instance_id, sa.func.count())
            .where(Passage.left_at.is_(None), Passage.kind == "task")
            .group_by(Passage.instance_id),
        )
        opened = _counted(
            db,
            sa.select(Task.instance_id, sa.func.count())
            .where(Task.state == "open")
            .group_by(Task.instance_id),
        )
        assert waiting == opened
        running = set(db.scalars(sa.select(Instance.id).filter_by(state="running")))
        assert set(opened) == running


def _counted(db: Session, query: sa.Select[int, int]) -> dict[int, int]:
    return dict(db.execute(query).all())  # type: ignore[arg-type]
