"""A validated form comes in; the milestones its data stand for are dated."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from engine.models import Case, Task
from workflows.deadlines import queries
from workflows.deadlines.operations import set_milestone
from workflows.library import library_of_task


class Acting(Protocol):
    """A step that is done, by a person or by the diagram itself."""

    @property
    def case(self) -> Case: ...
    @property
    def actor(self) -> str: ...
    @property
    def now(self) -> datetime: ...


def date_of_diagram(
    db: Session, step: Acting, instance_id: int, name: str, at: Any, reason: str = ""
) -> None:
    """What one diagram counts from: its next cycle, its next control."""
    set_milestone(
        db,
        case_id=step.case.id,
        instance_id=instance_id,
        name=name,
        at=at,
        reason=reason,
        actor=step.actor,
        now=step.now,
    )


def date_milestones(
    db: Session, *, task: Task, answers: dict[str, Any], actor: str, now: datetime
) -> None:
    """The dictionary says which datum dates which milestone; its scope says whose it is."""
    dictionary = library_of_task(db, task).dictionary
    for name, value in answers.items():
        datum = dictionary.get(name)
        if datum is None or not datum.milestone or queries.moment_of(value) is None:
            continue
        set_milestone(
            db,
            case_id=task.case_id,
            instance_id=task.instance_id if datum.scope == "instance" else queries.CASE,
            name=datum.milestone,
            at=value,
            task_id=task.id,
            actor=actor,
            now=now,
            reason=task.name,
        )
