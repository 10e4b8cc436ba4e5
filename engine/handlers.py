"""What other rooms teach the engine: handlers of service tasks, jobs, timers and hooks.

A job is done in one short transaction. What is slow (a layout, a sending) is a `slow_job`: it
reads, then works without any session, then writes; each of its parts is a plain function.

A hook `task_opened`, `task_closed` is `f(db, case, task, now)`; `instance_ended` is
`f(db, case, instance, now)`; `case_closed` and
`case_idle` (no diagram runs any more) are `f(db, case, now)`; `resolve_due` is
`f(db, case, task, outcome, now) -> Due | None`, asked before the task has its number, and
`task_dated` is `f(db, task, due)`, told once it has; `deadline_facts` is `f(db, case) -> dict`: what
the table of deadlines may look at besides the answers; `incident` (a job or a timer was given
up) is `f(db, incident, now)`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from engine.models import Case, Instance, Timer

Handler = Callable[["ServiceStep"], None]
HOOKS = frozenset(
    {
        "case_closed",
        "case_idle",
        "deadline_facts",
        "incident",
        "instance_ended",
        "resolve_due",
        "task_closed",
        "task_dated",
        "task_opened",
    }
)


class JobHandler(Protocol):
    def __call__(self, db: Session, payload: dict[str, Any], *, now: datetime) -> None: ...


Write = Callable[[Session], None]
Work = Callable[[], Write | None]


class SlowJobHandler(Protocol):
    """Reads what it needs; gives the work to do without a session; that gives what to write."""

    def __call__(self, db: Session, payload: dict[str, Any], *, now: datetime) -> Work | None: ...


class TimerHandler(Protocol):
    def __call__(self, db: Session, timer: "Timer", *, now: datetime) -> None: ...


class _Data(Protocol):
    def get(self, name: str) -> Any: ...
    def set(self, name: str, value: Any) -> None: ...


@dataclass(frozen=True)
class Due:
    """When a task is due, when people are told, and why, in one French sentence."""

    due_at: datetime
    remind_at: datetime | None = None
    escalate_at: datetime | None = None
    anchor: str = ""
    explanation: str = ""
    rule: Mapping[str, Any] | None = None  # what it was worked out from, to find it again


@dataclass(frozen=True)
class ServiceStep:
    """What a service task's handler is handed; it acts in the step's own transaction."""

    db: Session
    case: "Case"
    instance: "Instance"
    element: str
    properties: dict[str, str]
    actor: str
    now: datetime
    data: _Data

    def get(self, name: str) -> Any:
        """An answer: this diagram's own, else its caller's, else the case's; None if unknown."""
        return self.data.get(name)

    def set(self, name: str, value: Any) -> None:
        """Write a value in the scope its name belongs to."""
        self.data.set(name, value)

    def later(self, kind: str, payload: dict[str, Any], *, key: str) -> None:
        """Ask for work after the commit; the same key asks once."""
        from engine import jobs

        jobs.later(
            self.db, kind=kind, payload=payload, now=self.now, key=key, case_id=self.case.id
        )


_handlers: dict[str, Handler] = {}
_jobs: dict[str, JobHandler] = {}
_slow_jobs: dict[str, SlowJobHandler] = {}
_timers: dict[str, TimerHandler] = {}
_hooks: dict[str, list[Callable[..., Any]]] = {name: [] for name in HOOKS}


def handles(name: str) -> Callable[[Handler], Handler]:
    """Register what a service task with the property `handler = name` does."""
    return _registrar(_handlers, name)


def job(kind: str) -> Callable[[JobHandler], JobHandler]:
    return _registrar(_jobs, kind)


def slow_job(kind: str) -> Callable[[SlowJobHandler], SlowJobHandler]:
    return _registrar(_slow_jobs, kind)


def timer(kind: str) -> Callable[[TimerHandler], TimerHandler]:
    return _registrar(_timers, kind)


def hook(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    if name not in HOOKS:
        raise ValueError(f"unknown hook {name!r}")

    def remember(function: Callable[..., Any]) -> Callable[..., Any]:
        if function not in _hooks[name]:
            _hooks[name].append(function)
        return function

    return remember


def handler_names() -> Collection[str]:
    return _handlers.keys()


def handler(name: str) -> Handler | None:
    return _handlers.get(name)


def job_handler(kind: str) -> JobHandler | None:
    return _jobs.get(kind)


def slow_job_handler(kind: str) -> SlowJobHandler | None:
    return _slow_jobs.get(kind)


def timer_handler(kind: str) -> TimerHandler | None:
    return _timers.get(kind)


def tell(name: str, *arguments: Any) -> None:
    """Run every hook of that name, in the order they were registered."""
    for function in _hooks[name]:
        function(*arguments)


def ask(name: str, *arguments: Any) -> Any:
    """The first answer that is not None."""
    for function in _hooks[name]:
        if (answer := function(*arguments)) is not None:
            return answer
    return None


def _registrar(registry: dict[str, Any], name: str) -> Callable[[Any], Any]:
    def remember(function: Any) -> Any:
        known = registry.setdefault(name, function)
        if (known.__module__, known.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"{name!r} is registered twice")
        return function

    return remember
