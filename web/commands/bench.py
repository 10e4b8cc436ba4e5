"""`./hent bench`: medians and ratios within one run, a floor measured beside them."""

import argparse
import json
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.orm import undefer

from engine import publishing, queries, runtime
from engine.artifacts import Artifact, Vocabulary
from engine.db import Base, connect, transaction
from engine.layout import lay_out
from engine.models import Instance
from engine.spiff import codec
from web.commands import bench_timers

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
EARLY, LATE = range(6, 16), range(146, 156)
Written = list[tuple[str, Any, bool]]

PATHWAY = """
id: bench_pathway
name: Parcours de mesure
lanes: [IDEC]
elements:
  - {id: start, type: start, name: Début, lane: IDEC}
  - {id: again, type: xor, name: "", lane: IDEC}
  - {id: visit, type: call, name: Visite, lane: IDEC, calls: bench_visit, properties: {returns: going_on}}
  - {id: more, type: xor, name: "Encore ?", lane: IDEC}
  - {id: end, type: end, name: Fin, lane: IDEC}
flows:
  - start -> again -> visit -> more
  - {from: more, to: again, name: oui, condition: "going_on == true"}
  - {from: more, to: end, name: non, default: true}
"""
VISIT = """
id: bench_visit
name: Visite de mesure
lanes: [IDEC]
elements:
  - {id: start, type: start, name: Début, lane: IDEC}
  - {id: prepare, type: user, name: Préparer, lane: IDEC, properties: {form: visit, deadline: visit}}
  - {id: split, type: and, name: "", lane: IDEC}
  - {id: examine, type: user, name: Examiner, lane: IDEC, properties: {form: visit, deadline: visit}}
  - {id: inform, type: user, name: Informer, lane: IDEC, properties: {form: visit, deadline: visit}}
  - {id: join, type: and, name: "", lane: IDEC}
  - {id: conclude, type: user, name: Conclure, lane: IDEC, properties: {form: visit, deadline: visit}}
  - {id: end, type: end, name: Fin, lane: IDEC}
flows:
  - start -> prepare -> split -> examine -> join -> conclude -> end
  - split -> inform -> join
"""
DEADLINES = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d">
<decision id="deadlines" name="deadlines"><decisionTable id="t" hitPolicy="FIRST">
<input id="i" label="deadline"><inputExpression><text>deadline</text></inputExpression></input>
<output id="o1" name="anchor"/><output id="o2" name="amount"/><output id="o3" name="unit"/>
<output id="o4" name="reminder"/><output id="o5" name="escalation"/>
<rule id="r1"><inputEntry><text>"visit"</text></inputEntry><outputEntry><text>"opened"</text></outputEntry>
<outputEntry><text>7</text></outputEntry><outputEntry><text>"days"</text></outputEntry>
<outputEntry><text></text></outputEntry><outputEntry><text></text></outputEntry></rule>
<rule id="r2"><inputEntry><text>-</text></inputEntry><outputEntry><text>"opened"</text></outputEntry>
<outputEntry><text>7</text></outputEntry><outputEntry><text>"days"</text></outputEntry>
<outputEntry><text></text></outputEntry><outputEntry><text></text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["engine", "timers"])
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--tasks", type=int, default=200, help="completed in each case")
    parser.add_argument("--timers", type=int, default=10_000, help="due at once")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--database-url", help="timers: an empty database, such as PostgreSQL")


def run(arguments: argparse.Namespace) -> int:
    if arguments.what == "timers":
        figures = bench_timers.measure(
            count=arguments.timers, workers=arguments.workers, url=arguments.database_url
        )
    else:
        figures = measure(cases=arguments.cases, tasks=max(arguments.tasks, LATE.stop))
    if arguments.json:
        print(json.dumps(figures, indent=2))  # noqa: T201 (what the command is for)
    else:
        for name, value in figures.items():
            print(f"{name:28} {value}")  # noqa: T201
    return 0


def measure(*, cases: int, tasks: int) -> dict[str, float]:
    """Whole cases on SQLite as delivered (WAL, synchronous=FULL); the floor replays their writes."""
    folder = Path(tempfile.mkdtemp(prefix="hent-bench-"))
    try:
        return _measure(folder, cases, tasks)
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, cases: int, tasks: int) -> dict[str, float]:
    database = connect(f"sqlite:///{folder / 'engine.sqlite3'}")
    Base.metadata.create_all(database)
    written: Written = []
    case_ids, fresh = _open_cases(database, cases), _open_cases(database, cases)
    for case_id in fresh * (EARLY.start - 1):
        _complete_one(database, case_id)
    database.dispose()
    shutil.copy(folder / "engine.sqlite3", folder / "floor.sqlite3")
    sa.event.listen(database, "before_cursor_execute", _recorder(written))
    floor = _floor(folder / "floor.sqlite3")
    every: list[float] = []
    floors: list[float] = []
    early: list[float] = []
    late: list[float] = []
    for turn in range(1, tasks + 1):
        for case_id, young in zip(case_ids, fresh, strict=True):
            written.clear()
            every.append(_timed(partial(_complete_one, database, case_id)))
            floors.append(_timed(partial(floor, written)))
            if turn in LATE:  # side by side, so that a busy machine slows both alike
                late.append(every[-1])
                written.clear()
                early.append(_timed(partial(_complete_one, database, young)))
                floor(written)  # the same rows here as there
    return _figures(every, floors, early, late, _states(database))


def _figures(
    steps: list[float],
    floors: list[float],
    at_10th: list[float],
    at_150th: list[float],
    states: list[bytes],
) -> dict[str, float]:
    early, late = statistics.median(at_10th), statistics.median(at_150th)
    every, floor = sorted(steps), statistics.median(floors)
    return {
        "steps": len(every),
        "median_ms": round(statistics.median(every), 3),
        "p99_ms": round(every[int(len(every) * 0.99)], 3),
        "median_ms_at_10th": round(early, 3),
        "median_ms_at_150th": round(late, 3),
        "growth_150th_over_10th": round(late / early, 3),
        "floor_ms": round(floor, 3),
        "ratio_to_floor": round(statistics.median(every) / floor, 2),
        "state_bytes_largest": max(map(len, states), default=0),
        "live_tasks_most": max((codec.live(codec.read(one)) for one in states), default=0),
    }


def _open_cases(database: sa.Engine, cases: int) -> list[int]:
    artifacts = [
        Artifact("diagram", yaml.safe_load(source)["id"], lay_out(source))
        for source in (PATHWAY, VISIT)
    ]
    artifacts.append(Artifact("table", "deadlines", DEADLINES))
    vocabulary = Vocabulary(
        roles=("IDEC",), forms={"visit": ("going_on", "note")}, data={"going_on": "instance"}
    )
    with transaction(database) as db:
        publishing.publish(
            db, artifacts=artifacts, vocabulary=vocabulary, actor="system", now=START
        )
    opened = []
    for number in range(cases):
        with transaction(database) as db:
            case = runtime.start_case(
                db, pathway="bench_pathway", subject=f"bench:{number}", actor="system", now=START
            )
            opened.append(case.id)
    return opened


def _complete_one(database: sa.Engine, case_id: int) -> None:
    with transaction(database) as db:
        task = queries.open_tasks(db, case_id)[0]
        runtime.complete_task(
            db,
            task_id=task.id,
            answers={"going_on": True, "note": "x" * 300},
            actor="user:1",
            now=START,
        )


def _timed(what: Callable[[], Any]) -> float:
    started = time.perf_counter()
    what()
    return (time.perf_counter() - started) * 1000


def _recorder(written: Written) -> Callable[..., None]:
    def record(
        _connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, many: bool
    ) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            written.append((statement, given, many))

    return record


def _floor(path: Path) -> Callable[[Written], None]:
    """The same rows, by the bare driver: what any engine that keeps them must pay."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")

    def replay(written: Written) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for statement, given, many in written:
            if many and isinstance(given[0], (tuple, list, dict)):
                connection.executemany(statement, given)
            else:
                connection.execute(statement, given).fetchall()
        connection.execute("COMMIT")

    return replay


def _states(database: sa.Engine) -> list[bytes]:
    with transaction(database) as db:
        rows = db.scalars(sa.select(Instance).options(undefer(Instance.snapshot)))
        return [row.snapshot for row in rows if row.snapshot]
