"""A task comes in; its form goes out, filled only with what an earlier step really answered."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine import queries as engine
from engine.models import Datum, Task
from web.filters import say_day, today
from web.tasks.choices import choices_of
from workflows.cases.models import Episode
from workflows.deadlines.queries import CASE, callers
from workflows.library import library_of_task
from workflows.pathways.frailty import known_items
from workflows.pathways.staging import usual_values
from workflows.staff.models import User


class Asked:
    """The form of one task for one person: bound, with what its conditions may look at."""

    def __init__(
        self,
        db: Session,
        task: Task,
        *,
        user: User,
        now: datetime,
        formdata: Any = None,
        draft: Mapping[str, Any] | None = None,
    ) -> None:
        self.task = task
        self.library = library_of_task(db, task)
        self.names = forms.names_of(self.library, task.form)
        known = engine.instance_data(db, task.instance_id)
        known |= known_items(known)
        typed = dict(draft or {})
        self.carried = {
            name: one
            for name, one in _carried(db, self.library, task, known).items()
            if typed.get(name, one) not in (None, "", [])  # cleared by whoever typed the draft
        }
        asked = set(self.names) - forms.SAID  # what a diagram says is shown as it stands
        outside = {name: value for name, value in known.items() if name not in asked}
        self.form = forms.bind(
            self.library,
            task.form,
            formdata,
            values=outside | typed,
            carried=self.carried,
            today=today(),
            choices=choices_of(
                db,
                self.library,
                self.names,
                episode=db.get_one(Episode, task.case_id),
                user=user,
                now=now,
                values=known | typed | _chosen_rcp(formdata),
            ),
            usual=usual_values(db, instance_id=task.instance_id, facts=known | typed),
        )

    @property
    def spec(self) -> forms.FormSpec:
        return self.library.forms[self.task.form]

    def validate(self) -> bool:
        return self.form.validate()

    def answers(self) -> dict[str, Any]:
        return forms.answers(self.form)

    def typed(self) -> dict[str, Any]:
        """For a draft: what was typed, and what was carried over and has been cleared."""
        raw = forms.raw(self.form)
        return raw | {name: "" for name in self.carried if name not in raw}

    def changed_meanwhile(self) -> list[tuple[str, str, str]]:
        """(label, what the case says now, what was typed) where the two differ."""
        raw = forms.raw(self.form)
        return [
            (self._label(name), self._say(name, one.value), self._say(name, raw.get(name)))
            for name, one in self.carried.items()
            if name not in raw or raw[name] != one.value
        ]

    def _label(self, name: str) -> str:
        return self.library.dictionary[name].label

    def _say(self, name: str, value: Any) -> str:
        return forms.display(self.library, name, value) or "vide"


def _carried(
    db: Session, library: forms.Library, task: Task, known: Mapping[str, Any]
) -> dict[str, forms.Carried]:
    """Only what the form's author said is carried: a decision is never answered beforehand."""
    wanted = {
        one.name: one.source
        for _section, one in library.forms[task.form].fields()
        if one.carried and known.get(one.name) not in (None, "", [])
    }
    if not wanted:
        return {}
    given = _given(db, task, list(wanted))
    return {
        name: forms.Carried(known[name], source, _day(given.get(name)))
        for name, source in wanted.items()
    }


def _given(db: Session, task: Task, names: Sequence[str]) -> dict[str, Datum]:
    """Each answer's own line, the nearest diagram first."""
    found: dict[str, Datum] = {}
    for instance_id in [*callers(db, task.instance_id), CASE]:
        for row in engine.origins(db, case_id=task.case_id, names=names, instance_id=instance_id):
            if row.instance_id == instance_id:
                found.setdefault(row.name, row)
    return found


def _day(datum: Datum | None) -> str:
    return say_day(datum.set_at) if datum else ""


def _chosen_rcp(formdata: Any) -> dict[str, Any]:
    chosen = formdata.get("rcp_id") if formdata is not None else None
    return {"rcp_id": chosen} if chosen else {}


def as_date(value: object) -> date | None:
    """The day of an ISO text, when it is one."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
