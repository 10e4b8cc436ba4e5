"""A case or a task comes in; where it stands on its pathway goes out: phases, map, before, after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import drawing
from engine import queries as engine
from engine.checks.diagram import Diagram
from engine.models import Instance, InstanceState, Task
from engine.releases import Release, release
from workflows.cases.models import TaskOffer
from workflows.cases.queries import OpenedTask, task_page
from workflows.staff.models import User

STATES = {"done": "done", "current": "current", "cancelled": "cancelled"}


@dataclass(frozen=True)
class Phase:
    """One call of the main diagram: announcement, RCP, PPS… ; done, current, todo or cancelled."""

    definition: str
    title: str
    state: str
    at: datetime | None = None


@dataclass(frozen=True)
class Preview:
    """All the pane beside the list shows of one task."""

    page: OpenedTask
    data: Mapping[str, Any]
    phases: Sequence[Phase]
    phase: str
    mini_map: str
    holder: User | None  # who has taken it, else the one person designated for it
    done_before: Task | None
    next_steps: Sequence[str]


def preview(db: Session, *, task_id: int, user: User, now: datetime) -> Preview:
    """The right is checked and the reading written down by `task_page`."""
    page = task_page(db, task_id=task_id, user=user, now=now)
    task = page.task
    instance = db.get_one(Instance, task.instance_id)
    drawn = release(db, instance.revision_id)
    return Preview(
        page=page,
        data=engine.instance_data(db, instance.id),
        phases=phases(db, task.case_id),
        phase=drawn.titles.get(task.definition, task.definition),
        mini_map=mini_map(db, instance.id),
        holder=_holder(db, task_id),
        done_before=next(iter(engine.history(db, task.case_id)), None),
        next_steps=ahead(db, drawn, task),
    )


def phases(db: Session, case_id: int) -> list[Phase]:
    """In the order of the drawing; a phase met again (a second RCP) shows its latest state."""
    main = _main_instance(db, case_id)
    if main is None:
        return []
    drawn = release(db, main.revision_id)
    progress = engine.progress(db, main.id)
    calls = _calls(Diagram(main.definition, drawn.diagrams[main.definition]))
    return [
        Phase(
            called,
            drawn.titles.get(called, called),
            STATES.get(progress[element].state, "todo") if element in progress else "todo",
            progress[element].last_at if element in progress else None,
        )
        for element, called in calls
    ]


def mini_map(db: Session, instance_id: int) -> str:
    """The whole diagram without labels, as SVG; past and present tinted."""
    instance = db.get_one(Instance, instance_id)
    drawn = release(db, instance.revision_id)
    states = {
        element: STATES.get(one.state, "done")
        for element, one in engine.progress(db, instance_id).items()
    }
    return drawing.draw(drawn.diagrams[instance.definition], states, labels=False)


def ahead(db: Session, drawn: Release, task: Task) -> list[str]:
    """What may follow, the steps not met yet first: a way back is rarely the one taken."""
    met = engine.progress(db, task.instance_id)
    found = steps_after(drawn, task.definition, task.element)
    new = [name for element, name in found if element not in met]
    return new or [name for _element, name in found]


def steps_after(drawn: Release, definition: str, element: str) -> list[tuple[str, str]]:
    """(id, name) of the steps that may come next; gateways and events are looked through."""
    diagram = Diagram(definition, drawn.diagrams[definition])
    found: list[tuple[str, str]] = []
    seen, waiting = {element}, [element]
    while waiting:
        here = waiting.pop(0)
        for target in [flow.target for flow in diagram.flows if flow.source == here]:
            node = diagram.nodes.get(target)
            if node is None or target in seen:
                continue
            seen.add(target)
            if node.tag in ("userTask", "callActivity", "serviceTask"):
                found.append((target, " ".join(node.name.split())))
            else:
                waiting.append(target)
    return found


def _holder(db: Session, task_id: int) -> User | None:
    return db.scalar(
        sa.select(User)
        .join(TaskOffer, TaskOffer.holder_id == User.id)
        .where(TaskOffer.task_id == task_id)
        .limit(1)
    )


def _main_instance(db: Session, case_id: int) -> Instance | None:
    """The latest run of the case's own pathway: it starts again after a relapse."""
    pathway = engine.case(db, case_id).pathway
    runs = [
        one
        for one in engine.instances(db, case_id)
        if one.definition == pathway and one.parent_id is None
    ]
    running = [one for one in runs if one.state == InstanceState.RUNNING]
    return next(iter((running or runs)[-1:]), None)


def _calls(diagram: Diagram) -> list[tuple[str, str]]:
    """(element, called diagram) in the order they are written: that of the pathway."""
    return [
        (node.id, node.called) for node in diagram.nodes.values() if node.tag == "callActivity"
    ]
