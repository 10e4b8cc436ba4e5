"""Where tokens stand and have been: read once per step, kept in memory, written in one go.

Nothing asks for passages in the middle of a step, so they need no row before its end.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import journal, rows
from engine.models import Passage

_TABLE: Any = Passage.__table__
_STANDING = sa.select(_TABLE.c["id", "token", "element", "kind", "entered_at"]).where(
    _TABLE.c.instance_id == sa.bindparam("instance_id"), _TABLE.c.left_at.is_(None)
)
_LEAVE = (
    sa.update(_TABLE)
    .where(_TABLE.c.id == sa.bindparam("passage_id"))
    .values(left_at=sa.bindparam("left"), outcome=sa.bindparam("how"))
)


@dataclass
class Stay:
    """A token's stay on one element; `id` is None as long as it has no row."""

    instance_id: int
    token: int
    element: str
    kind: str
    entered_at: datetime
    id: int | None = None
    left_at: datetime | None = None
    outcome: str = ""


class Trace:
    """The passages of one case during one step."""

    def __init__(self, db: Session, case_id: int, now: datetime) -> None:
        self._db = db
        self._case_id = case_id
        self._now = now
        self._standing: dict[int, dict[int, Stay]] = {}
        self._new: list[Stay] = []
        self._left: list[Stay] = []

    def begin(self, instance_id: int) -> None:
        """A new instance: nothing stands in it yet, there is nothing to read."""
        self._standing[instance_id] = {}

    def standing(self, instance_id: int) -> dict[int, Stay]:
        """Token → its stay, for all that stand in the instance."""
        if instance_id not in self._standing:
            found = self._db.connection().execute(_STANDING, {"instance_id": instance_id})
            self._standing[instance_id] = {
                row.token: Stay(
                    instance_id, row.token, row.element, row.kind, row.entered_at, id=row.id
                )
                for row in found
            }
        return self._standing[instance_id]

    def enter(self, instance_id: int, token: int, element: str, kind: str) -> None:
        stay = Stay(instance_id, token, element, kind, self._now)
        self.standing(instance_id)[token] = stay
        self._new.append(stay)

    def leave(self, stay: Stay, outcome: str) -> None:
        del self._standing[stay.instance_id][stay.token]
        stay.left_at, stay.outcome = self._now, outcome
        if stay.id is not None:
            self._left.append(stay)

    def pass_through(self, instance_id: int, token: int, element: str) -> None:
        """The token did not wait there."""
        self._new.append(
            Stay(instance_id, token, element, "passed", self._now, None, self._now, "done")
        )

    def write(self) -> None:
        if self._left:
            if (book := journal.of(self._db)) is not None:
                book.changing(_TABLE, [(stay.id,) for stay in self._left])
            self._db.connection().execute(
                _LEAVE,
                [
                    {"passage_id": stay.id, "left": stay.left_at, "how": stay.outcome}
                    for stay in self._left
                ],
            )
        rows.add(self._db, Passage, [self._row(stay) for stay in self._new])
        self._new, self._left = [], []

    def settle(self) -> None:
        """Write now; what stands is read anew, with the rows it has."""
        self.write()
        self._standing = {}

    def _row(self, stay: Stay) -> dict[str, Any]:
        return {
            "case_id": self._case_id,
            "instance_id": stay.instance_id,
            "element": stay.element,
            "token": stay.token,
            "kind": stay.kind,
            "entered_at": stay.entered_at,
            "left_at": stay.left_at,
            "outcome": stay.outcome,
        }
