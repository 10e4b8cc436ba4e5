"""One case, and somebody who does at random what the pages would let people do.

Each move is a person's own verb in a transaction of its own; between two moves, every timer and
job happens at its moment. After each move the invariants of domain §13 are asked of the rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

import forms
from engine import queries
from engine.db import reading, transaction
from engine.errors import Conflict, Refusal
from engine.models import CaseState, Subscription, Task, Timer
from engine.suspension import stands_still
from engine.undo import SETTLED
from tests.walks import doubles
from tests.walks.invariants import Broken, Witness, satisfied
from tests.walks.region import Region, sit_down
from tests.walks.respondent import Respondent
from tests.walks.undone import differences, rows_of
from web.filters import ORGANS
from web.tasks.choices import choices_of
from workflows.cases import events, lifecycle, operations, skipping, undo
from workflows.cases.audience import people_offered
from workflows.cases.models import Episode
from workflows.french import PARIS
from workflows.library import library_of_task
from workflows.patients import operations as patients
from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import Registration, SessionState
from workflows.rcp.models import RegistrationState as State
from workflows.scenarios.player import RENDERING, pass_time
from workflows.staff import queries as staff

START = datetime(2026, 1, 5, 8, 0, tzinfo=PARIS)
BETWEEN = (timedelta(minutes=7), timedelta(hours=5), timedelta(days=1), timedelta(days=2))
# What a refusal tells to do first: asked for when every open step is refused.
REMEDIES = ("rcp_requested", "information_requested", "emergency_declared")
OTHER_ANSWERS = 4  # where the way that was chosen is closed, another may be open
TRIES = 60  # at one form: its refusals must tell what to change
AT_TABLE = (State.ACCEPTED, State.ON_AGENDA)
# How often each kind of move is tried; a death ends a walk, so it comes seldom.
EVENTS_SELDOM = 0.03
SKIPS_SELDOM = 0.03
# Two at a time, each about other lines of treatment: both are handled, neither hides the other.
TWICE = ("toxicity_declared", "refusal_declared", "window_declared", "emergency_declared")
TWICE_SELDOM = 0.02
UNDOES_SELDOM = 0.05
DOUBLES_SELDOM = 0.01


class Stuck(AssertionError):
    """A case with nothing to do that has not ended, or that nobody may do."""


@dataclass
class Walk:
    """One case from its opening; `trail` tells what was done."""

    database: sa.Engine
    region: Region
    random: Random
    trail: list[str] = field(default_factory=list)
    now: datetime = START
    case_id: int = 0

    def __post_init__(self) -> None:
        self._respondent = Respondent(self.random)
        self._open()
        self._witness = Witness(self.case_id)

    @property
    def is_over(self) -> bool:
        with reading(self.database) as db:
            return queries.case(db, self.case_id).state == CaseState.CLOSED

    def go(self, moves: int) -> None:
        """Until the case is closed, or so many moves were made."""
        for _ in range(moves):
            if self.is_over:
                break
            self._move()
            self._pass(until=self.now + self.random.choice(BETWEEN))
            with reading(self.database) as db:
                self._witness.look(db, now=self.now)
        with reading(self.database) as db:
            self._witness.look_back(db)

    def _open(self) -> None:
        with transaction(self.database) as db:
            user = staff.user(db, self.region.opener_id)
            patient = patients.register_patient(
                db, birth_name="Test-Balade", first_names="Dominique", sex=self.random.choice("FM"),
                birth_date=self._birth_date(), user=user, now=self.now, confirmed=True,
            )  # fmt: skip
            episode = operations.open_case(
                db, patient_id=patient.id, unit_id=self.region.unit_id,
                organ=self.random.choice(sorted(ORGANS)), user=user, now=self.now,
            )  # fmt: skip
            self.case_id = episode.case_id

    def _birth_date(self) -> Any:
        return (START - timedelta(days=365 * self.random.randint(20, 88))).date()

    def _move(self) -> None:
        """The first move of a shuffled list that the house accepts."""
        for make in self._moves():
            if make():
                return
        raise Stuck(f"nothing can be done at {self.now}; {self._situation()}")

    def _moves(self) -> list[Callable[[], bool]]:
        with reading(self.database) as db:
            tasks = [task.id for task in queries.open_tasks(db, self.case_id)]
            waiting = [row.id for row in _at_table(db, self.case_id)]
        common: list[Callable[[], bool]] = [
            *(lambda one=one: bool(self._do(one)) for one in tasks),
            *(lambda one=one: self._meet(one) for one in waiting),
        ]
        self.random.shuffle(common)
        seldom: list[Callable[[], bool]] = []
        if self.random.random() < EVENTS_SELDOM:
            seldom.append(self._happen)
        if self.random.random() < TWICE_SELDOM:
            seldom.append(lambda: self._happen(TWICE, times=2))
        if tasks and self.random.random() < SKIPS_SELDOM:
            seldom.append(lambda: self._skip(self.random.choice(tasks)))
        if tasks and self.random.random() < UNDOES_SELDOM:
            seldom.append(lambda: self._do_and_take_back(self.random.choice(tasks)))
        if self.random.random() < DOUBLES_SELDOM:
            seldom.append(self._meet_a_double)
        if self.random.random() < 0.15:
            seldom.append(self._wait)
        out = [lambda one=one: self._happen((one,)) for one in REMEDIES]
        return [*seldom, *common, self._wait, self._resume, *out]

    def _do(self, task_id: int, *, settled: bool = True) -> int | None:
        """Fill in the form of the task until it is accepted; who did it, None when nobody could."""
        refused: set[str] = set()
        turned_away = 0
        for _ in range(TRIES):
            try:
                with transaction(self.database) as db:
                    db.info[SETTLED] = settled
                    task = queries.task(db, task_id)
                    form, asked = (
                        task.form,
                        set(forms.names_of(library_of_task(db, task), task.form)),
                    )
                    user = self._somebody(db, task)
                    answers = self._answers(db, task, user, tuple(refused))
                    operations.complete_task(
                        db, task_id=task.id, answers=answers, user=user, now=self.now
                    )
                    if settled:
                        self._witness.note(task, answers)
                    self._tell(f"{task.definition}.{task.element} {answers}")
                    return user.id
            except Refusal as refusal:
                said, named = refusal.message, getattr(refusal, "fields", ())
                if unasked := {name.partition(".")[0] for name in named} - asked:
                    raise Broken(f"{form} asks nothing about {unasked}: {said}") from refusal
                if named:
                    refused |= {name.partition(".")[0] for name in named}
                    continue
                self._tell(f"refused: {said}")
                turned_away += 1
                if turned_away == OTHER_ANSWERS:
                    return None
        raise Broken(f"{form} accepts no answer, as {answers}: {said}")

    def _do_and_take_back(self, task_id: int) -> bool:
        """Every row is again what it was; the step itself may be done another way next time."""
        before = rows_of(self.database)
        user_id = self._do(task_id, settled=False)
        if user_id is None:
            return False
        with transaction(self.database) as db:
            user = staff.user(db, user_id)
            if undo.last_step(db, case_id=self.case_id, user=user, now=self.now) is None:
                return True  # it engages somebody: nobody is offered to take it back
            undo.take_back(db, case_id=self.case_id, user=user, now=self.now)
            self._tell("taken back")
        if changed := differences(before, rows_of(self.database)):
            raise Broken(f"a step taken back left {changed}")
        return True

    def _answers(self, db: Session, task: Task, user: Any, again: Sequence[str]) -> dict[str, Any]:
        library = library_of_task(db, task)
        known = queries.instance_data(db, task.instance_id)
        names = forms.names_of(library, task.form)
        choices = choices_of(
            db, library, names, episode=db.get_one(Episode, self.case_id), user=user,
            now=self.now, values=known,
        )  # fmt: skip
        return self._respondent.fill(
            library, task.form, known=known, choices=choices,
            today=self.now.astimezone(PARIS).date(), again=again,
        )  # fmt: skip

    def _somebody(self, db: Session, task: Task) -> Any:
        people = people_offered(db, task.id)
        case = queries.case(db, self.case_id)
        if not people and stands_still(db, case=case, instance_id=task.instance_id):
            raise Conflict("Ce parcours est en pause.")  # what stands still is offered to nobody
        if not people:
            raise Stuck(f"{task.element} is offered to nobody")
        return self.random.choice(list(people))

    def _skip(self, task_id: int) -> bool:
        try:
            with transaction(self.database) as db:
                task = queries.task(db, task_id)
                user = self._somebody(db, task)
                way = self.random.choice(skipping.ways_of(library_of_task(db, task), task.form))
                before = satisfied(db, self.case_id)
                skipping.not_applicable(
                    db, task_id=task_id, reason="Essai d’une étape passée.", way=way.code,
                    user=user, now=self.now,
                )  # fmt: skip
                if gained := satisfied(db, self.case_id) - before:
                    raise Broken(f"« sans objet » of {task.element} satisfied {gained}")
                self._tell(f"{task.definition}.{task.element} sans objet, {way.code}")
        except Refusal as refusal:
            self._tell(f"refused: {refusal.message}")
            return False
        return True

    def _meet(self, registration_id: int) -> bool:
        """The meeting of that inscription takes place, and the case is called."""
        with reading(self.database) as db:
            starts_at = rcp_queries.registration(db, registration_id).session.starts_at
        self._pass(until=max(self.now, starts_at))
        actor = f"user:{self.region.secretary_id}"
        try:
            with transaction(self.database) as db:
                registration = rcp_queries.registration(db, registration_id)
                sit_down(db, self.region, registration.session_id, self.random, self.now)
            with transaction(self.database) as db:
                registration = rcp_queries.registration(db, registration_id)
                if registration.state != State.ON_AGENDA:
                    return False
                if self.random.random() < 0.1:
                    rcp.set_aside(
                        db, registration_id=registration_id, reason="requester_absent",
                        actor=actor, now=self.now,
                    )  # fmt: skip
                    self._tell("set aside in the meeting")
                else:
                    found = rcp.call_case(
                        db, registration_id=registration_id, actor=actor, now=self.now
                    )
                    self._tell(f"called in the meeting, quorum {found.status}")
        except Refusal as refusal:
            self._tell(f"refused: {refusal.message}")
            return False
        return True

    def _happen(self, among: Sequence[str] = (), *, times: int = 1) -> bool:
        """Something that a page offers now is declared; one of these, where some are named."""
        with reading(self.database) as db:
            offered = [one for one in self._events(db, among) if not among or one[0] in among]
        if not offered:
            return False
        event, user_id = self.random.choice(offered)
        return all(self._declare(event, user_id) for _ in range(times))

    def _events(self, db: Session, among: Sequence[str]) -> list[tuple[str, int]]:
        """(event, user) of what a page of this case offers to somebody now; what is looked for, to
        any of those who have something to do in it."""
        asked = None if among else 1
        return [
            (event.message, user.id)
            for task in queries.open_tasks(db, self.case_id)
            for user in people_offered(db, task.id)[:asked]
            for event in events.events_offered(db, case_id=self.case_id, user=user)
        ]

    def _declare(self, event: str, user_id: int) -> bool:
        try:
            with transaction(self.database) as db:
                user = staff.user(db, user_id)
                events.declare_event(
                    db, case_id=self.case_id, event=event, user=user, now=self.now
                )
                self._tell(f"declared {event}")
        except Refusal as refusal:
            self._tell(f"refused: {refusal.message}")
            return False
        return True

    def _meet_a_double(self) -> bool:
        """The person was opened twice: one identity again, and sometimes that was a mistake."""
        try:
            with transaction(self.database) as db:
                merge_id = doubles.become_one(db, self.region, self.case_id, self.random, self.now)
            self._tell("identities merged")
            if self.random.random() < doubles.A_MISTAKE:
                with transaction(self.database) as db:
                    doubles.become_two(db, self.region, merge_id, self.now)
                self._tell("merge undone")
        except Refusal as refusal:
            self._tell(f"refused: {refusal.message}")
            return False
        return True

    def _wait(self) -> bool:
        """Until the next moment something is due; a meeting that nobody held ends first."""
        self._end_meetings()
        with reading(self.database) as db:
            due = db.scalar(
                sa.select(sa.func.min(Timer.due_at)).where(Timer.case_id == self.case_id)
            )
        if due is None:
            return False
        self._pass(until=max(self.now, due))
        self._tell("time passed")
        return True

    def _resume(self) -> bool:
        """A case that stands still is taken up again by its physician."""
        with transaction(self.database) as db:
            if queries.case(db, self.case_id).state != CaseState.SUSPENDED:
                return False
            user = self._physician(db)
            lifecycle.resume(db, case_id=self.case_id, user=user, now=self.now)
            self._tell("resumed")
        return True

    def _physician(self, db: Session) -> Any:
        unit_id = db.get_one(Episode, self.case_id).unit_id
        return next(iter(staff.people(db, unit_id=unit_id, role="referring_physician")))

    def _end_meetings(self) -> None:
        with transaction(self.database) as db:
            for row in rcp_queries.registrations_of_case(db, self.case_id):
                if row.session.state == SessionState.OPEN and not _being_discussed(db, row):
                    actor = f"user:{self.region.secretary_id}"
                    rcp.end_session(
                        rcp.within(db), session_id=row.session_id, actor=actor, now=self.now
                    )

    def _pass(self, *, until: datetime) -> None:
        pass_time(self.database, until=until, skipped=RENDERING)
        self.now = until

    def _tell(self, text: str) -> None:
        self.trail.append(f"{self.now:%d/%m/%Y %H:%M} {text}")

    def _situation(self) -> str:
        with reading(self.database) as db:
            tasks = [task.element for task in queries.open_tasks(db, self.case_id)]
            running = [one.definition for one in queries.instances(db, self.case_id, running=True)]
            awaited = db.scalars(
                sa.select(Subscription.message).filter_by(case_id=self.case_id)
            ).all()
            state = queries.case(db, self.case_id).state
        return f"{state}, open {tasks}, running {running}, awaited {list(awaited)}"


def _at_table(db: Session, case_id: int) -> list[Registration]:
    return [
        row
        for row in rcp_queries.registrations_of_case(db, case_id)
        if row.state in AT_TABLE and row.called_at is None
    ]


def _being_discussed(db: Session, registration: Registration) -> bool:
    return any(
        task.instance_id == registration.instance_id
        and task.element in ("discuss_case", "register_conforming_case", "record_rcp_decision")
        for task in queries.open_tasks(db, registration.case_id)
    )
