"""Sign in, sign out, stay, and how one likes the screens."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Forbidden
from web.auth.passwords import hashed, matches, needs_rehash
from web.bar import post_of
from web.door import now, public, reading, signed_in, writing
from web.security import enter, leave
from workflows.staff import queries as staff
from workflows.staff.models import User
from workflows.staff.operations import set_preference

blueprint = Blueprint("auth", __name__, template_folder="templates")
limiter = Limiter(get_remote_address, storage_uri="memory://")
WRONG = "L’identifiant ou le mot de passe ne convient pas."


def _account() -> str:
    return "account:" + request.form.get("email", "").strip().lower()


@blueprint.record_once
def _limit(state) -> None:  # type: ignore[no-untyped-def]
    limiter.init_app(state.app)


@blueprint.get("/connexion")
@public
def sign_in() -> ResponseReturnValue:
    if "user_id" in session:
        return redirect(url_for("inbox.index"))
    return _page()


@blueprint.post("/connexion")
@public
@limiter.limit("30 per 10 minutes")
@limiter.limit("10 per 10 minutes", key_func=_account)
def check_password() -> ResponseReturnValue:
    with writing() as db:
        user = staff.user_by_login(db, request.form.get("email", ""))
        password = request.form.get("password", "")
        right = matches(user.password if user else None, password)
        if user is not None and right and user.active:
            _note(db, user, "session.opened")
            if needs_rehash(user.password or ""):
                user.password = hashed(password)
            enter(user, now())
            return redirect(_next())
        audit.record(
            db,
            actor=user.actor if user else "system",
            action="session.refused",
            now=now(),
            detail={"address": request.remote_addr},
        )
    return _page(error=WRONG), 422


@blueprint.post("/connexion/demonstration")
@public
@limiter.limit("60 per minute")
def enter_demonstration() -> ResponseReturnValue:
    """Only where the database was made for showing, and holds no real account."""
    with writing() as db:
        wanted = request.form.get("user_id", type=int)
        user = next((one for one in staff.demonstration_accounts(db) if one.id == wanted), None)
        if user is None:
            raise Forbidden("Ce compte demande un mot de passe.")
        _note(db, user, "session.opened")
        enter(user, now())
    return redirect(_next())


@blueprint.post("/deconnexion")
def sign_out() -> ResponseReturnValue:
    with writing() as db:
        user = signed_in(db)
        audit.record(db, actor=user.actor, action="session.closed", now=now())
    leave()
    flash("Vous êtes déconnecté.", "done")
    return redirect(url_for("auth.sign_in"))


@blueprint.post("/connexion/prolonger")
def stay() -> ResponseReturnValue:
    """« Rester connecté »: being asked is enough, the session was seen on the way in."""
    return "", 204


@blueprint.post("/preferences/apparence")
def theme() -> ResponseReturnValue:
    wanted = request.form.get("theme", "")
    return _prefer("theme", wanted if wanted in ("light", "dark") else "")


@blueprint.post("/preferences/raccourcis")
def keys() -> ResponseReturnValue:
    return _prefer("keys", request.form.get("keys") != "off")


def _prefer(name: str, value: object) -> ResponseReturnValue:
    with writing() as db:
        set_preference(db, user=signed_in(db), name=name, value=value)
    return redirect(_safe(request.referrer) or url_for("inbox.index"))


def _note(db: Session, user: User, action: str) -> None:
    user.last_login_at, user.current_login_at = user.current_login_at, now()
    user.login_count = (user.login_count or 0) + 1
    audit.record(
        db, actor=user.actor, action=action, now=now(), detail={"address": request.remote_addr}
    )


def _page(error: str = "") -> str:
    with reading() as db:
        return render_template(
            "auth/sign_in.html",
            accounts=[(user, post_of(user)) for user in _showcased(db)],
            region=staff.setting(db, "region_name", default=""),
            after_care=staff.setting(db, "after_care_plan", default="PPAC"),
            error=error,
            email=request.form.get("email", ""),
            next=request.values.get("next", ""),
            idle_minutes=current_app.config["SETTINGS"].idle_time.seconds // 60,
        )


def _showcased(db: Session) -> Sequence[User]:
    """One account per role, in the order the demonstration names them; else all it has."""
    accounts = staff.demonstration_accounts(db)
    chosen = [user for user in accounts if user.preferences.get("showcase")]
    return sorted(chosen, key=lambda user: user.preferences["showcase"]) or accounts


def _next() -> str:
    return _safe(request.values.get("next")) or url_for("inbox.index")


def _safe(address: str | None) -> str | None:
    """Only a page of this site: an address of elsewhere in a link must not be followed."""
    if not address:
        return None
    parts = urlsplit(address)
    if parts.netloc and parts.netloc != request.host:
        return None
    path = parts.path if parts.path.startswith("/") and not parts.path.startswith("//") else ""
    if "\\" in path or not path:
        return None
    return f"{path}?{parts.query}" if parts.query else path
