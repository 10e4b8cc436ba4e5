"""The heartbeat: wakes due timers and jobs. The only clock below the web.

Several processes may beat at once: the claim is in the database, the beat only looks.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import sqlalchemy as sa
from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.schedulers.background import BackgroundScheduler as BackgroundScheduler
from sqlalchemy.orm import Session

from engine import jobs, timers
from engine.db import reading, transaction
from engine.job_process import JobProcess

SECONDS = 2
Hourly = Callable[[Session, datetime], object]
log = logging.getLogger("hent.engine")
# A beat that lasts longer than two seconds is no news: the next one takes what is left.
logging.getLogger("apscheduler.executors").setLevel(logging.ERROR)
logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)

Beat = Callable[..., int]


def beat(database: sa.Engine, *, now: datetime) -> int:
    """Fire and run all that is due at `now`, here and now; the number of things done."""
    done = 0
    while count := timers.fire_due_timers(database, now=now) + jobs.run_due_jobs(
        database, now=now
    ):
        done += count
    return done


def start(
    database: sa.Engine, *, prepare: Callable[[], object], hourly: Hourly | None = None
) -> BackgroundScheduler:
    """Beat every two seconds until `.shutdown()`; timers never wait for a job that takes long.

    `prepare` registers what jobs need, in the process where they are done.
    """
    scheduler = BackgroundScheduler(timezone=UTC)
    elsewhere = JobProcess(database, prepare)
    scheduler.add_listener(lambda _event: elsewhere.stop(), EVENT_SCHEDULER_SHUTDOWN)
    for work in (partial(_fire, database), elsewhere.run_due_jobs):
        scheduler.add_job(
            _tick,
            "interval",
            seconds=SECONDS,
            args=[work],
            coalesce=True,
            max_instances=1,
            next_run_time=datetime.now(UTC),
        )
    if hourly is not None:
        scheduler.add_job(
            _each_hour,
            "interval",
            hours=1,
            args=[database, hourly],
            coalesce=True,
            max_instances=1,
        )
    scheduler.start()
    return scheduler


def _fire(database: sa.Engine, *, now: datetime) -> int:
    fired = timers.fire_due_timers(database, now=now)
    if now.second < SECONDS:  # the alarm is told once a minute
        with reading(database) as db:
            if late := timers.late(db, now=now):
                log.warning("%d timers should have fired long ago", late)
    return fired


def _each_hour(database: sa.Engine, work: Hourly) -> None:
    try:
        with transaction(database) as db:
            work(db, datetime.now(UTC))
    except Exception:
        log.exception("the hourly work failed")


def _tick(work: Beat) -> None:
    """All that is due, at the time it is by now; a clock that jumped is believed."""
    try:
        while work(now=datetime.now(UTC)):
            pass
    except Exception:
        log.exception("the heartbeat failed")
