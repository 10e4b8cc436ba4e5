"""The three lists of the page « Incidents », in French; whether all is well, for a probe."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine import incidents, queries, timers
from engine.checks.diagram import Diagram
from engine.incidents import Incident
from engine.releases import Release
from workflows.access import require
from workflows.incidents.wording import in_charge, title
from workflows.roles import Permission
from workflows.staff.models import User


@dataclass(frozen=True)
class Line:
    """`place`: the diagram and the step, as they are drawn."""

    incident: Incident
    title: str
    place: str
    in_charge: str

    @property
    def cause(self) -> str:
        """A timer that nobody fired has no cause of its own: nobody was there."""
        return self.incident.cause or (
            "Personne ne l’a déclenchée à l’heure\u202f: le service des minuteries était arrêté "
            "ou débordé."
        )


@dataclass(frozen=True)
class Board:
    jobs: Sequence[Line]
    timers: Sequence[Line]
    messages: Sequence[Line]
    late: int  # timers that should have fired long ago: an alarm

    @property
    def to_retry(self) -> int:
        return len(self.jobs) + len(self.timers)


def board(db: Session, *, user: User, now: datetime) -> Board:
    require(db, user, Permission.OPERATE)
    return Board(
        jobs=_lines(db, incidents.given_up(db)),
        timers=_lines(db, incidents.stuck(db, now=now)),
        messages=_lines(db, incidents.unawaited(db)),
        late=timers.late(db, now=now),
    )


def count(db: Session, *, now: datetime) -> int:
    """What awaits somebody, for the bar."""
    return incidents.count(db, now=now)


def health(db: Session, *, now: datetime) -> dict[str, int]:
    """Figures for whoever watches the servers; it says nothing of anybody."""
    return {"incidents": incidents.count(db, now=now), "late_timers": timers.late(db, now=now)}


def _lines(db: Session, found: Sequence[Incident]) -> list[Line]:
    return [
        Line(one, title(one), _place(db, one) if one.definition else "", in_charge(one).label)
        for one in found
    ]


def _place(db: Session, incident: Incident) -> str:
    release = queries.release_of(db, incident.case_id or 0)
    return f"{release.titles.get(incident.definition, '')}, {_step(release, incident)}".strip(", ")


def _step(release: Release, incident: Incident) -> str:
    content = release.diagrams.get(incident.definition)
    node = Diagram(incident.definition, content).nodes.get(incident.element) if content else None
    return (node.name if node else "") or incident.element
