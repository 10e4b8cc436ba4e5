"""A fact and the people it concerns come in; one notice per person is kept, then read.

Notices stay in the application. Their text names the step, never the patient: who may read the
case sees the name beside it.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.notices.models import Notice
from workflows.staff.models import User


def notify(
    db: Session,
    *,
    user_ids: Iterable[int],
    key: str,
    kind: str,
    text: str,
    now: datetime,
    case_id: int | None = None,
    task_id: int | None = None,
) -> int:
    """Tell each person once per key, however often it is asked; the number of new notices."""
    wanted = set(user_ids)
    db.flush()
    told = set(
        db.scalars(sa.select(Notice.user_id).where(Notice.key == key, Notice.user_id.in_(wanted)))
    )
    new = sorted(wanted - told)
    db.add_all(
        Notice(
            user_id=user_id,
            key=key,
            kind=kind,
            text=text,
            case_id=case_id,
            task_id=task_id,
            created_at=now,
        )
        for user_id in new
    )
    db.flush()
    return len(new)


def mark_read(
    db: Session, *, user: User, now: datetime, notice_ids: Iterable[int] | None = None
) -> None:
    """One's own notices: those named, or all."""
    unread = sa.update(Notice).where(Notice.user_id == user.id, Notice.read_at.is_(None))
    if notice_ids is not None:
        unread = unread.where(Notice.id.in_(list(notice_ids)))
    db.execute(unread.values(read_at=now).execution_options(synchronize_session="fetch"))
