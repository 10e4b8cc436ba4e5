"""The disk is full, the server goes, the state is spoilt: a sentence, nothing lost, and work goes on."""

import contextlib
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine import db as engine_db
from engine import incidents, runtime, scheduler, timers
from engine.db import transaction
from engine.errors import Busy, Conflict, Full, Unavailable
from engine.models import Instance
from engine.spiff import codec
from tests.engine.playing import Play
from tests.engine.sketches import sketch
from tests.torture.bounds import bounded

ROOT = Path(__file__).parents[2]
PATH = sketch("start -> ask -> tell -> end")
PAUSE = sketch("start -> pause -> after -> end", pause={"type": "catch", "timer": "P7D"})


def full_sqlite(database: sa.Engine) -> Callable[[], None]:
    """Not one page more than there is; calling the answer makes room again."""

    def limit(connection: Any, *_: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    sa.event.listen(database, "checkout", limit)

    def room() -> None:
        sa.event.remove(database, "checkout", limit)
        database.dispose()

    return room


def full_postgres(database: sa.Engine) -> Callable[[], None]:
    """The server says what it says when its disk is full."""
    with database.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
            " 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER no_room BEFORE INSERT ON datum EXECUTE FUNCTION no_room()"
        )

    def room() -> None:
        with database.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER no_room ON datum")

    return room


def test_a_full_disk_is_said_and_nothing_is_half_written(any_database: sa.Engine) -> None:
    play = Play.of(any_database, PATH)
    before = play.fingerprint()
    fill = full_sqlite if any_database.dialect.name == "sqlite" else full_postgres
    room = fill(any_database)

    with bounded(), pytest.raises(Full, match="disque du serveur est plein"):
        play.do("ask", note="x" * 200_000)
    room()

    assert play.fingerprint() == before
    assert play.do("ask", note="x" * 200_000) == ["tell"]


def test_a_server_that_goes_in_the_middle_is_said_and_the_next_request_works(
    postgres_database: sa.Engine,
) -> None:
    play = Play.of(postgres_database, PATH)
    before, task = play.fingerprint(), play.task("ask")

    def cut_off() -> None:
        with transaction(postgres_database) as db:
            runtime.complete_task(db, task_id=task.id, answers={}, actor="u", now=play.now)
            pid = db.scalar(sa.text("SELECT pg_backend_pid()"))
            with postgres_database.connect() as other:
                other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    with bounded(), pytest.raises(Unavailable, match="ne répond plus"):
        cut_off()

    assert play.fingerprint() == before
    assert play.do("ask") == ["tell"]


def fail_once(database: sa.Engine, trouble: Callable[[Any], None]) -> None:
    """As soon as the next line of the journal is to be written, this happens."""

    coming = [trouble]

    def strike(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "audit_entry" in statement and coming:
            coming.pop()(connection)

    sa.event.listen(database, "before_cursor_execute", strike)


def disk_is_full(connection: Any) -> None:
    """SQLite refuses one page more; PostgreSQL says what it says then."""
    if connection.dialect.name == "sqlite":
        (pages,) = connection.exec_driver_sql("PRAGMA page_count").one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.exec_driver_sql("CREATE TABLE more AS SELECT zeroblob(1000000)")
    connection.exec_driver_sql(
        "DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$"
    )


def server_goes(connection: Any) -> None:
    (pid,) = connection.exec_driver_sql("SELECT pg_backend_pid()").one()
    with connection.engine.connect() as other:
        other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})


def beat(play: Play) -> None:
    """As the worker does it: what fails is in its log, and it beats again."""
    scheduler._tick(lambda now: scheduler.beat(play.database, now=play.now))


def test_a_worker_that_meets_a_full_disk_lives_and_fires_when_there_is_room(
    any_database: sa.Engine,
) -> None:
    assert_the_worker_outlives(any_database, disk_is_full)


def test_a_worker_that_loses_the_server_lives_and_fires_when_it_is_back(
    postgres_database: sa.Engine,
) -> None:
    assert_the_worker_outlives(postgres_database, server_goes)


def assert_the_worker_outlives(database: sa.Engine, trouble: Callable[[Any], None]) -> None:
    play = Play.of(database, PAUSE)
    play.now += timedelta(days=7)
    fail_once(database, trouble)

    with bounded():
        beat(play)
    assert play.open() == [], "nothing of it is written"

    play.now += timers.RETRIES[0]
    beat(play)
    assert play.open() == ["after"]


KILLED = """
import sys, time
from datetime import datetime
from engine import runtime
from engine.db import connect, transaction
with transaction(connect(sys.argv[1])) as db:
    runtime.complete_task(
        db, task_id=int(sys.argv[2]), answers={}, actor="u", now=datetime.fromisoformat(sys.argv[3])
    )
    db.flush()
    print("done", flush=True)
    sys.stdin.read()
"""


def test_a_process_killed_in_the_middle_leaves_nothing_and_holds_up_nobody(
    any_database: sa.Engine,
) -> None:
    play = Play.of(any_database, PATH)
    before, url = play.fingerprint(), any_database.url.render_as_string(hide_password=False)
    task = str(play.task("ask").id)
    with subprocess.Popen(  # noqa: S603 (our own words)
        [sys.executable, "-c", KILLED, url, task, play.now.isoformat()],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "done\n"
        os.kill(worker.pid, signal.SIGKILL)

    with bounded():
        assert play.fingerprint() == before
        assert play.do("ask") == ["tell"]


def test_a_server_that_is_not_there_is_said() -> None:
    nowhere = engine_db.connect("postgresql+psycopg://nobody@127.0.0.1:1/none")

    def ask() -> None:
        with engine_db.reading(nowhere) as db:
            db.scalar(sa.text("SELECT 1"))

    with bounded(), pytest.raises(Unavailable, match="ne répond plus"):
        ask()


def test_waiting_too_long_for_a_case_is_said(
    postgres_database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Play.of(postgres_database, PATH)
    monkeypatch.setattr(engine_db, "BUSY_MS", 200)
    url = postgres_database.url.render_as_string(hide_password=False)
    impatient = Play(engine_db.connect(url), play.case_id)

    with postgres_database.begin() as connection:
        connection.execute(sa.text('SELECT id FROM "case" FOR UPDATE'))
        with pytest.raises(Busy, match="très sollicité"):
            impatient.do("ask")
    assert impatient.do("ask") == ["tell"]
    impatient.database.dispose()


def spoil(play: Play, state: bytes) -> None:
    with transaction(play.database) as db:
        db.execute(sa.update(Instance).values(snapshot=state))


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"?unknown format",
        b"1not compressed",
        b"1" + zlib.compress(b"[]"),
        b"1" + zlib.compress(b'{"next": 1, "top": null, "subs": []}'),
        b"1" + zlib.compress(b" " * 50_000_000),
    ],
    ids=["empty", "unknown", "garbage", "list", "no top", "bomb"],
)
def test_a_spoilt_state_is_said_and_can_be_put_back(database: sa.Engine, state: bytes) -> None:
    play = Play.of(database, PATH)
    good = play.states()["demo"]
    spoil(play, state)
    before = play.fingerprint()

    with bounded(), pytest.raises(Conflict, match="illisible"):
        play.do("ask")

    assert play.fingerprint() == before
    spoil(play, good)
    assert play.do("ask") == ["tell"]


def test_a_bit_that_flips_anywhere_in_a_state_is_noticed(database: sa.Engine) -> None:
    good = Play.of(database, PATH).states()["demo"]

    for place in range(len(good) * 8):
        spoilt = bytearray(good)
        spoilt[place // 8] ^= 1 << place % 8
        with contextlib.suppress(codec.CorruptState):  # a bit of zlib's head changes nothing
            assert codec.read(bytes(spoilt)) == codec.read(good)


def test_a_timer_on_a_spoilt_state_is_shown_and_the_others_fire(database: sa.Engine) -> None:
    broken = Play.of(database, PAUSE)
    spoil(broken, b"1spoilt")
    whole = Play.of(database, PAUSE)

    with bounded():
        assert whole.later(days=7) == ["after"]
    with transaction(database) as db:
        (stuck,) = incidents.stuck(db, now=whole.now)
        assert timers.late(db, now=whole.now + timers.LATE) == 1
    assert "illisible" in stuck.cause
    assert stuck.case_id == broken.case_id
