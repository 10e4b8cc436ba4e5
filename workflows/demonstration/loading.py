"""An empty database and the time come in; a region whose patients lived until now is in it."""

import gc
import heapq
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.db import transaction
from engine.errors import Conflict, Refusal
from engine.models import Case, Instance, Job, JobState, Revision
from engine.undo import SETTLED
from workflows.cases.models import Episode
from workflows.demonstration import identities, region
from workflows.demonstration.patients import draw as patients_drawn
from workflows.demonstration.stage import CaseStage, Meetings
from workflows.french import PARIS
from workflows.patients.models import Patient
from workflows.rcp.models import Rcp
from workflows.rcp.planning import local_moment
from workflows.scenarios.answering import take_answers
from workflows.scenarios.performance import NotOpen, Performance
from workflows.scenarios.player import pass_time
from workflows.staff import operations as staff
from workflows.staff import queries as staff_queries
from workflows.staff.models import Unit, User

PATIENTS = 300
SEED = 29
HISTORY = timedelta(days=360)  # how long ago the first patient came
BETWEEN_RENDERINGS = timedelta(seconds=4)  # the pages of those who look come first
PROPERTY = "demonstration"

READ_AGAIN = (Revision, Case, Instance, Episode, Patient, Unit, User, Rcp)
AT_ONCE = 25  # steps in one transaction; more would make each of them slower
log = logging.getLogger("hent.demonstration")

Progress = tuple[int, int, date]


def is_empty(db: Session) -> bool:
    return db.scalar(sa.select(User.id).limit(1)) is None


def may_be_erased(db: Session) -> bool:
    """Made for demonstration, and nobody real has come since."""
    made_for_it = bool(staff_queries.setting(db, PROPERTY, default=False))
    real = db.scalar(sa.select(User.id).where(User.is_demonstration.is_(False)).limit(1))
    return made_for_it and real is None


def beginning(now: datetime) -> datetime:
    return local_moment((now - HISTORY).astimezone(PARIS).date(), time(7, 0))


@contextmanager
def careless(database: sa.Engine) -> Iterator[None]:
    """A file nobody uses yet need not survive a power cut: no waiting for the disk until the end."""
    relaxed = ("synchronous=OFF", "journal_mode=MEMORY", "temp_store=MEMORY", "cache_size=-200000")

    def relax(connection: Any, _record: Any) -> None:
        for pragma in relaxed:
            connection.execute(f"PRAGMA {pragma}")

    sa.event.listen(database, "connect", relax)
    try:
        yield
    finally:
        sa.event.remove(database, "connect", relax)
        database.dispose()
        with database.connect() as connection:  # as it is run: WAL, every commit on the disk
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def load(database: sa.Engine, *, now: datetime, patients: int = PATIENTS) -> Iterator[Progress]:
    """Make the region and play every patient's story until `now`; tells how far it is."""
    random = Random(SEED)  # noqa: S311 (the same region every time, no secret)
    start = beginning(now)
    with transaction(database) as db:
        if not is_empty(db):
            raise Conflict(
                "Cette base a déjà des comptes\u202f: la démonstration ne s’y ajoute pas."
            )
        staff.set_setting(db, name=PROPERTY, value=True, actor="system", now=start)
        identities.connect_fake_insi(db, now=start)
        built = region.build(db, since=start, until=now)
        meetings = Meetings(built, random)
        today = now.astimezone(PARIS).date()
        breast_rcp = meetings.next(db, "senologie", today).starts_at.astimezone(PARIS).date()
    performances = _cast(
        built, meetings, random, now=now, count=patients, next_breast_rcp=breast_rcp
    )
    with settled_memory():
        yield from _live(database, performances, meetings, until=now)
    with transaction(database) as db:
        meetings.close_agendas(db, now)
        identities.add(db, built, now=now)
        _render_gently(db, performances, now=now)


def _cast(
    built: region.Region,
    meetings: Meetings,
    random: Random,
    *,
    now: datetime,
    count: int,
    next_breast_rcp: date,
) -> list[tuple[Performance, datetime]]:
    """Each patient's story with the moment it stops being told."""
    return [
        (
            Performance(
                one.story,
                CaseStage(built, meetings, random, unit=one.unit),
                on_a_day_of_work=on_a_day_of_work,
                read=take_answers,
            ),
            one.until,
        )
        for one in patients_drawn(random, now=now, count=count, next_breast_rcp=next_breast_rcp)
    ]


def _live(
    database: sa.Engine,
    performances: list[tuple[Performance, datetime]],
    meetings: Meetings,
    *,
    until: datetime,
) -> Iterator[Progress]:
    """Day after day: what is due, then everybody's steps of that day in one transaction."""
    with transaction(database) as db:
        coming = [
            (moment, index)
            for index, (one, last) in enumerate(performances)
            if (moment := one.next_moment(db)) is not None and moment <= min(last, until)
        ]
    heapq.heapify(coming)
    total, ended = len(coming), 0
    while coming:
        day = coming[0][0].astimezone(PARIS).date()
        night = min(local_moment(day, time(23, 0)), until)
        pass_time(database, until=min(coming[0][0], until), work=False)
        with transaction(database) as db, remembering(db):
            for _turn in range(AT_ONCE):
                if not coming or coming[0][0] > night:
                    break
                moment, index = heapq.heappop(coming)
                following = _step(db, *performances[index], moment)
                if following is None or following > until:
                    ended += 1
                else:
                    heapq.heappush(coming, (following, index))
            if not coming or coming[0][0] > night:
                meetings.end_all(db, night)
        yield ended, total, day
    pass_time(database, until=until, work=False)


@contextmanager
def settled_memory() -> Iterator[None]:
    """Three hundred stories stay until the end: looking for garbage among them takes half the time."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def remembering(db: Session) -> Iterator[None]:
    """A session forgets what nobody holds, and reads it again: keep what every step asks for."""
    db.info[SETTLED] = True
    kept: list[Any] = []

    def keep(_session: Session, row: Any) -> None:
        if isinstance(row, READ_AGAIN):
            kept.append(row)

    for name in ("loaded_as_persistent", "pending_to_persistent"):
        sa.event.listen(db, name, keep)
    yield
    kept.clear()


def on_a_day_of_work(day: date) -> date:
    """Nobody is seen on a Sunday: the Monday after."""
    return day + timedelta(days=max(0, 7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


def _step(
    db: Session, performance: Performance, last: datetime, moment: datetime
) -> datetime | None:
    """The next step of one case; when the one after it comes, None when there is none."""
    try:
        with db.begin_nested():
            performance.perform(db, now=moment)
    except NotOpen:
        performance.wait_a_day()
    except Refusal as refusal:  # one patient's story stops there, the region lives on
        log.warning("%s", refusal.message)
        return None
    following = performance.next_moment(db)
    return None if following is None or following > last else following


def _render_gently(
    db: Session, performances: list[tuple[Performance, datetime]], *, now: datetime
) -> None:
    """Documents are laid out after the address is served, those shown first, one after the other."""
    order = {one.case_id: rank for rank, (one, _last) in enumerate(performances)}
    waiting = db.scalars(sa.select(Job).where(Job.state == JobState.WAITING)).all()
    ranked = sorted(waiting, key=lambda job: (order.get(job.case_id or 0, 0), -job.id))
    for rank, job in enumerate(ranked):
        job.due_at = now + rank * BETWEEN_RENDERINGS
