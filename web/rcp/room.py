"""What every view of this room starts from: its blueprint, and a session one may read or run."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web.door import now, signed_in
from workflows.access import Reach, reach_of
from workflows.rcp import rights
from workflows.rcp.models import RcpSession
from workflows.staff.models import User

blueprint = Blueprint("rcp", __name__, template_folder="templates", url_prefix="/rcp")


@dataclass(frozen=True)
class Asked:
    """Who asks, when, about which session, and whether they conduct it."""

    db: Session
    user: User
    now: datetime
    meeting: RcpSession
    reach: Reach

    @property
    def may_run(self) -> bool:
        return rights.may_run(self.reach, self.meeting.rcp_id)

    @property
    def is_member(self) -> bool:
        return rights.is_member(self.reach, self.meeting.rcp_id)


def reader(db: Session, session_id: int) -> Asked:
    """For a page: a member of the RCP, or somebody who brings a case."""
    user, moment = signed_in(db), now()
    meeting = rights.require_session(db, user, session_id, moment)
    return Asked(db, user, moment, meeting, reach_of(db, user))


def runner(db: Session, session_id: int) -> Asked:
    """For a change: the secretary, the coordinator or a deputy."""
    user = signed_in(db)
    meeting = rights.require_run(db, user, session_id)
    return Asked(db, user, now(), meeting, reach_of(db, user))


def to_session(session_id: int, anchor: str | None = None) -> Response:
    return redirect(url_for("rcp.session", session_id=session_id, _anchor=anchor), 303)
