"""The files of a release come in; a checked, frozen revision that new cases run on goes out."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit, blobs
from engine.artifacts import KINDS, Artifact, Finding, Vocabulary
from engine.checks import Release, check_release, read_release
from engine.checks.diagram import Diagram
from engine.errors import NotFound, NotPublishable
from engine.models import Artifact as ArtifactRow
from engine.models import Revision
from engine.spiff import Definition, UnreadableDiagram

__all__ = [
    "Artifact",
    "Finding",
    "Vocabulary",
    "artifacts_of",
    "check",
    "content_hash",
    "publish",
    "revision_in_service",
]

LONGEST_NAME, LONGEST_NOTE = 100, 500  # what the database keeps


def check(artifacts: Iterable[Artifact], *, vocabulary: Vocabulary) -> list[Finding]:
    """Every remark on the diagrams and tables of a release, errors first."""
    files = list(artifacts)
    return _check(files, read_release(files, vocabulary))


def publish(
    db: Session,
    *,
    artifacts: Iterable[Artifact],
    vocabulary: Vocabulary,
    findings: Sequence[Finding] = (),
    actor: str,
    now: datetime,
    note: str = "",
) -> Revision:
    """Put a release in service; running cases stay on theirs.

    `findings` are remarks of other rooms: one error among them, or among ours, and
    NotPublishable is raised. The same content is the same revision, put back in service.
    """
    files = list(artifacts)
    release = read_release(files, vocabulary)
    found = [*findings, *_check(files, release)]
    found.sort(key=lambda finding: finding.severity != "error")
    if any(finding.severity == "error" for finding in found):
        raise NotPublishable(found)
    digest = content_hash(files)
    revision = db.scalar(sa.select(Revision).where(Revision.content_hash == digest))
    known = revision is not None
    if revision is None:
        revision = _freeze(db, files, release, digest=digest, actor=actor, now=now, note=note)
    revision.in_service_since = now
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="revision.reinstated" if known else "revision.published",
        now=now,
        object=f"revision:{revision.id}",
        detail={"content_hash": digest, "files": len(files)},
    )
    return revision


def revision_in_service(db: Session) -> Revision | None:
    """The one new cases start on: the last that was put in service."""
    latest = sa.select(Revision).order_by(Revision.in_service_since.desc(), Revision.id.desc())
    return db.scalar(latest.limit(1))


def artifacts_of(db: Session, revision_id: int) -> list[Artifact]:
    """Every file of a revision, in a stable order."""
    if db.get(Revision, revision_id) is None:
        raise NotFound(f"La révision {revision_id} n’existe pas.")
    rows = db.execute(
        sa.select(ArtifactRow.kind, ArtifactRow.name, ArtifactRow.sha256)
        .where(ArtifactRow.revision_id == revision_id)
        .order_by(ArtifactRow.kind, ArtifactRow.name)
    )
    return [Artifact(kind, name, blobs.fetch(db, digest)) for kind, name, digest in rows.all()]


def content_hash(artifacts: Iterable[Artifact]) -> str:
    """One digest for all files, whatever the order they come in."""
    lines = sorted(
        f"{artifact.kind}\x00{artifact.name}\x00{sha256(artifact.content).hexdigest()}"
        for artifact in artifacts
    )
    return sha256("\n".join(lines).encode()).hexdigest()


def _check(files: list[Artifact], release: Release) -> list[Finding]:
    found = [*_files(files), *check_release(release)]
    if not any(finding.severity == "error" for finding in found):
        found += [finding for diagram in release.diagrams for finding in _runs(diagram, files)]
    return sorted(found, key=lambda finding: finding.severity != "error")


def _runs(diagram: Diagram, files: list[Artifact]) -> Iterator[Finding]:
    """The last word is the library's: it parses every way into the diagram."""
    content = next(f.content for f in files if (f.kind, f.name) == ("diagram", diagram.artifact))
    for node in diagram.nodes.values():
        if node.tag != "startEvent" or node.scope != diagram.id:
            continue
        try:
            Definition(diagram.artifact, content, node.id)
        except UnreadableDiagram as problem:
            message = f"Le moteur ne peut pas lire ce diagramme\u202f: {problem}."
            yield Finding("error", diagram.artifact, node.id, message, "Simplifiez-le.")


def _files(files: list[Artifact]) -> list[Finding]:
    """A file has a known kind and a name of its own."""
    found: list[Finding] = []
    seen: set[tuple[str, str]] = set()
    for artifact in files:
        message = ""
        if artifact.kind not in KINDS:
            message = f"Le type de fichier «\u202f{artifact.kind}\u202f» n’existe pas."
        elif (artifact.kind, artifact.name) in seen:
            message = "Ce fichier est donné deux fois."
        elif not 0 < len(artifact.name) <= LONGEST_NAME:
            message = f"Le nom d’un fichier compte de 1 à {LONGEST_NAME} caractères."
        seen.add((artifact.kind, artifact.name))
        if message:
            found.append(
                Finding("error", artifact.name, "", message, "Renommez-le ou retirez-le.")
            )
    return found


def _freeze(
    db: Session,
    files: list[Artifact],
    release: Release,
    *,
    digest: str,
    actor: str,
    now: datetime,
    note: str,
) -> Revision:
    revision = Revision(
        content_hash=digest,
        note=note[:LONGEST_NOTE],
        published_by=actor,
        published_at=now,
        in_service_since=now,
        scopes=dict(release.vocabulary.data),
        reads=sorted(release.reads),
    )
    db.add(revision)
    db.flush()
    for artifact in files:
        kept = blobs.keep(db, artifact.content)
        db.add(
            ArtifactRow(
                revision_id=revision.id, kind=artifact.kind, name=artifact.name, sha256=kept
            )
        )
    return revision
