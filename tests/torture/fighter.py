"""One process among several on the same cases: commands in, a line of figures out.

Run as `python -m tests.torture.fighter URL SEED COMMANDS`; what it prints is JSON.
"""

import json
import random
import sys
from collections import Counter
from datetime import UTC, datetime

import sqlalchemy as sa

from engine import runtime, scheduler
from engine.db import connect, transaction
from engine.errors import Busy, Conflict, Refusal
from engine.models import Case, Task

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def fight(url: str, seed: int, commands: int) -> dict[str, int]:
    """Complete tasks, send messages and beat, each time on a case picked at random."""
    chance, counts = random.Random(seed), Counter[str]()  # noqa: S311 (a game, no secret)
    database = connect(url)
    with transaction(database) as db:
        cases = list(db.scalars(sa.select(Case.id)))
    for number in range(commands):
        try:
            counts[_one(database, chance, chance.choice(cases), f"{seed}:{number}")] += 1
        except Busy:
            counts["locked"] += 1
        except Conflict:
            counts["refused"] += 1  # a sentence: somebody else was first
        except Refusal:
            counts["other refusal"] += 1
    database.dispose()
    return dict(counts)


def _one(database: sa.Engine, chance: random.Random, case_id: int, key: str) -> str:
    """The task is looked up before the transaction that completes it: the others may be quicker."""
    with transaction(database) as db:
        open_ids = list(db.scalars(sa.select(Task.id).filter_by(case_id=case_id, state="open")))
    if chance.random() < 0.1:
        scheduler.beat(database, now=NOW)
        return "beat"
    with transaction(database) as db:
        if chance.random() < 0.2 or not open_ids:
            runtime.send_message(
                db, name="news", case_id=case_id, actor="user:1", now=NOW, key=key
            )
            return "sent"
        runtime.complete_task(
            db, task_id=chance.choice(open_ids), answers={"amount": 1}, actor="user:1", now=NOW
        )
        return "done"


if __name__ == "__main__":
    print(json.dumps(fight(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))  # noqa: T201
