"""A story's answers and an open task come in; they are typed into its form and validated, as on the web."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.models import Task


def read_answers(
    db: Session, task: Task, given: Mapping[str, Any], *, now: datetime
) -> Mapping[str, Any]:
    return given
