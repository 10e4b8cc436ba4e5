"""The G8 score (A11): its item on age is read from the date of birth, and never says otherwise.

Domain §9: 0 point above 85 years, 1 from 80 to 85, 2 below.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine.errors import Invalid
from workflows.cases.episodes import episode_of
from workflows.cases.steps import CompletedForm, guard
from workflows.pathways.reading import day, today
from workflows.patients.aftermath import age


def age_item(years: int) -> str:
    return "0" if years > 85 else "1" if years >= 80 else "2"


def known_items(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What nobody types again; empty as long as the identity was not checked."""
    years = facts.get("patient_age")
    return {} if years is None else {"g8_age": age_item(int(years))}


@guard("g8_score", undoable=True)
def require_age_of_the_identity(db: Session, step: CompletedForm) -> None:
    """The item counts in the score, and the score decides of the geriatric opinion."""
    episode, given = episode_of(db, step.case.id), step.answers.get("g8_age")
    if episode is None or given is None:
        return
    years = age(episode.patient.birth_date, day(step.answers.get("g8_date")) or today(step.now))
    if given != age_item(years):
        raise Invalid(
            f"D’après la date de naissance, cette personne a {years} ans\u202f: corrigez l’âge du "
            "score, ou l’identité si elle est fausse.",
            {"g8_age": f"{years} ans d’après l’identité."},
        )
