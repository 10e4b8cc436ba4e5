"""A person and an RCP come in; whether they may read, run or approve its meetings goes out."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Forbidden
from workflows.access import Reach, reach_of, visible_cases
from workflows.access.reach import permissions_of
from workflows.rcp import queries
from workflows.rcp.models import Rcp, RcpSession, Registration
from workflows.roles import Permission
from workflows.staff.models import User


def is_member(reach: Reach, rcp_id: int) -> bool:
    return rcp_id in reach.rcp_ids


def may_run(reach: Reach, rcp_id: int) -> bool:
    """The secretary, the coordinator or a deputy of this very RCP."""
    roles = {role for place, role in reach.rcps if place == rcp_id}
    return Permission.RUN_RCP in permissions_of(roles)


def may_edit(reach: Reach, rcp_id: int | None) -> bool:
    """The region's administrators and quality managers; else the coordinator or a deputy of it.

    Members read the cases of their RCP: whoever names them answers for that.
    """
    if Permission.EDIT_DIRECTORY in permissions_of(reach.offices):
        return True
    roles = {role for place, role in reach.rcps if place == rcp_id}
    return Permission.EDIT_DIRECTORY in permissions_of(roles)


def require_edit(db: Session, user: User, rcp_id: int) -> Rcp:
    entry = queries.rcp(db, rcp_id)
    require_keeper(db, user, rcp_id)
    return entry


def require_keeper(db: Session, user: User, rcp_id: int | None = None) -> None:
    """Of that entry; without one, of the whole directory."""
    if not may_edit(reach_of(db, user), rcp_id):
        raise Forbidden(
            "L’annuaire des RCP est tenu par l’administrateur et le qualiticien de la région\u202f; "
            "le coordonnateur d’une RCP et ses suppléants modifient la leur."
        )


def require_plan(db: Session, user: User, rcp_id: int) -> Rcp:
    """Dates are the secretariat's too."""
    entry = queries.rcp(db, rcp_id)
    reach = reach_of(db, user)
    if not (may_run(reach, rcp_id) or may_edit(reach, rcp_id)):
        raise Forbidden(
            "Les séances d’une RCP sont planifiées par son secrétariat, son coordonnateur ou un "
            "suppléant."
        )
    return entry


def require_run(db: Session, user: User, session_id: int) -> RcpSession:
    """The session, for somebody who conducts its RCP."""
    meeting = queries.session(db, session_id)
    if not may_run(reach_of(db, user), meeting.rcp_id):
        raise Forbidden(
            "Cette séance est conduite par le secrétariat de sa RCP, son coordonnateur ou un "
            "suppléant. Demandez-leur ce changement."
        )
    return meeting


def require_session(
    db: Session, user: User, session_id: int, now: datetime, *, action: str = "rcp.session_read"
) -> RcpSession:
    """The session, for a member of its RCP, a guest, or who brings a case to it; written down."""
    meeting = queries.session(db, session_id)
    reach = reach_of(db, user)
    if not (
        is_member(reach, meeting.rcp_id)
        or any(one.user_id == user.id for one in queries.invitations(db, session_id))
        or _brings_a_case(db, reach, session_id)
    ):
        raise Forbidden("Vous n’êtes pas membre de cette RCP et n’y présentez aucun dossier.")
    audit.record(db, actor=user.actor, action=action, now=now, object=f"rcp_session:{session_id}")
    return meeting


def _brings_a_case(db: Session, reach: Reach, session_id: int) -> bool:
    return bool(
        db.scalar(
            sa.select(Registration.id)
            .where(
                Registration.session_id == session_id,
                Registration.case_id.in_(visible_cases(reach)),
            )
            .limit(1)
        )
    )
