"""The three lists of the page « Incidents », in French; whether all is well, for a probe."""

from collections import Counter
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
    """`place`: the diagram and the step, as they are drawn; `alike`: how many share its cause."""

    incident: Incident
    title: str
    place: str
    in_charge: str
    owner: User | None
    may_take: bool  # the reader holds the role in charge
    alike: int = 1

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
        jobs=_lines(db, user, incidents.given_up(db)),
        timers=_lines(db, user, incidents.stuck(db, now=now)),
        messages=_lines(db, user, incidents.unawaited(db)),
        late=timers.late(db, now=now),
    )


def count(db: Session, *, now: datetime) -> int:
    """What awaits somebody, for the bar."""
    return incidents.count(db, now=now)


def health(db: Session, *, now: datetime) -> dict[str, int]:
    """Figures for whoever watches the servers; it says nothing of anybody."""
    return {"incidents": incidents.count(db, now=now), "late_timers": timers.late(db, now=now)}


def owner_of(db: Session, incident: Incident) -> User | None:
    """The person who took it; somebody who left no longer sees to anything."""
    taken_by = incident.taken_by or ""
    owner = db.get(User, int(taken_by.removeprefix("user:"))) if taken_by else None
    return owner if owner is not None and owner.active else None


def _lines(db: Session, reader: User, found: Sequence[Incident]) -> list[Line]:
    causes = Counter(one.cause for one in found if one.cause)
    return [
        Line(
            one,
            title(one),
            _place(db, one) if one.definition else "",
            role.label,
            owner_of(db, one),
            role.code in reader.role_codes,
            causes[one.cause],
        )
        for one in found
        for role in [in_charge(one)]
    ]


def _place(db: Session, incident: Incident) -> str:
    release = queries.release_of(db, incident.case_id or 0)
    return f"{release.titles.get(incident.definition, '')}, {_step(release, incident)}".strip(", ")


def _step(release: Release, incident: Incident) -> str:
    content = release.diagrams.get(incident.definition)
    node = Diagram(incident.definition, content).nodes.get(incident.element) if content else None
    return (node.name if node else "") or incident.element
