"""One worker among several: fires and runs all that is due, and says each thing it is doing.

Run as `python -m tests.torture.worker URL MOMENT`; whoever started it may kill it at any line.
"""

import sys
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import audit, handlers, jobs, scheduler
from engine.db import connect
from engine.models import Case, Task


def task_opened(db: Session, case: Case, task: Task, now: datetime) -> None:
    """In the middle of the transaction that a timer set off."""
    jobs.later(db, kind="mark", payload={}, now=now, key=f"mark:{case.id}", case_id=case.id)
    print("in the middle", flush=True)  # noqa: T201 (what the test listens to)


def mark(db: Session, payload: dict[str, Any], *, now: datetime) -> None:
    audit.record(db, actor="system", action="marked", now=now)
    print("in the middle", flush=True)  # noqa: T201 (as above)


if __name__ == "__main__":
    handlers.hook("task_opened")(task_opened)
    handlers.job("mark")(mark)
    scheduler.beat(connect(sys.argv[1]), now=datetime.fromisoformat(sys.argv[2]))
