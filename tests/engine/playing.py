"""A sketched release comes in; a case played on a real database goes out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from engine import blobs, publishing, queries, runtime, scheduler
from engine.artifacts import Artifact
from engine.db import transaction
from engine.models import Artifact as ArtifactRow
from engine.models import Case, Instance, Revision, Task

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


def publish_unchecked(database: sa.Engine, *artifacts: Artifact, now: datetime = MORNING) -> int:
    """A revision as it is, even one the gate would refuse: the engine must not count on the gate."""
    digest = publishing.content_hash(artifacts)
    with transaction(database) as db:
        known = db.scalar(sa.select(Revision.id).where(Revision.content_hash == digest))
        if known is not None:
            return known
        revision = Revision(
            content_hash=digest,
            published_by="system",
            published_at=now,
            in_service_since=now,
            scopes={"amount": "case", "rows": "case"},
        )
        db.add(revision)
        db.flush()
        for one in artifacts:
            digest = blobs.keep(db, one.content)
            db.add(
                ArtifactRow(revision_id=revision.id, kind=one.kind, name=one.name, sha256=digest)
            )
        return revision.id


@dataclass
class Play:
    """One case, moved by short words; each command in its own transaction."""

    database: sa.Engine
    case_id: int = 0
    now: datetime = MORNING
    actor: str = "user:1"
    fired: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, database: sa.Engine, *artifacts: Artifact, **data: Any) -> "Play":
        publish_unchecked(database, *artifacts)
        play = cls(database)
        with transaction(database) as db:
            play.case_id = runtime.start_case(
                db, pathway=artifacts[0].name, subject="p", actor="user:1", now=play.now, data=data
            ).id
        return play

    def open(self) -> list[str]:
        """Elements that wait for a person, in order of opening."""
        with transaction(self.database) as db:
            return [
                task.element
                for task in sorted(queries.open_tasks(db, self.case_id), key=lambda t: t.id)
            ]

    def task(self, element: str) -> Task:
        with transaction(self.database) as db:
            return next(t for t in queries.open_tasks(db, self.case_id) if t.element == element)

    def do(self, element: str, **answers: Any) -> list[str]:
        with transaction(self.database) as db:
            task = next(t for t in queries.open_tasks(db, self.case_id) if t.element == element)
            runtime.complete_task(
                db, task_id=task.id, answers=answers, actor=self.actor, now=self.now
            )
        return self.open()

    def send(self, name: str, **given: Any) -> list[str]:
        with transaction(self.database) as db:
            runtime.send_message(
                db, name=name, case_id=self.case_id, actor=self.actor, now=self.now, **given
            )
        return self.open()

    def later(self, **span: float) -> list[str]:
        self.now += timedelta(**span)
        scheduler.beat(self.database, now=self.now)
        return self.open()

    def move(self, words: str) -> list[str]:
        """One move told in words: "do ask amount=5", "send news", "wait 2" (days), "put amount=1"."""
        verb, *rest = words.split()
        answers = {k: int(v) for k, v in (one.split("=") for one in rest if "=" in one)}
        if verb == "do":
            return self.do(rest[0], **answers)
        if verb == "send":
            return self.send(rest[0])
        if verb == "wait":
            return self.later(days=int(rest[0]))
        known = {"case_id": self.case_id, "actor": self.actor, "now": self.now}
        with transaction(self.database) as db:
            if verb == "put":
                runtime.put_data(db, values=answers, **known)
            elif verb == "suspend":
                runtime.suspend_case(db, reason="", **known)
            else:
                assert verb == "resume", words
                runtime.resume_case(db, **known)
        return self.open()

    def data(self, definition: str | None = None) -> dict[str, Any]:
        with transaction(self.database) as db:
            if definition is None:
                return queries.case_data(db, self.case_id)
            found = [i for i in queries.instances(db, self.case_id) if i.definition == definition]
            return queries.instance_data(db, found[-1].id)

    def instances(self) -> list[tuple[str, str]]:
        with transaction(self.database) as db:
            return [(i.definition, i.state) for i in queries.instances(db, self.case_id)]

    def states(self) -> dict[str, bytes]:
        with transaction(self.database) as db:
            rows = db.scalars(sa.select(Instance).options(undefer(Instance.snapshot)))
            return {row.definition: row.snapshot for row in rows if row.snapshot}

    def case(self) -> Case:
        with transaction(self.database) as db:
            return queries.case(db, self.case_id)

    def fingerprint(self) -> str:
        """Everything written, so that « nothing half-written » can be checked."""
        from engine.db import Base

        whole = sha256()
        with transaction(self.database) as db:
            for table in Base.metadata.sorted_tables:
                for row in _ordered(db.execute(sa.select(table)).all()):
                    whole.update(repr((table.name, row)).encode())
        return whole.hexdigest()


def _ordered(rows: Iterable[Any]) -> list[str]:
    return sorted(repr(tuple(row)) for row in rows)
