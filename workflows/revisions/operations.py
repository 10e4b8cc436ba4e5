"""A draft is started, edited, checked, published or discarded; a revision is seeded or exported."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit, publishing
from engine.errors import Conflict, Invalid, NotFound
from engine.models import Revision
from engine.publishing import Artifact, Finding
from workflows.revisions import delays, queries, release, steps
from workflows.revisions.models import Draft, DraftArtifact
from workflows.revisions.vocabulary import cross_check, vocabulary_of
from workflows.staff import queries as staff_queries

EDITABLE = frozenset({"diagram", "table", "dictionary", "form", "value_set", "scenario"})
LARGEST = 2_000_000


def check(artifacts: Sequence[Artifact]) -> list[Finding]:
    """Everything there is to say about a release, in French, the errors first."""
    vocabulary, findings = vocabulary_of(artifacts)
    findings += cross_check(artifacts)
    findings += publishing.check(artifacts, vocabulary=vocabulary)
    return sorted(findings, key=lambda finding: finding.severity != "error")


def publish_release(
    db: Session, *, artifacts: Sequence[Artifact], actor: str, now: datetime, note: str = ""
) -> Revision:
    """Refused with its findings when something is wrong; the same content is the same revision."""
    vocabulary, findings = vocabulary_of(artifacts)
    findings += cross_check(artifacts)
    return publishing.publish(
        db,
        artifacts=artifacts,
        vocabulary=vocabulary,
        findings=findings,
        actor=actor,
        now=now,
        note=note,
    )


def seed(db: Session, *, actor: str, now: datetime, root: Path = release.ROOT) -> Revision:
    """The first revision of a new database, from the tree; an existing one is left in service."""
    serving = publishing.revision_in_service(db)
    if serving is not None:
        return serving
    return publish_release(
        db, artifacts=release.gather(root), actor=actor, now=now, note="Révision livrée avec Hent"
    )


def export_revision(db: Session, *, number: int, folder: Path) -> list[Path]:
    """Write a published revision back to files, where a tree keeps them."""
    if db.get(Revision, number) is None:
        raise NotFound(f"La révision {number} n’existe pas.")
    return release.write(publishing.artifacts_of(db, number), folder)


def start_draft(db: Session, *, actor: str, now: datetime, title: str = "") -> Draft:
    serving = publishing.revision_in_service(db)
    if serving is None:
        raise Conflict("Aucune révision n’est en service\u202f: publiez d’abord la première.")
    draft = Draft(
        base_revision_id=serving.id, title=title, started_by=actor, started_at=now, changed_at=now
    )
    db.add(draft)
    db.flush()
    _audit(db, draft, "draft.started", actor=actor, now=now)
    return draft


def edit(
    db: Session,
    *,
    draft_id: int,
    kind: str,
    name: str,
    content: bytes | None,
    actor: str,
    now: datetime,
    seen: str | None = None,
) -> Draft:
    """Replace, add or (no content) remove one file; `seen` is the digest the author started from."""
    draft = _open(db, draft_id)
    if kind not in EDITABLE:
        raise Invalid(f"Un fichier de type «\u202f{kind}\u202f» ne se modifie pas ici.")
    if content is not None and len(content) > LARGEST:
        raise Invalid("Ce fichier dépasse 2 Mo.")
    if seen is not None:
        current = queries.draft_artifact(db, draft_id=draft_id, kind=kind, name=name)
        if digest(current.content) != seen:
            raise Conflict(
                f"«\u202f{name}\u202f» a été modifié entre-temps par un collègue. Rechargez-le "
                "avant de reprendre vos changements."
            )
    row = _row(db, draft_id, kind, name)
    row.content, row.changed_by, row.changed_at = content, actor, now
    draft.changed_at = now
    db.flush()
    _audit(db, draft, "draft.edited", actor=actor, now=now, kind=kind, name=name)
    return draft


def change_delay(
    db: Session,
    *,
    draft_id: int,
    step: str,
    delay: delays.Delay,
    actor: str,
    now: datetime,
    establishment: str = "",
) -> None:
    """The row of a step in the table of deadlines, or an establishment's own; made when missing."""
    _require_establishment(db, establishment)
    table = _delays_of(db, draft_id)
    row = delays.row_of(table, step, establishment)
    if row is not None and not row.is_plain:
        raise Invalid("Ce délai est une expression\u202f: changez-le dans l’éditeur de table.")
    content = (
        delays.write(table, row.id, delay)
        if row
        else delays.add(table, step, delay, establishment)
    )
    _edit_delays(db, draft_id, content, actor, now)


def remove_own_delay(
    db: Session, *, draft_id: int, step: str, establishment: str, actor: str, now: datetime
) -> None:
    """The establishment follows the delay of everybody again."""
    table = _delays_of(db, draft_id)
    row = delays.row_of(table, step, establishment) if establishment else None
    if row is None:
        raise NotFound("Cet établissement n’a pas de délai propre pour cette étape.")
    _edit_delays(db, draft_id, delays.remove(table, row.id), actor, now)


def _delays_of(db: Session, draft_id: int) -> bytes:
    _open(db, draft_id)
    return queries.draft_artifact(db, draft_id=draft_id, kind="table", name=delays.NAME).content


def _edit_delays(db: Session, draft_id: int, content: bytes, actor: str, now: datetime) -> None:
    edit(
        db,
        draft_id=draft_id,
        kind="table",
        name=delays.NAME,
        content=content,
        actor=actor,
        now=now,
    )


def _require_establishment(db: Session, code: str) -> None:
    if code and code not in {one.code for one in staff_queries.establishments(db)}:
        raise Invalid("Choisissez l’établissement dans la liste.")


def change_step(
    db: Session,
    *,
    draft_id: int,
    diagram: str,
    step: str,
    name: str,
    form: str,
    deadline: str,
    actor: str,
    now: datetime,
) -> None:
    """A human task of a diagram, without drawing."""
    _open(db, draft_id)
    before = queries.draft_artifact(db, draft_id=draft_id, kind="diagram", name=diagram).content
    content = steps.change(before, step, name=name, form=form, deadline=deadline)
    edit(
        db, draft_id=draft_id, kind="diagram", name=diagram, content=content, actor=actor, now=now
    )


def restore(
    db: Session, *, draft_id: int, kind: str, name: str, actor: str, now: datetime
) -> None:
    """One file as the revision in service has it."""
    draft = _open(db, draft_id)
    db.execute(
        sa.delete(DraftArtifact).where(
            DraftArtifact.draft_id == draft_id,
            DraftArtifact.kind == kind,
            DraftArtifact.name == name,
        )
    )
    draft.changed_at = now
    _audit(db, draft, "draft.restored", actor=actor, now=now, kind=kind, name=name)


def check_draft(db: Session, *, draft_id: int) -> list[Finding]:
    return check(queries.draft_artifacts(db, draft_id))


def publish_draft(
    db: Session, *, draft_id: int, actor: str, now: datetime, note: str = ""
) -> Revision:
    """Into service: new cases take it, running cases stay on theirs."""
    draft = _open(db, draft_id)
    serving = publishing.revision_in_service(db)
    if serving is not None and serving.id != draft.base_revision_id:
        raise Conflict(
            f"La révision {serving.id} a été publiée depuis le début de ce brouillon. Commencez "
            "un nouveau brouillon pour ne pas annuler ses changements."
        )
    if not queries.changes(db, draft_id):
        raise Conflict("Ce brouillon ne change rien\u202f: il n’y a rien à publier.")
    revision = publish_release(
        db,
        artifacts=queries.draft_artifacts(db, draft_id),
        actor=actor,
        now=now,
        note=note or draft.title,
    )
    draft.state, draft.revision_id = "published", revision.id
    _audit(db, draft, "draft.published", actor=actor, now=now, revision=revision.id)
    return revision


def discard(db: Session, *, draft_id: int, actor: str, now: datetime) -> None:
    draft = _open(db, draft_id)
    draft.state = "discarded"
    _audit(db, draft, "draft.discarded", actor=actor, now=now)


def digest(content: bytes) -> str:
    """What an author names the version they saw by."""
    return sha256(content).hexdigest()


def _open(db: Session, draft_id: int) -> Draft:
    """Held until the end of the transaction: two authors write one after the other."""
    draft = queries.draft(db, draft_id, held=True)
    if draft.state != "open":
        raise Conflict("Ce brouillon est déjà publié ou abandonné.")
    return draft


def _row(db: Session, draft_id: int, kind: str, name: str) -> DraftArtifact:
    row = db.scalar(
        sa.select(DraftArtifact).where(
            DraftArtifact.draft_id == draft_id,
            DraftArtifact.kind == kind,
            DraftArtifact.name == name,
        )
    )
    if row is None:
        row = DraftArtifact(draft_id=draft_id, kind=kind, name=name)
        db.add(row)
    return row


def _audit(
    db: Session, draft: Draft, action: str, *, actor: str, now: datetime, **detail: str | int
) -> None:
    db.flush()
    audit.record(
        db, actor=actor, action=action, now=now, object=f"draft:{draft.id}", detail=detail
    )
