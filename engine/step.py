"""One command on one case: everything it moves is written in the caller's transaction, or nothing.

Whatever a diagram sets off (a called diagram, a message, a cancelled phase) is queued and done
one after the other, so that no instance is ever entered twice at a time.
"""

from collections import ChainMap, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from engine import handlers, rows
from engine.data import Answers
from engine.db import let_go
from engine.errors import Conflict, NotFound
from engine.expressions import ExpressionError
from engine.models import Case, CaseState, Instance, InstanceState, Revision, Task
from engine.releases import Release, release
from engine.spiff import Execution, UnreadableDiagram
from engine.spiff.codec import CorruptState
from engine.spiff.execution import DeadEnd, Endless
from engine.trace import Trace

_STEPS = "steps"  # in `Session.info`: case → its step
MOST_ACTIONS = 1000  # diagrams that start each other for ever
MOST_PASSED = 2000  # elements, in all diagrams that one command sets moving

# Built once: putting a statement together costs more than running it.
_LOCK = (
    sa.select(Case, Revision.content_hash)
    .join(Revision, Revision.id == Case.revision_id)
    .where(Case.id == sa.bindparam("case_id"))
    .with_for_update(of=Case)
    .execution_options(populate_existing=True)
)
_INSTANCE = (
    sa.select(Instance)
    .where(Instance.id == sa.bindparam("instance_id"))
    .options(undefer(Instance.snapshot))
    .execution_options(populate_existing=True)
)
_TASK = sa.select(Task).where(
    Task.instance_id == sa.bindparam("instance_id"), Task.token == sa.bindparam("token")
)
_TASK_NOW = (
    sa.select(Task)
    .where(Task.id == sa.bindparam("task_id"))
    .execution_options(populate_existing=True)
)
_RUNNING = (
    sa.select(Instance.id)
    .where(Instance.case_id == sa.bindparam("case_id"), Instance.state == InstanceState.RUNNING)
    .limit(1)
)
_CASES: Any = Case.__table__
_GROW = (
    sa.update(_CASES)
    .where(_CASES.c.id == sa.bindparam("case_id"), _CASES.c.version == sa.bindparam("seen"))
    .values(version=sa.bindparam("grown"))
)


class Step:
    """The case, locked; its instances that have moved, in memory until the step ends."""

    def __init__(
        self, db: Session, case: Case, release: Release, *, actor: str, now: datetime
    ) -> None:
        self.db = db
        self.case = case
        self.actor = actor
        self.now = now
        self.release = release
        self.answers = Answers(db, case.id, self.release.scopes)
        self.trace = Trace(db, case.id, now)
        self._known: dict[int, Instance] = {}
        self._live: dict[int, Execution] = {}
        self._tasks: dict[tuple[int, int], Task] = {}
        self._actions: deque[Callable[[], object]] = deque()
        self._draining = False
        self._passed = 0
        self.has_ended = False  # a diagram that nobody called has come to its end

    def queue(self, action: Callable[[], object]) -> None:
        """Do this when what is being done is done."""
        self._actions.append(action)

    def drain(self) -> None:
        """Do all that is queued; called again from inside, it lets the outer one go on."""
        if self._draining:
            return
        self._draining = True
        done = 0
        try:
            while self._actions:
                done += 1
                if done > MOST_ACTIONS:
                    raise Conflict(
                        "Les diagrammes de ce dossier s’appellent sans fin\u202f: rien n’a été "
                        "enregistré. Prévenez le qualiticien."
                    )
                self._actions.popleft()()
        finally:
            self._draining = False

    def spend(self, passed: int) -> None:
        """Each diagram is bounded in itself; here, all of them together."""
        self._passed += passed
        if self._passed > MOST_PASSED:
            raise Endless

    def release_of(self, instance: Instance) -> Release:
        if instance.revision_id == self.release.revision_id:
            return self.release
        return release(self.db, instance.revision_id)

    def instance(self, instance_id: int) -> Instance:
        if instance_id not in self._known:
            found = self.db.scalar(_INSTANCE, {"instance_id": instance_id})
            if found is None or found.case_id != self.case.id:
                raise NotFound("Ce diagramme n’est pas dans ce dossier.")
            self._known[instance_id] = found
        return self._known[instance_id]

    def task(self, instance_id: int, token: int) -> Task:
        """The task a token waits for."""
        known = self._tasks.get((instance_id, token))
        if known is None:
            of_token = {"instance_id": instance_id, "token": token}
            known = self.db.scalars(_TASK, of_token).one()
        return known

    def know(self, task: Task) -> None:
        """A task that this step opened or completes: it need not be looked for."""
        self._tasks[task.instance_id, task.token] = task

    def task_now(self, task: Task) -> Task:
        """As it is now that the case is ours, whatever was read before; asked once."""
        if self._tasks.get((task.instance_id, task.token)) is not task:
            self.db.scalars(_TASK_NOW, {"task_id": task.id}).one()
            self.know(task)
        return task

    def chain(self, instance: Instance) -> list[int]:
        """The instance and those that called it, nearest first."""
        ids = [instance.id]
        while instance.parent_id is not None:
            instance = self.instance(instance.parent_id)
            ids.append(instance.id)
        return ids

    def is_awake(self, instance: Instance) -> bool:
        """Whether it may go on: what is paused, or stands still with its case, may not."""
        top = self.instance(self.chain(instance)[-1])
        if top.paused_at is not None:
            return False
        if self.case.state != CaseState.SUSPENDED:
            return True
        return top.definition in self.release_of(top).awake

    def view(self, instance: Instance) -> ChainMap[str, Any]:
        return self.answers.view(self.chain(instance))

    def execution(self, instance: Instance) -> Execution:
        """The instance's state, opened once per step."""
        if instance.id not in self._live:
            if instance.snapshot is None:
                raise Conflict("Ce diagramme est terminé.")
            self.enter(instance, instance.snapshot)
        return self._live[instance.id]

    def enter(
        self, instance: Instance, snapshot: bytes | None = None, start: str | None = None
    ) -> Execution:
        """Open the instance in memory: anew, or from what was written."""
        from engine.world import InstanceWorld

        try:
            definition = self.release_of(instance).definition(
                instance.definition, start or instance.start
            )
            execution = Execution(definition, InstanceWorld(self, instance), snapshot)
        except (CorruptState, UnreadableDiagram) as error:
            raise Conflict(
                f"L’état du diagramme «\u202f{self.title(instance)}\u202f» est illisible\u202f: "
                "rien n’a été changé. Prévenez l’administrateur, qui peut le restaurer."
            ) from error
        self._known[instance.id] = instance
        self._live[instance.id] = execution
        return execution

    def forget(self, instance: Instance) -> None:
        """An instance that has ended leaves no state."""
        self._live.pop(instance.id, None)
        instance.snapshot = None

    def title(self, instance: Instance) -> str:
        return self.release_of(instance).titles.get(instance.definition, instance.definition)

    def settle(self) -> None:
        """Write what is in memory now, so that rows say what is; the step goes on from them."""
        for instance_id, execution in self._live.items():
            self._known[instance_id].snapshot = execution.dump()
        self.trace.settle()
        self.db.flush()

    def finish(self) -> None:
        """Write the states that moved and grow the case's version."""
        self.drain()
        self._look_at_conditions()
        self._tell_when_idle()
        self._write_states()
        self.trace.write()
        self._grow()

    def _grow(self) -> None:
        """The session grows the version of a case that it writes; else it is spared the trouble."""
        grown = self.db.is_modified(self.case)
        self.db.flush()
        if grown:
            return
        version = self.case.version
        seen = {"case_id": self.case.id, "seen": version, "grown": version + 1}
        if self.db.connection().execute(_GROW, seen).rowcount != 1:
            raise StaleDataError("the case has moved although it was locked")
        set_committed_value(self.case, "version", version + 1)

    def _write_states(self) -> None:
        """Past the session: it would compare and order what only this step writes."""
        states = {instance_id: execution.dump() for instance_id, execution in self._live.items()}
        rows.update(
            self.db,
            Instance,
            [{"row_id": one, "snapshot": state} for one, state in states.items()],
        )
        for instance_id, state in states.items():
            set_committed_value(self._known[instance_id], "snapshot", state)

    def _look_at_conditions(self) -> None:
        """An answer written anywhere in the case may be what another of its diagrams waits for."""
        from engine import advance

        while self.answers.changed and self.release.conditional:
            self.answers.changed = False
            waiting = self.db.scalars(
                sa.select(Instance.id).where(
                    Instance.case_id == self.case.id,
                    Instance.state == InstanceState.RUNNING,
                    Instance.definition.in_(self.release.conditional),
                )
            ).all()
            for instance_id in waiting:
                instance = self.instance(instance_id)
                if instance.state == InstanceState.RUNNING:
                    advance.go_on(self, instance)
                    self.drain()

    def _tell_when_idle(self) -> None:
        """The last diagram of an open case has ended: somebody decides what that means."""
        if not self.has_ended or self.case.state != CaseState.OPEN:
            return
        if self.db.scalar(_RUNNING, {"case_id": self.case.id}) is None:
            handlers.tell("case_idle", self.db, self.case, self.now)
            self.drain()


def under_way(db: Session, case_id: int) -> Step | None:
    """The step that this session is in the middle of, for who only asks."""
    steps: dict[int, Step] = db.info.get(_STEPS, {})
    return steps.get(case_id)


@contextmanager
def stepping(db: Session, case_id: int, *, actor: str, now: datetime) -> Iterator[Step]:
    """The step of this case in this transaction: a new one, or the one already under way."""
    steps: dict[int, Step] = db.info.setdefault(_STEPS, {})
    if case_id in steps:
        step = steps[case_id]
        yield step
        step.drain()
        return
    found = db.execute(_LOCK, {"case_id": case_id}).one_or_none()
    let_go(db)  # what was read before may have changed while we waited for the lock
    if found is None:
        raise NotFound("Ce dossier n’existe pas.")
    case, content_hash = found
    files = release(db, case.revision_id, content_hash)
    step = steps[case_id] = Step(db, case, files, actor=actor, now=now)
    try:
        yield step
        step.finish()
    finally:
        del steps[case_id]


@contextmanager
def explained(title: str) -> Iterator[None]:
    """What a diagram cannot do becomes a sentence; the transaction goes back."""
    blame = f"Le diagramme «\u202f{title}\u202f»"
    nothing = "Rien n’a été enregistré\u202f; prévenez le qualiticien."
    try:
        yield
    except Endless as error:
        raise Conflict(f"{blame} tourne sans fin. {nothing}") from error
    except DeadEnd as error:
        raise Conflict(
            f"{blame} n’a pas d’issue après «\u202f{error.element}\u202f»\u202f: aucune condition "
            f"ne convient. {nothing}"
        ) from error
    except ExpressionError as error:
        raise Conflict(
            f"{blame} ne peut pas continuer\u202f: {error.message} {nothing}"
        ) from error
