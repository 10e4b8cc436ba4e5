"""A case comes in; its diagrams, running or ended, and where each one stands step by step go out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import drawing
from engine import queries as engine
from engine.checks.diagram import Diagram, Node
from engine.errors import NotFound
from engine.models import Instance, InstanceState, Passage, Task, TaskState, Timer
from engine.releases import Release, release
from workflows.cases.care_team import care_team
from workflows.cases.queries import Step, assignees, open_steps
from workflows.library import Titles
from workflows.roles import LANES
from workflows.staff import queries as staff_queries
from workflows.staff.models import User

TOLD = {"userTask", "callActivity", "serviceTask", "businessRuleTask", "scriptTask"}
KINDS: dict[str, str] = {
    "userTask": "",
    "callActivity": "Sous-parcours",
    "serviceTask": "Automatique",
    "businessRuleTask": "Automatique",
    "scriptTask": "Automatique",
    "startEvent": "Début",
    "endEvent": "Fin",
    "intermediateCatchEvent": "Attente",
    "intermediateThrowEvent": "Annonce",
    "boundaryEvent": "Attente",
}


@dataclass(frozen=True)
class Drawn:
    """One diagram of the case, as a list of them shows it; `depth` is how deep it was called."""

    id: int
    definition: str
    title: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    depth: int
    parent_id: int | None

    @property
    def is_running(self) -> bool:
        return self.state == InstanceState.RUNNING


@dataclass(frozen=True)
class Place:
    """One element of a diagram: what it is, where it stands, who has it and since when."""

    element: str
    name: str
    kind: str
    lane: str
    state: str  # done current late todo cancelled skipped
    count: int = 0
    at: datetime | None = None
    holder: str = ""
    is_mine: bool = False
    task: Task | None = None
    calls: tuple[int, ...] = ()  # the diagrams it has called


@dataclass(frozen=True)
class Standing:
    """A diagram as it is now: every element's state, the flows taken, the steps in order."""

    drawn: Drawn
    places: Mapping[str, Place]
    flows: Sequence[str]
    steps: Sequence[Place]

    @property
    def here(self) -> Place | None:
        """Where to look first: my step, else one that is late, else any that waits."""
        waiting = [place for place in self.steps if place.state in ("late", "current")]
        return min(waiting, key=_pressing, default=None)


def drawn_of(db: Session, case_id: int) -> list[Drawn]:
    """Every diagram of the case, each below the one that called it."""
    instances = engine.instances(db, case_id)
    titles = Titles(db)
    children: dict[int | None, list[Instance]] = {}
    for one in instances:
        children.setdefault(one.parent_id, []).append(one)

    def below(parent: int | None, depth: int) -> Iterator[Drawn]:
        for one in children.get(parent, ()):
            yield Drawn(
                one.id,
                one.definition,
                titles.of(one.revision_id, one.definition),
                one.state,
                one.started_at,
                one.ended_at,
                depth,
                one.parent_id,
            )
            yield from below(one.id, depth + 1)

    return list(below(None, 0))


def choose(
    drawn: Sequence[Drawn], steps: Sequence[Step], wanted: int | None = None
) -> Drawn | None:
    """The diagram asked for, else the one where the next step waits: mine before a colleague's."""
    if wanted is not None:
        found = next((one for one in drawn if one.id == wanted), None)
        if found is None:
            raise NotFound("Ce déroulement n’est pas dans ce dossier.")
        return found
    first = next((step for step in steps if step.is_mine), next(iter(steps), None))
    holding = first.task.instance_id if first else None
    running = [one for one in drawn if one.is_running]
    return next((one for one in drawn if one.id == holding), next(iter(running or drawn), None))


def standing(
    db: Session, *, drawn: Drawn, user: User, now: datetime, steps: Sequence[Step] | None = None
) -> Standing:
    """The right to read the case was checked by whoever opened the page."""
    instance = db.get_one(Instance, drawn.id)
    if steps is None:
        steps = open_steps(db, case_id=instance.case_id, user=user, now=now)
    diagram = _diagram(release(db, instance.revision_id), instance)
    told = _Telling(db, instance, diagram, user, now, steps)
    places = {key: told.place(node) for key, node in diagram.nodes.items()}
    return Standing(
        drawn,
        places,
        _taken(db, instance, diagram),
        [places[key] for key in _in_order(diagram) if _is_told(diagram.nodes[key])],
    )


def bpmn(db: Session, instance_id: int) -> bytes:
    """The drawing of the very revision this diagram runs on."""
    instance = db.get_one(Instance, instance_id)
    return release(db, instance.revision_id).diagrams[instance.definition]


def picture(db: Session, found: Standing, *, labels: bool) -> str:
    """Drawn by the server: a mini-map without labels, the whole diagram with them."""
    states = {"late": "current", "skipped": "todo"}
    return drawing.draw(
        bpmn(db, found.drawn.id),
        {key: states.get(place.state, place.state) for key, place in found.places.items()},
        labels=labels,
    )


def waits(db: Session, case_id: int) -> Sequence[Timer]:
    """Moments the case awaits by itself: the eve of a cycle, thirty days before a control."""
    return engine.awaited_moments(db, case_id)


class _Telling:
    """What is known of one running diagram, read once for all its elements."""

    def __init__(
        self,
        db: Session,
        instance: Instance,
        diagram: Diagram,
        user: User,
        now: datetime,
        steps: Sequence[Step],
    ) -> None:
        self.db, self.instance, self.user, self.now = db, instance, user, now
        self.diagram = diagram
        self.progress = engine.progress(db, instance.id)
        self.tasks = {
            task.id: task
            for task in db.scalars(sa.select(Task).filter_by(instance_id=instance.id))
        }
        self.taken = assignees(db, list(self.tasks))
        self.doers = staff_queries.actor_names(
            db, [task.completed_by for task in self.tasks.values()]
        )
        self.team = {member.role: member.user for member in care_team(db, instance.case_id)}
        self.mine = {step.task.id for step in steps if step.is_mine}
        self.called = _called(db, instance.id)

    def place(self, node: Node) -> Place:
        known = self.progress.get(node.id)
        task = self.tasks.get(known.task_id) if known and known.task_id else None
        state = self._state(known.state if known else "", task)
        return Place(
            element=node.id,
            name=" ".join(node.name.split()),
            kind=KINDS.get(node.tag, "Choix"),
            lane=node.lane,
            state=state,
            count=known.count if known else 0,
            at=known.last_at if known else None,
            holder=self._holder(task, state),
            is_mine=task is not None and task.id in self.mine,
            task=task,
            calls=tuple(self.called.get(node.id, ())),
        )

    def _state(self, state: str, task: Task | None) -> str:
        if not state:
            ended = self.instance.state != InstanceState.RUNNING
            return "skipped" if ended else "todo"
        is_late = task is not None and task.is_open and task.due_at and task.due_at < self.now
        return "late" if state == "current" and is_late else state

    def _holder(self, task: Task | None, state: str) -> str:
        """Who did it, or who has it: a person when one is known, else the role."""
        if task is None:
            return ""
        if task.state == TaskState.DONE:
            return self.doers.get(task.completed_by or "", "")
        holder = self.taken.get(task.id) or self._designated(task)
        return holder.display_name if holder else task.lane

    def _designated(self, task: Task) -> User | None:
        role = LANES.get(task.lane)
        return self.team.get(role.code) if role else None


def _diagram(found: Release, instance: Instance) -> Diagram:
    return Diagram(instance.definition, found.diagrams[instance.definition])


def _called(db: Session, instance_id: int) -> dict[str, list[int]]:
    """Call activity → the diagrams it has called, the latest first."""
    rows = db.execute(
        sa.select(Passage.element, Instance.id)
        .join(
            Instance,
            (Instance.parent_id == Passage.instance_id) & (Instance.parent_token == Passage.token),
        )
        .where(Passage.instance_id == instance_id)
        .order_by(Instance.id.desc())
    )
    found: dict[str, list[int]] = {}
    for element, child in rows:
        found.setdefault(element, []).append(child)
    return found


def _taken(db: Session, instance: Instance, diagram: Diagram) -> list[str]:
    """Flows a token went through: its target was entered the moment its source was left."""
    entered: set[tuple[str, datetime]] = set()
    left: set[tuple[str, datetime]] = set()
    for row in db.scalars(sa.select(Passage).where(Passage.instance_id == instance.id)):
        entered.add((row.element, row.entered_at))
        if row.left_at is not None and row.outcome == "done":
            left.add((row.element, row.left_at))
    moments: dict[str, set[datetime]] = {}
    for element, moment in left:
        moments.setdefault(element, set()).add(moment)
    joins = {
        key
        for key, node in diagram.nodes.items()
        if node.tag == "parallelGateway" and len(diagram.incoming[key]) > 1
    }
    met = {element for element, _moment in entered}
    return [
        flow.id
        for flow in diagram.flows
        if any((flow.target, moment) in entered for moment in moments.get(flow.source, ()))
        or (flow.target in joins and flow.target in met and flow.source in moments)
    ]


def _in_order(diagram: Diagram) -> list[str]:
    """From the start outwards, as one reads it; what hangs on nothing comes last."""
    waiting = [key for key, node in diagram.nodes.items() if node.tag == "startEvent"]
    seen = dict.fromkeys(waiting)
    while waiting:
        for target in diagram.following[waiting.pop(0)]:
            if target not in seen:
                seen[target] = None
                waiting.append(target)
    return [*seen, *(key for key in diagram.nodes if key not in seen)]


def _is_told(node: Node) -> bool:
    """Gateways that ask nothing and events without a name are drawing, not steps."""
    return node.tag in TOLD or bool(node.name.strip())


def _pressing(place: Place) -> tuple[bool, bool, bool]:
    return (not place.is_mine, place.task is None, place.state != "late")
