"""Who asks, and the revision or draft they ask for; what every page of the studio shows goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Blueprint, url_for
from sqlalchemy.orm import Session

import forms
from engine.artifacts import Artifact, Finding
from engine.drawing import draw
from engine.errors import NotFound
from engine.publishing import artifacts_of, revision_in_service
from engine.xml import XmlError
from web.door import signed_in
from workflows.access import require
from workflows.french import plural
from workflows.revisions import delays, operations, queries, release
from workflows.revisions.models import Draft
from workflows.revisions.steps import Sheet, sheet
from workflows.roles import Permission
from workflows.staff.models import User
from workflows.staff.queries import actor_name

blueprint = Blueprint("studio", __name__, template_folder="templates", url_prefix="/parcours")

# Folder of the tree → what the studio calls it; the order is that of the page.
SHELVES = {"pathways": "Parcours", "phases": "Phases", "events": "Événements"}


@dataclass(frozen=True)
class Drawn:
    """One diagram of a release."""

    name: str
    folder: str
    sheet: Sheet
    content: bytes

    @property
    def title(self) -> str:
        return self.sheet.title

    @property
    def size(self) -> str:
        """« 12 tâches », or the phases of a diagram that only calls others."""
        calls = sum(step.kind == "callActivity" for step in self.sheet.steps)
        if calls and not self.sheet.tasks:
            return plural(calls, "phase")
        return plural(len(self.sheet.tasks), "tâche")

    @property
    def map(self) -> str:
        return _drawn(self.content, False)

    @property
    def picture(self) -> str:
        return _drawn(self.content, True)


@dataclass(frozen=True)
class Place:
    """A revision, or a draft of the next one: the same pages show both."""

    artifacts: tuple[Artifact, ...]
    revision: int
    draft: Draft | None = None

    def content(self, kind: str, name: str) -> bytes | None:
        found = (a.content for a in self.artifacts if (a.kind, a.name) == (kind, name))
        return next(found, None)

    @property
    def drawings(self) -> list[Drawn]:
        return [
            Drawn(a.name, release.folder_of(a.name), sheet(a.name, a.content), a.content)
            for a in self.artifacts
            if a.kind == "diagram"
        ]

    def drawing(self, name: str) -> Drawn | None:
        return next((one for one in self.drawings if one.name == name), None)

    @property
    def library(self) -> forms.Library:
        return _library(tuple(a for a in self.artifacts if a.kind in FORM_KINDS))

    @property
    def delays(self) -> list[delays.Row]:
        return delays.rows(self.content("table", delays.NAME) or b"")

    @property
    def findings(self) -> list[Finding]:
        return _checked(self.artifacts)

    @property
    def own_draft(self) -> Draft:
        """Only the pages of a draft ask for it."""
        if self.draft is None:
            raise NotFound("Cette page est celle d’un brouillon.")
        return self.draft

    def href(self, page: str, **values: Any) -> str:
        """The address of a page of this place: `diagram`, `delays`, `forms`, …"""
        if self.draft is not None:
            return url_for(f"studio.draft_{page}", draft_id=self.draft.id, **values)
        return url_for(f"studio.revision_{page}", number=self.revision, **values)


FORM_KINDS = ("dictionary", "form", "value_set")


def author(db: Session) -> User:
    """The person asking, who may change pathways."""
    user = signed_in(db)
    require(db, user, Permission.EDIT_PATHWAYS)
    return user


def revision_place(db: Session, number: int) -> Place:
    return Place(tuple(artifacts_of(db, number)), number)


def draft_place(db: Session, draft_id: int) -> Place:
    draft = queries.draft(db, draft_id)
    artifacts = tuple(queries.draft_artifacts(db, draft_id))
    return Place(artifacts, draft.base_revision_id, draft)


def head(db: Session, place: Place) -> dict[str, object]:
    """What stays on top of each page."""
    serving = revision_in_service(db)
    draft = place.draft
    return {
        "place": place,
        "draft": draft,
        "serving": serving.id if serving else None,
        "started_by": actor_name(db, draft.started_by) if draft else "",
        "errors": _count(place.findings, "error") if draft else 0,
        "warnings": _count(place.findings, "warning") if draft else 0,
    }


def _count(findings: Sequence[Finding], severity: str) -> int:
    return sum(one.severity == severity for one in findings)


@lru_cache(maxsize=6)
def _checked(artifacts: tuple[Artifact, ...]) -> list[Finding]:
    """The same files say the same: a page shown again does not check again."""
    return operations.check(artifacts)


@lru_cache(maxsize=4)
def _library(artifacts: tuple[Artifact, ...]) -> forms.Library:
    return forms.load(artifacts)


@lru_cache(maxsize=96)
def _drawn(content: bytes, labels: bool) -> str:
    try:
        return draw(content, labels=labels)
    except XmlError:  # a draft may hold anything: the checks say what is wrong with it
        return ""
