"""A case is read once for one document; its answers go out as French text, "" when unknown."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine import queries as engine_queries
from engine.models import Instance
from workflows.cases.care_team import care_team
from workflows.cases.models import CareTeamMember, Episode
from workflows.deadlines.queries import callers, milestones_of
from workflows.library import library_of
from workflows.records.contexts.wording import day_of
from workflows.staff import queries as staff_queries

Row = Mapping[str, Any]
_NOTHING: tuple[Any, ...] = (None, "", [], {})


class Source:
    """What a document may quote of a case, as its running diagram sees it."""

    def __init__(self, db: Session, *, case_id: int, instance_id: int, now: datetime) -> None:
        self.db = db
        self.case_id = case_id
        self.instance_id = instance_id
        self.now = now
        self.today = day_of(now.isoformat())
        self.episode = db.get_one(Episode, case_id)
        self.patient = self.episode.patient
        self.data = engine_queries.instance_data(db, instance_id)

    @cached_property
    def library(self) -> forms.Library:
        """The words of the revision that the diagram runs on."""
        return library_of(self.db, self.db.get_one(Instance, self.instance_id).revision_id)

    @cached_property
    def team(self) -> list[CareTeamMember]:
        return care_team(self.db, self.case_id)

    @cached_property
    def milestones(self) -> dict[str, str]:
        """Name → ISO day: what this diagram sees, else the latest of the case."""
        seen = {0, *callers(self.db, self.instance_id)}
        rows = milestones_of(self.db, self.case_id)
        latest = {row.name: row for row in rows}
        latest |= {row.name: row for row in rows if row.instance_id in seen}
        return {name: row.at.isoformat() for name, row in latest.items()}

    def raw(self, name: str) -> Any:
        """The answer itself; "" when there is none."""
        value = self.data.get(name)
        return "" if value in _NOTHING else value

    def say(self, name: str) -> str:
        return self._shown(name, self.raw(name))

    def choices(self, name: str) -> list[str]:
        """Each of several choices apart."""
        return [self._shown(name, [code]) for code in self.raw(name) or []]

    def lines(self, name: str) -> list[str]:
        """A long text that people write one thing a line."""
        return [line.strip() for line in str(self.raw(name)).splitlines() if line.strip()]

    def rows(self, group: str) -> list[Row]:
        return [row for row in self.raw(group) or [] if isinstance(row, Mapping)]

    def cell(self, group: str, row: Row, name: str) -> str:
        value = row.get(name)
        return "" if value in _NOTHING else self._shown(f"{group}.{name}", value)

    def label(self, name: str, code: str | None) -> str:
        """What a code means where it answers this question, though nobody answered it here."""
        return self._shown(name, code)

    def person(self, name: str) -> str:
        """A colleague by number, or somebody who was only named."""
        value = str(self.raw(name))
        return staff_queries.user(self.db, int(value)).display_name if value.isdigit() else value

    def setting(self, name: str, default: str = "") -> str:
        """The words a site chose for its documents."""
        return str(
            staff_queries.setting(
                self.db, name, establishment_id=self.episode.establishment_id, default=default
            )
        )

    def _shown(self, name: str, value: Any) -> str:
        if value in _NOTHING:
            return ""
        return forms.display(self.library, name, value)
