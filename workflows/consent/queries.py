"""The current answers of a case come in; whether it may be shared with an RCP comes out."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine.errors import Invalid
from workflows.patients import trust


def is_opposed(answers: Mapping[str, Any]) -> bool:
    """The patient has said no to sharing; not knowing is not a no, and not a yes either."""
    return answers.get("sharing_opposition") in (True, "yes", "true")


def obstacle_to_sharing(answers: Mapping[str, Any]) -> str | None:
    """Why this case may not go before an RCP, in a sentence; None when it may."""
    if is_opposed(answers):
        return (
            "Le patient s’oppose au partage de son dossier\u202f: il ne peut pas être inscrit "
            "en RCP. Les soins continuent localement."
        )
    if not answers.get("information_date"):
        return (
            "L’information du patient sur la RCP et le partage de son dossier n’est pas tracée. "
            "Complétez d’abord «\u202fInformer le patient\u202f»."
        )
    return None


def require_sharing(db: Session, case_id: int) -> None:
    """Invariant 1: no inscription without recorded information and absence of opposition."""
    trust.require_sharing(db, case_id)
    obstacle = obstacle_to_sharing(engine_queries.case_data(db, case_id))
    if obstacle:
        raise Invalid(obstacle)
