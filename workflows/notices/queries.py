"""Questions about notices: how many wait, which ones, about whom."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Episode
from workflows.notices.models import Notice
from workflows.patients.models import Patient
from workflows.staff.models import User

OF_A_SESSION = frozenset({"rcp_convened", "rcp_quorum", "rcp_session"})


@dataclass(frozen=True)
class NoticeLine:
    """One line of the bell; `patient` is None when it is about no case."""

    notice: Notice
    patient: Patient | None

    @property
    def session_id(self) -> int | None:
        """The session a notice of an RCP is about: its key begins with it."""
        _what, *about = self.notice.key.split(":")
        return int(about[0]) if self.notice.kind in OF_A_SESSION and about else None


def unread_count(db: Session, user: User) -> int:
    return (
        db.scalar(
            sa.select(sa.func.count())
            .select_from(Notice)
            .where(Notice.user_id == user.id, Notice.read_at.is_(None))
        )
        or 0
    )


def notices(
    db: Session,
    user: User,
    *,
    unread_only: bool = False,
    before_id: int | None = None,
    limit: int = 50,
) -> Sequence[NoticeLine]:
    """The newest first; `before_id` is the last one of the page before."""
    query = (
        sa.select(Notice, Patient)
        .outerjoin(Episode, Episode.case_id == Notice.case_id)
        .outerjoin(Patient, Patient.id == Episode.patient_id)
        .where(Notice.user_id == user.id)
        .order_by(Notice.id.desc())
        .limit(limit)
    )
    if unread_only:
        query = query.where(Notice.read_at.is_(None))
    if before_id is not None:
        query = query.where(Notice.id < before_id)
    return [NoticeLine(notice, patient) for notice, patient in db.execute(query)]
