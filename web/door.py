"""What every view starts from: the time, a session, who is asking. A view owns its transaction."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import Flask, current_app, has_app_context, request, session
from sqlalchemy.orm import Session

from engine import db as engine_db
from engine.errors import Refusal
from workflows.staff.models import User

View = TypeVar("View", bound=Callable[..., Any])


class Hent(Flask):
    """Flask, with the one database of this process."""

    database: sa.Engine


class SignInNeeded(Refusal):
    """Nobody is signed in, or no longer."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Votre session est terminée\u202f: reconnectez-vous pour continuer.")


def now() -> datetime:
    """The only place under `web` that reads the clock; tests put their own. Commands ask here too."""
    clock = current_app.config.get("CLOCK") if has_app_context() else None
    return cast(datetime, clock()) if clock else datetime.now(UTC)


def database() -> sa.Engine:
    return cast(Hent, current_app).database


def writing() -> AbstractContextManager[Session]:
    """All that is done inside is written together, or nothing is."""
    return engine_db.transaction(database())


def reading() -> AbstractContextManager[Session]:
    """For pages that leave no trace; opening a case or a task leaves one: use `writing`."""
    return engine_db.reading(database())


def signed_in(db: Session) -> User:
    """The person asking, in this session; refused once the account is closed."""
    user = db.get(User, session.get("user_id", 0))
    if user is None or not user.active or user.fs_uniquifier != session.get("uniquifier"):
        raise SignInNeeded
    return user


def is_htmx() -> bool:
    """Only a part of the page is asked for; a page restored from history is asked whole."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
        and request.headers.get("HX-Boosted") != "true"
    )


def public(view: View) -> View:
    """This route answers anybody. Without it a route asks who you are."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def canvas_page(view: View) -> View:
    """A page that draws with bpmn-js or dmn-js: those set styles on elements."""
    view.is_canvas = True  # type: ignore[attr-defined]
    return view


def shows_documents(view: View) -> View:
    """A page that holds a PDF beside its form, in a frame of our own."""
    view.shows_documents = True  # type: ignore[attr-defined]
    return view


def is_framed(view: View) -> View:
    """What such a frame shows: our own pages may hold it, nobody else's."""
    view.is_framed = True  # type: ignore[attr-defined]
    return view


def has_mark(endpoint: str | None, mark: str) -> bool:
    view = current_app.view_functions.get(endpoint or "")
    return bool(getattr(view, mark, False))
