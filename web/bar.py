"""The person signed in comes in; what the bar above every page shows of them goes out."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, current_app, g, request, session, url_for
from sqlalchemy.orm import Session

from web.door import now, reading
from web.security import visitor
from workflows.access import Reach, reach_of
from workflows.cases import inbox
from workflows.incidents import queries as incidents
from workflows.notices.queries import unread_count
from workflows.roles import ROLES, Permission
from workflows.staff.models import User


@dataclass(frozen=True)
class Section:
    label: str
    icon: str
    href: str
    is_here: bool
    count: int = 0


@dataclass(frozen=True)
class Bar:
    """`post` is the first role and its place: « IDEC · CH de Kerlann »."""

    user: User
    post: str
    roles: Sequence[str]
    sections: Sequence[Section]
    unread: int
    theme: str
    has_keys: bool
    idle_seconds: int


# blueprint, endpoint, label, icon, whoever may see it (None: everybody)
SECTIONS: tuple[tuple[str, str, str, str, frozenset[Permission] | None], ...] = (
    ("inbox", "inbox.index", "Tâches", "inbox", None),
    ("patients", "patients.index", "Patients", "users", frozenset({Permission.READ_CASE})),
    (
        *("identities", "identities.index", "Identités", "id"),
        frozenset({Permission.MANAGE_IDENTITIES}),
    ),
    (
        *("rcp", "rcp.index", "RCP", "calendar-event"),
        frozenset({Permission.READ_CASE, Permission.EDIT_DIRECTORY}),
    ),
    ("studio", "studio.index", "Parcours", "route", frozenset({Permission.EDIT_PATHWAYS})),
    (
        "incidents",
        "incidents.index",
        "Incidents",
        "alert-triangle",
        frozenset({Permission.OPERATE}),
    ),
    (
        *("accounts", "accounts.index", "Comptes", "users-group"),
        frozenset({Permission.MANAGE_ACCOUNTS}),
    ),
    ("audit", "audit.index", "Accès", "shield-lock", frozenset({Permission.READ_AUDIT})),
)
ROOMS_OF = {"cases": "patients", "tasks": "patients", "records": "patients"}


def teach(app: Flask) -> None:
    app.jinja_env.globals["bar"] = bar


def bar() -> Bar | None:
    """Nothing for whoever is not signed in, nor on the page of a failure: it could fail again."""
    if "user_id" not in session or g.get("is_failing"):
        return None
    with reading() as db:
        user = visitor(db)
        if user is None:
            return None
        reach = reach_of(db, user)
        return Bar(
            user=user,
            post=post_of(user),
            roles=sorted({ROLES[code].label for code in reach.roles}),
            sections=_sections(reach, _counts(db, user, reach)),
            unread=unread_count(db, user),
            theme=user.preferences.get("theme", ""),
            has_keys=user.preferences.get("keys", True),
            idle_seconds=int(current_app.config["SETTINGS"].idle_time.total_seconds()),
        )


def _counts(db: Session, user: User, reach: Reach) -> dict[str, int]:
    """What awaits this person in a room, shown beside its name."""
    counts = {"inbox": inbox.counts(db, user, now=now(), reach=reach)["all"]}
    if reach.may(Permission.OPERATE):
        counts["incidents"] = incidents.count(db, now=now())
    return counts


def _sections(reach: Reach, counts: dict[str, int]) -> list[Section]:
    here = ROOMS_OF.get(request.blueprint or "", request.blueprint)
    return [
        Section(label, icon, url_for(endpoint), here == room, counts.get(room, 0))
        for room, endpoint, label, icon, permissions in SECTIONS
        if endpoint in current_app.view_functions
        and (permissions is None or permissions & reach.permissions)
    ]


def post_of(user: User) -> str:
    """The first role and its place, else what the person does."""
    held = sorted(user.memberships, key=lambda one: (one.unit is None, ROLES[one.role].number))
    if not held:
        return user.occupation
    first = held[0]
    role = ROLES[first.role].label
    return f"{role} · {first.unit.establishment.short_name}" if first.unit else role
