"""Answers: names and values come in, kept once per scope; what a diagram may read goes out.

A name read in a running diagram is its own answer, else its caller's (and so on up), else the
case's. Only current values live here; history is on the tasks.
"""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.models import Datum

CASE = 0  # the scope of the case itself


class Answers:
    """The answers of one case, read scope by scope when asked for and kept for one step."""

    def __init__(self, db: Session, case_id: int, scopes: Mapping[str, str]) -> None:
        self._db = db
        self._case_id = case_id
        self._scopes = scopes
        self._read: dict[int, dict[str, Any]] = {}
        self.changed = False  # since somebody last looked: see Step.finish

    def view(self, chain: Iterable[int]) -> Mapping[str, Any]:
        """The names seen by an instance: `chain` is itself, its callers; the case comes last."""
        return ChainMap(*(self._scope(instance_id) for instance_id in (*chain, CASE)))

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
        rows = []
        for name, value in values.items():
            scope = CASE if self._scopes.get(name) == "case" else instance_id
            self._scope(scope)[name] = value
            rows.append(
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
        if rows:
            self.changed = True
            self._upsert(rows)

    def _scope(self, instance_id: int) -> dict[str, Any]:
        if instance_id not in self._read:
            found = self._db.execute(
                sa.select(Datum.name, Datum.value).where(
                    Datum.case_id == self._case_id, Datum.instance_id == instance_id
                )
            )
            self._read[instance_id] = {row.name: row.value for row in found}
        return self._read[instance_id]

    def _upsert(self, rows: list[dict[str, Any]]) -> None:
        module: Any = postgresql if self._db.get_bind().dialect.name == "postgresql" else sqlite
        statement = module.insert(Datum)
        changed = {
            name: statement.excluded[name] for name in ("value", "task_id", "set_by", "set_at")
        }
        self._db.execute(
            statement.on_conflict_do_update(
                index_elements=["case_id", "instance_id", "name"], set_=changed
            ),
            rows,
        )
