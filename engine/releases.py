"""A revision's number comes in; its diagrams and tables, parsed once per process, go out."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import blobs
from engine.checks.diagram import Diagram
from engine.decisions import Decision, Outcome, load_decisions
from engine.errors import NotFound
from engine.models import Artifact, Revision
from engine.spiff import Definition

# Past the session: the row itself holds all the names of the dictionary.
_REVISIONS: Any = Revision.__table__
_HASH = sa.select(_REVISIONS.c.content_hash).where(_REVISIONS.c.id == sa.bindparam("revision_id"))
KEPT = 20  # releases in memory; running cases rarely spread over more

_cache: OrderedDict[str, "Release"] = OrderedDict()
_lock = threading.Lock()


class Release:
    """What a revision holds, ready to run; shared by all threads and never changed."""

    def __init__(self, revision: Revision, files: dict[tuple[str, str], bytes]) -> None:
        self.revision_id = revision.id
        self.scopes = dict(revision.scopes)
        self.diagrams: dict[str, bytes] = {}
        self.titles: dict[str, str] = {}
        self.starts: dict[str, tuple[str, str]] = {}  # message → (diagram, start event)
        self.not_kept: set[str] = set()
        self.permitted: dict[str, str] = {}  # diagram → condition under which it is offered
        self.awake: set[str] = set()  # diagrams that go on while their case is suspended
        self.single: set[str] = set()  # diagrams that run once at a time
        self.steps: set[str] = set()  # what people do, by the name of its element
        self.conditional: set[str] = set()  # diagrams that wait for a condition somewhere
        self.decisions: dict[str, Decision] = {}
        self._definitions: dict[tuple[str, str | None], Definition] = {}
        self._lock = threading.Lock()
        for (kind, name), content in files.items():
            if kind == "diagram":
                self._learn(Diagram(name, content), content)
            elif kind == "table":
                self.decisions.update(load_decisions(content))

    def definition(self, name: str, start: str | None = None) -> Definition:
        """The parsed diagram, entered by that start event; NotFound when the revision has none."""
        if name not in self.diagrams:
            raise NotFound(f"Le diagramme «\u202f{name}\u202f» n’est pas dans cette révision.")
        with self._lock:
            if (name, start) not in self._definitions:
                content = self.diagrams[name]
                self._definitions[name, start] = Definition(name, content, start)
            return self._definitions[name, start]

    def deadline(self, facts: Mapping[str, object]) -> Outcome | None:
        """The row that answers for a task; None only when the revision has no such table."""
        table = self.decisions.get("deadlines")
        return table.answer(facts) if table is not None else None

    def is_pressing(self, facts: Mapping[str, object]) -> bool:
        """Whether the table of priorities, when there is one, puts a task first."""
        table = self.decisions.get("priority")
        return table is not None and table.answer(facts).values.get("priority") == "high"

    def _learn(self, diagram: Diagram, content: bytes) -> None:
        self.diagrams[diagram.id] = content
        self.titles[diagram.id] = diagram.process.get("name") or diagram.id
        self.steps.update(_steps(diagram))
        if condition := diagram.properties.get("permitted_when"):
            self.permitted[diagram.id] = condition
        if diagram.properties.get("while_suspended") == "true":
            self.awake.add(diagram.id)
        if diagram.properties.get("single") == "true":
            self.single.add(diagram.id)
        for node in diagram.nodes.values():
            if node.trigger == "conditional":
                self.conditional.add(diagram.id)
            if node.tag == "startEvent" and node.scope == diagram.id:
                message = diagram.message_of(node)
                if message:
                    self.starts[message] = (diagram.id, node.id)
        for message, properties in diagram.message_properties.items():
            if properties.get("keep") == "false":
                self.not_kept.add(message)


def _steps(diagram: Diagram) -> list[str]:
    return [node.id for node in diagram.nodes.values() if node.tag in ("userTask", "manualTask")]


def release(db: Session, revision_id: int, content_hash: str | None = None) -> Release:
    """The release of that number, parsed on first use, then shared; its hash saves a question."""
    key = key_of(db, revision_id, content_hash)
    if (known := _kept(key)) is not None:
        return known
    revision = db.get_one(Revision, revision_id)
    rows = db.execute(
        sa.select(Artifact.kind, Artifact.name, Artifact.sha256).where(
            Artifact.revision_id == revision_id, Artifact.kind.in_(("diagram", "table"))
        )
    )
    loaded = Release(
        revision, {(kind, name): blobs.fetch(db, digest) for kind, name, digest in rows.all()}
    )
    with _lock:
        _cache[key] = loaded
        while len(_cache) > KEPT:
            _cache.popitem(last=False)
    return loaded


def key_of(db: Session, revision_id: int, content_hash: str | None = None) -> str:
    """What a revision's parsed files are kept under: databases of tests share a process.

    What a revision holds never changes: its hash is asked for once in a transaction.
    """
    known: dict[int, str] = db.info.setdefault("revisions", {})
    if content_hash is not None:
        known[revision_id] = content_hash
    if revision_id not in known:
        found = db.connection().execute(_HASH, {"revision_id": revision_id}).scalar()
        if found is None:
            raise NotFound(f"La révision {revision_id} n’existe pas.")
        known[revision_id] = found
    return f"{revision_id}:{known[revision_id]}"


def _kept(key: str) -> Release | None:
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
        return _cache.get(key)
