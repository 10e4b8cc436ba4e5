"""Answers: names and values come in, kept once per scope; what a diagram may read goes out.

A name read in a running diagram is its own answer, else its caller's (and so on up), else the
case's. Only current values live here; history is on the tasks.
"""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import rows
from engine.models import Datum

CASE = 0  # the scope of the case itself

_TABLE: Any = Datum.__table__
_KNOWN = sa.select(_TABLE.c["instance_id", "name", "value"]).where(
    _TABLE.c.case_id == sa.bindparam("case_id"),
    _TABLE.c.instance_id.in_(sa.bindparam("scopes", expanding=True)),
)


class Answers:
    """The answers of one case, read when asked for and kept for one step."""

    def __init__(self, db: Session, case_id: int, scopes: Mapping[str, str]) -> None:
        self._db = db
        self._case_id = case_id
        self._scopes = scopes
        self._read: dict[int, dict[str, Any]] = {}
        self.changed = False  # since somebody last looked: see Step.finish

    def begin(self, instance_id: int) -> None:
        """A new instance: it has no answers yet, there is nothing to read."""
        self._read[instance_id] = {}

    def view(self, chain: Iterable[int]) -> ChainMap[str, Any]:
        """The names seen by an instance: `chain` is itself, its callers; the case comes last."""
        scopes = (*chain, CASE)
        self._load(scope for scope in scopes if scope not in self._read)
        return ChainMap(*(self._read[scope] for scope in scopes))

    def put(
        self,
        values: Mapping[str, Any],
        *,
        instance_id: int,
        actor: str,
        now: datetime,
        task_id: int | None = None,
    ) -> None:
        """Each name goes to its own scope; one the dictionary doesn't know to the instance's."""
        given = []
        for name, value in values.items():
            scope = CASE if self._scopes.get(name) == "case" else instance_id
            if scope in self._read:
                self._read[scope][name] = value
            given.append(
                {
                    "case_id": self._case_id,
                    "instance_id": scope,
                    "name": name,
                    "value": value,
                    "task_id": task_id,
                    "set_by": actor,
                    "set_at": now,
                }
            )
        if given:
            self.changed = True
            rows.put(self._db, Datum, given)

    def _load(self, scopes: Iterable[int]) -> None:
        """One question for all the scopes that are not known yet."""
        if unknown := list(scopes):
            self._read.update((scope, {}) for scope in unknown)
            given = {"case_id": self._case_id, "scopes": unknown}
            for row in self._db.connection().execute(_KNOWN, given):
                self._read[row.instance_id][row.name] = row.value
