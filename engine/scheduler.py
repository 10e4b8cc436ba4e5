"""The heartbeat: wakes due timers and jobs. The only clock below the web.

Several processes may beat at once: the claim is in the database, the beat only looks.
"""

import logging
from datetime import UTC, datetime

import sqlalchemy as sa
from apscheduler.schedulers.background import BackgroundScheduler

from engine import jobs, timers

SECONDS = 2
log = logging.getLogger("hent.engine")
# A beat that lasts longer than two seconds is no news: the next one takes what is left.
logging.getLogger("apscheduler.executors").setLevel(logging.ERROR)
logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


def beat(database: sa.Engine, *, now: datetime) -> int:
    """Fire and run all that is due at `now`; the number of things done."""
    done = 0
    while count := timers.fire_due_timers(database, now=now) + jobs.run_due_jobs(
        database, now=now
    ):
        done += count
    return done


def start(database: sa.Engine) -> BackgroundScheduler:
    """Beat every two seconds in a thread of its own until `.shutdown()`."""
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        _tick,
        "interval",
        seconds=SECONDS,
        args=[database],
        coalesce=True,
        max_instances=1,
        next_run_time=datetime.now(UTC),
    )
    scheduler.start()
    return scheduler


def _tick(database: sa.Engine) -> None:
    try:
        beat(database, now=datetime.now(UTC))
    except Exception:
        log.exception("the heartbeat failed")
