"""`./hent bench timers`: a server that was down wakes up to a burst of due timers; how fast they go.

Run as `python -m web.commands.bench_timers URL MOMENT` it is one of the workers.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from engine import publishing, runtime, timers
from engine.artifacts import Artifact, Vocabulary
from engine.db import Base, connect, transaction
from engine.errors import Invalid
from engine.layout import lay_out
from engine.models import AuditEntry, Timer

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
DUE = START + timedelta(days=8)
EACH = 4  # timers of a case
_WAITS = "\n".join(
    f"  - {{id: wait{n}, type: catch, name: Attendre {n}, lane: IDEC, timer: P7D}}"
    for n in range(EACH)
)
_WAYS = "\n".join(f"  - split -> wait{n} -> join" for n in range(EACH))
PATHWAY = f"""
id: bench_burst
name: Parcours qui attend
lanes: [IDEC]
elements:
  - {{id: start, type: start, name: Début, lane: IDEC}}
  - {{id: split, type: and, name: "", lane: IDEC}}
{_WAITS}
  - {{id: join, type: and, name: "", lane: IDEC}}
  - {{id: end, type: end, name: Fin, lane: IDEC}}
flows:
  - start -> split
{_WAYS}
  - join -> end
"""


def measure(*, count: int, workers: int, url: str | None) -> dict[str, float]:
    """On a new SQLite database, or on an empty one that is given and emptied again afterwards."""
    with tempfile.TemporaryDirectory(prefix="hent-bench-") as folder:
        database = connect(url or f"sqlite:///{Path(folder) / 'burst.sqlite3'}")
        if sa.inspect(database).get_table_names():
            raise Invalid("Cette base contient déjà des tables\u202f: donnez-en une vide.")
        Base.metadata.create_all(database)
        try:
            return _measure(database, count, workers)
        finally:
            Base.metadata.drop_all(database)
            database.dispose()


def _measure(database: sa.Engine, count: int, workers: int) -> dict[str, float]:
    _open_cases(database, count // EACH)
    url = database.url.render_as_string(hide_password=False)
    started = [
        subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", "web.commands.bench_timers", url, DUE.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(workers)
    ]
    for one in started:
        assert one.stdout is not None  # noqa: S101 (given just above)
        one.stdout.readline()  # it is ready: what is measured is not Python's start
    began = time.perf_counter()
    for one in started:
        assert one.stdin is not None  # noqa: S101
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [json.loads(one.communicate()[0]) for one in started]
    took = time.perf_counter() - began
    batches = [batch for one in told for batch in one["batches"]]
    cpu = sum(one["cpu"] for one in told)
    return {
        "workers": workers,
        "due": count // EACH * EACH,
        **_fired(database),
        "seconds": round(took, 1),
        "per_second": round(count // EACH * EACH / took),
        "median_ms": round(statistics.median(batches), 2),
        "cpu_ms": round(cpu * 1000 / (count // EACH * EACH), 2),
    }


def _fired(database: sa.Engine) -> dict[str, float]:
    """Each once: as many lines of the journal as there were timers, none of them left."""
    with transaction(database) as db:
        fired = sa.select(sa.func.count(AuditEntry.id)).filter_by(action="timer.fired")
        left = sa.select(sa.func.count(Timer.id))
        return {"fired": db.scalar(fired) or 0, "left": db.scalar(left) or 0}


def _open_cases(database: sa.Engine, count: int) -> None:
    artifact = Artifact("diagram", "bench_burst", lay_out(PATHWAY))
    with transaction(database) as db:
        publishing.publish(
            db,
            artifacts=[artifact],
            vocabulary=Vocabulary(roles=("IDEC",)),
            actor="system",
            now=START,
        )
    for first in range(0, count, 100):
        with transaction(database) as db:
            for number in range(first, min(first + 100, count)):
                runtime.start_case(
                    db, pathway="bench_burst", subject=f"b:{number}", actor="system", now=START
                )


def _work(url: str, now: datetime) -> None:
    """Say that it is ready, wait for the word, drain; the mean of each batch, in milliseconds."""
    database, batches = connect(url), []
    with database.connect():
        print("ready", flush=True)  # noqa: T201 (what whoever started it listens to)
    sys.stdin.readline()
    began = time.process_time()
    while True:
        started = time.perf_counter()
        done = timers.fire_due_timers(database, now=now)
        if not done:
            break
        batches.append((time.perf_counter() - started) * 1000 / done)
    told = {"batches": batches, "cpu": time.process_time() - began}
    print(json.dumps(told))  # noqa: T201 (what whoever started it reads)


if __name__ == "__main__":
    _work(sys.argv[1], datetime.fromisoformat(sys.argv[2]))
