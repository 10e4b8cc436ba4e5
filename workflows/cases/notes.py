"""What people type before or beside an answer: drafts shared by a task's audience, and comments."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from engine import audit
from engine.errors import AlreadyCompleted, Conflict, Invalid
from workflows.access import require_case, require_doable_task
from workflows.cases.models import Comment, TaskDraft
from workflows.french import say_hour
from workflows.staff.models import User

LONGEST_COMMENT = 4000
WARM = timedelta(minutes=10)  # somebody saved a moment ago: probably still typing


def save_draft(
    db: Session,
    *,
    task_id: int,
    values: Mapping[str, Any],
    user: User,
    now: datetime,
    take_over: bool = False,
) -> TaskDraft:
    """Keep what is typed, one draft per task; another's, still warm, is taken over on purpose."""
    task = require_doable_task(db, user, task_id, now)
    if not task.is_open:
        raise AlreadyCompleted(
            "Cette étape n’est plus à faire\u202f: le brouillon est inutile.", task_id
        )
    draft = db.get(TaskDraft, task_id) or TaskDraft(task_id=task_id)
    if draft.user not in (None, user) and now - draft.saved_at < WARM and not take_over:
        raise Conflict(
            f"{draft.user.display_name} remplit ce formulaire (enregistré à "
            f"{say_hour(draft.saved_at)}). Reprenez la main pour y écrire."
        )
    draft.values, draft.user, draft.saved_at = dict(values), user, now
    db.add(draft)
    db.flush()
    return draft


def draft_of(db: Session, task_id: int) -> TaskDraft | None:
    return db.get(TaskDraft, task_id)


def discard_draft(db: Session, *, task_id: int, user: User, now: datetime) -> None:
    require_doable_task(db, user, task_id, now)
    draft = db.get(TaskDraft, task_id)
    if draft is not None:
        db.delete(draft)
        db.flush()


def add_comment(
    db: Session,
    *,
    case_id: int,
    text: str,
    user: User,
    now: datetime,
    task_id: int | None = None,
) -> Comment:
    """A word between colleagues; whoever may read the case may write and read it."""
    require_case(db, user, case_id, now, written=False)
    text = text.strip()
    if not 0 < len(text) <= LONGEST_COMMENT:
        raise Invalid(
            f"Un commentaire compte de 1 à {LONGEST_COMMENT} caractères.",
            {"text": "Commentaire vide ou trop long."},
        )
    comment = Comment(case_id=case_id, task_id=task_id, user=user, text=text, created_at=now)
    db.add(comment)
    db.flush()
    audit.record(
        db,
        actor=user.actor,
        action="comment.added",
        now=now,
        case_id=case_id,
        object=f"comment:{comment.id}",
    )
    return comment


def comments(db: Session, case_id: int, *, task_id: int | None = None) -> Sequence[Comment]:
    """The oldest first, as a conversation is read."""
    query = sa.select(Comment).where(Comment.case_id == case_id).options(joinedload(Comment.user))
    if task_id is not None:
        query = query.where(Comment.task_id == task_id)
    return db.scalars(query.order_by(Comment.created_at, Comment.id)).all()
