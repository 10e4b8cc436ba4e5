"""Questions about releases: what a draft holds, what it changes, which revision serves."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.models import Case, CaseState, Revision
from engine.publishing import Artifact, artifacts_of
from workflows.revisions.models import Draft, DraftArtifact


@dataclass(frozen=True)
class Change:
    """One file that differs from the base: added, changed or removed."""

    kind: str
    name: str
    what: str


def revisions(db: Session) -> Sequence[Revision]:
    return db.scalars(sa.select(Revision).order_by(Revision.id.desc())).all()


def running_cases(db: Session) -> dict[int, int]:
    """How many cases still run on each revision."""
    counted = (
        sa.select(Case.revision_id, sa.func.count())
        .where(Case.state != CaseState.CLOSED)
        .group_by(Case.revision_id)
    )
    return {row[0]: row[1] for row in db.execute(counted).all()}


def draft(db: Session, draft_id: int, *, held: bool = False) -> Draft:
    found = db.get(Draft, draft_id, with_for_update=held)
    if found is None:
        raise NotFound("Ce brouillon n’existe pas.")
    return found


def open_drafts(db: Session) -> Sequence[Draft]:
    return db.scalars(
        sa.select(Draft).where(Draft.state == "open").order_by(Draft.changed_at.desc())
    ).all()


def draft_artifacts(db: Session, draft_id: int) -> list[Artifact]:
    """The whole release as the draft would publish it: its base, overlaid."""
    base = artifacts_of(db, draft(db, draft_id).base_revision_id)
    files = {(artifact.kind, artifact.name): artifact.content for artifact in base}
    for row in _rows(db, draft_id):
        if row.content is None:
            files.pop((row.kind, row.name), None)
        else:
            files[row.kind, row.name] = row.content
    return [Artifact(kind, name, content) for (kind, name), content in sorted(files.items())]


def draft_artifact(db: Session, *, draft_id: int, kind: str, name: str) -> Artifact:
    for artifact in draft_artifacts(db, draft_id):
        if (artifact.kind, artifact.name) == (kind, name):
            return artifact
    raise NotFound(f"Le brouillon ne contient pas «\u202f{name}\u202f».")


def changes(db: Session, draft_id: int) -> list[Change]:
    base = {
        (artifact.kind, artifact.name): artifact.content
        for artifact in artifacts_of(db, draft(db, draft_id).base_revision_id)
    }
    found = []
    for row in _rows(db, draft_id):
        before = base.get((row.kind, row.name))
        if row.content != before:
            what = "removed" if row.content is None else "changed" if before else "added"
            found.append(Change(row.kind, row.name, what))
    return found


def difference(db: Session, draft_id: int) -> list[tuple[Change, bytes | None, bytes | None]]:
    """Each file that differs, as the base has it and as the draft wants it."""
    base = artifacts_of(db, draft(db, draft_id).base_revision_id)
    before = {(artifact.kind, artifact.name): artifact.content for artifact in base}
    after = {(row.kind, row.name): row.content for row in _rows(db, draft_id)}
    return [
        (one, before.get((one.kind, one.name)), after[one.kind, one.name])
        for one in changes(db, draft_id)
    ]


def _rows(db: Session, draft_id: int) -> Sequence[DraftArtifact]:
    return db.scalars(
        sa.select(DraftArtifact)
        .where(DraftArtifact.draft_id == draft_id)
        .order_by(DraftArtifact.kind, DraftArtifact.name)
    ).all()
