"""A case comes in; its episode, with the patient and the place it is followed in, goes out."""

from sqlalchemy.orm import Session, joinedload

from workflows.cases.models import Episode

_WITH = (joinedload(Episode.patient), joinedload(Episode.unit))


def episode_of(db: Session, case_id: int) -> Episode | None:
    """All that a step asks of it, in one question: the session holds it from then on."""
    return db.get(Episode, case_id, options=_WITH)
