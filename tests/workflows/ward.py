"""A small ward on a sketched release: people, a patient, a case that runs; questions are counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import publishing, queries
from engine.artifacts import Vocabulary
from engine.models import Task
from tests.engine.sketches import sketch, table
from tests.factories import MORNING, make_patient, make_rcp, make_unit, make_user
from workflows.cases import operations
from workflows.cases.models import Episode
from workflows.deadlines import steps as deadline_steps
from workflows.staff.models import Unit, User

LANES = ("IDEC", "Chirurgien", "Médecin référent", "Secrétariat de RCP")
DATA = {
    "biopsy_date": "case",
    "session_date": "instance",
    "rcp_id": "instance",
    "information_date": "case",
    "sharing_opposition": "case",
}
VOCABULARY = Vocabulary(
    roles=LANES,
    forms={
        "ask": ("biopsy_date",),
        "tell": ("session_date",),
        "inform_patient": ("information_date", "sharing_opposition"),
    },
    data=DATA,
    handlers=(),
    codes=("idec", "surgeon", "referring_physician"),
    anchors=("biopsy", "session"),
)
DEADLINES = table(
    ('"ask"', '"opened"', "2", '"days"', '"80%"', '"surgeon"'),
    ('"operate"', '"biopsy"', "8", '"days"', '"-2 days"', '"surgeon"'),
    ('"meet"', '"session"', "-1", '"working_days"', '""', '""'),
    ('"later"', '"opened"', "10", '"days"', '""', '""'),
    ("-", '"opened"', "30", '"days"', '""', '""'),
)
# What the dictionary says of these data; the real one is forms/dictionary.yaml.
DICTIONARY = {
    "biopsy_date": SimpleNamespace(milestone="biopsy", scope="case"),
    "session_date": SimpleNamespace(milestone="session", scope="instance"),
}


def task(lane: str, deadline: str = "ask", form: str = "ask", **more: str) -> dict[str, Any]:
    return {"lane": lane, "properties": {"form": form, "deadline": deadline, **more}}


PATHWAY = sketch(
    "start -> split -> nurse -> join -> meet -> end",
    "split -> operate -> join",
    name="cancer",
    lanes=LANES,
    nurse=task("IDEC"),
    operate=task("Chirurgien", "operate", "tell"),
    meet=task("Secrétariat de RCP", "meet", "inform_patient"),
)
PROGRESSION = sketch(
    "start -> relapse -> end",
    name="progression",
    lanes=LANES,
    start={"message": "progression_declared"},
    relapse=task("Médecin référent", "later"),
)


@dataclass
class Ward:
    """Every command here acts at `now`, which the test moves."""

    db: Session
    unit: Unit
    nurse: User
    surgeon: User
    referring: User
    stranger: User
    now: datetime = MORNING
    episode: Episode | None = None
    others: dict[str, Any] = field(default_factory=dict)

    @property
    def case_id(self) -> int:
        assert self.episode is not None
        return self.episode.case_id

    def open_case(self, name: str = "Maïwenn Le Bihan", **given: Any) -> Episode:
        patient = make_patient(self.db, name, born=given.pop("born", date(1958, 5, 14)))
        self.episode = operations.open_case(
            self.db,
            patient_id=patient.id,
            unit_id=self.unit.id,
            organ="breast",
            user=given.pop("user", self.nurse),
            now=self.now,
            **given,
        )
        return self.episode

    def task(self, element: str) -> Task:
        return next(
            one for one in queries.open_tasks(self.db, self.case_id) if one.element == element
        )

    def open(self) -> set[str]:
        return {one.element for one in queries.open_tasks(self.db, self.case_id)}

    def do(self, element: str, user: User, **answers: Any) -> Task:
        return operations.complete_task(
            self.db, task_id=self.task(element).id, answers=answers, user=user, now=self.now
        )


def build(db: Session, monkeypatch: pytest.MonkeyPatch) -> Ward:
    monkeypatch.setattr(
        deadline_steps, "library_of_task", lambda *_: SimpleNamespace(dictionary=DICTIONARY)
    )
    publishing.publish(
        db,
        artifacts=[PATHWAY, PROGRESSION, DEADLINES],
        vocabulary=VOCABULARY,
        actor="system",
        now=MORNING,
    )
    unit, elsewhere = make_unit(db, "Sénologie"), make_unit(db, "Pneumologie")
    return Ward(
        db,
        unit,
        nurse=make_user(db, "Anne Riou", unit=unit, roles=("idec",)),
        surgeon=make_user(db, "Paul Le Gall", unit=unit, roles=("surgeon",)),
        referring=make_user(db, "Yann Kervella", unit=unit, roles=("referring_physician",)),
        stranger=make_user(db, "Zoé Morvan", unit=elsewhere, roles=("idec", "surgeon")),
        others={"rcp": make_rcp(db), "elsewhere": elsewhere},
    )


@contextmanager
def counted(db: Session) -> Iterator[list[str]]:
    """Every question asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    database = db.get_bind()
    db.flush()
    db.expunge_all()
    sa.event.listen(database, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(database, "before_cursor_execute", note)
