"""What every document of a case says: whose it is, where it was made, who is around the patient."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows.cases.models import Episode


class Source:
    """The case, read once for one document."""

    def __init__(self, db: Session, *, case_id: int, instance_id: int, now: datetime) -> None:
        self.db = db
        self.case_id = case_id
        self.instance_id = instance_id
        self.now = now
        self.episode = db.get_one(Episode, case_id)


def patient(source: Source) -> dict[str, Any]:
    person = source.episode.patient
    return {
        "birth_name": person.birth_name.upper(),
        "first_names": person.first_names,
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex,
    }
