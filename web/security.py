"""A request comes in; it is let through once we know who asks, and leaves with protective headers."""

from datetime import UTC, datetime

from flask import Flask, Response, current_app, request, session
from sqlalchemy.orm import Session

from web.door import SignInNeeded, has_mark, now, reading, signed_in
from workflows.staff.models import User

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
CANVAS_POLICY = POLICY | {"style-src": "'self' 'unsafe-inline'", "font-src": "'self' data:"}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
QUIET = "Hent-Quiet"  # a page that refreshes itself is nobody's activity


def protect(app: Flask) -> None:
    app.before_request(_ask_who)
    app.after_request(_harden)


def enter(user: User, moment: datetime) -> None:
    """Start a session; whatever the visitor's cookie held before is thrown away."""
    session.clear()
    session["user_id"] = user.id
    session["uniquifier"] = user.fs_uniquifier
    session["since"] = session["seen"] = int(moment.timestamp())


def leave() -> None:
    session.clear()


def _ask_who() -> None:
    """Before any view: every route is closed unless it says it is public."""
    if request.endpoint is None or request.endpoint == "static":
        return
    if has_mark(request.endpoint, "is_public"):
        return
    if not _is_fresh():
        raise SignInNeeded  # web/errors.py ends the session on the way
    with reading() as db:
        signed_in(db)
    if QUIET not in request.headers:
        session["seen"] = int(now().timestamp())


def _is_fresh() -> bool:
    settings = current_app.config["SETTINGS"]
    moment = now()
    since, seen = (datetime.fromtimestamp(session.get(name, 0), UTC) for name in ("since", "seen"))
    return bool(moment - seen <= settings.idle_time and moment - since <= settings.longest_session)


def _harden(response: Response) -> Response:
    policy = dict(CANVAS_POLICY if has_mark(request.endpoint, "is_canvas") else POLICY)
    if has_mark(request.endpoint, "shows_documents"):
        policy["frame-src"] = "'self'"
    if has_mark(request.endpoint, "is_framed"):
        policy |= {"frame-ancestors": "'self'", "object-src": "'self'"}
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Content-Security-Policy"] = "; ".join(
        f"{name} {value}" for name, value in policy.items()
    )
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SETTINGS"].is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def visitor(db: Session) -> User | None:
    """Who is signed in, or nobody: for pages that show themselves to both."""
    try:
        return signed_in(db)
    except SignInNeeded:
        return None
