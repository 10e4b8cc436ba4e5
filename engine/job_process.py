"""Jobs are done in a process of their own: one that hangs or dies is ended there, and only there.

A job that is not over in time is ended by the kernel (SIGALRM, which nobody handles): also inside
a C library, also in the middle of a transaction, whose locks go with the process. Its try has
failed; another process takes up the next job at once (ADR 0015).
"""

import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import sqlalchemy as sa

from engine import jobs
from engine.db import connect
from engine.failures import INTERRUPTED, TOO_LONG

BOUND = 120.0  # seconds: well below the lease of a job, well above the longest document

# A clean process is forked for each, in milliseconds, from one that has no threads: those of a
# server hold locks that nobody would ever release in a copy.
_context = get_context("forkserver")


class JobProcess:
    """Claims here, works there. `prepare` registers the handlers in the new process."""

    def __init__(self, database: sa.Engine, prepare: Callable[[], object]) -> None:
        _context.set_forkserver_preload([__name__, prepare.__module__])
        self._database = database
        self._prepare = prepare
        self._process: Any = None
        self._pipe: Connection | None = None

    def run_due_jobs(self, *, now: datetime, limit: int = 100) -> int:
        """What is due, one after the other; the number done."""
        done = 0
        for _ in range(limit):
            claimed = jobs.claim(self._database, now)
            if claimed is None:
                break
            done += self._hand_over(claimed, now)
        return done

    def stop(self) -> None:
        """End the process; a job it was in the middle of is free when its lease is over."""
        if self._process is not None:
            self._process.kill()
            self._forget()

    def _hand_over(self, claimed: jobs.Claimed, now: datetime) -> int:
        pipe = self._pipe
        if pipe is None or not self._process.is_alive():
            pipe = self._start()
        try:
            pipe.send((claimed, now))
            return int(pipe.recv())
        except (EOFError, OSError):  # it hung, crashed, or was killed
            hung = self._forget() == -signal.SIGALRM
            jobs.give_back(self._database, claimed.id, TOO_LONG if hung else INTERRUPTED, now)
            return 0

    def _start(self) -> Connection:
        self._pipe, theirs = _context.Pipe()
        self._process = _context.Process(
            target=_work,
            args=(theirs, _address(self._database), self._prepare),
            name="hent-jobs",
            daemon=True,
        )
        self._process.start()
        theirs.close()  # so that its end is heard here
        return self._pipe

    def _forget(self) -> int | None:
        """Wait for a process that has ended; how it did."""
        self._process.join()
        code: int | None = self._process.exitcode
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None
        return code


def _work(pipe: Connection, address: str, prepare: Callable[[], object]) -> None:
    """The new process: does what it is handed until nobody is there to hand it anything."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl C is for the server, which stops this one
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    prepare()
    database = connect(address)
    with suppress(EOFError, OSError):
        while True:
            claimed, now = pipe.recv()
            signal.setitimer(signal.ITIMER_REAL, BOUND)
            done = jobs.run(database, claimed, now)
            signal.setitimer(signal.ITIMER_REAL, 0)
            pipe.send(done)


def _address(database: sa.Engine) -> str:
    return database.url.render_as_string(hide_password=False)
