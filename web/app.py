"""Settings come in; a web application that shows the rooms and asks everybody who they are goes out."""

from importlib import import_module
from importlib.util import find_spec

from flask_compress import Compress
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

import workflows
from engine import db as engine_db
from web import assets, bar, errors, filters, security
from web.door import Hent
from web.settings import Settings

ROOMS = (
    "auth",
    "inbox",
    "patients",
    "identities",
    "cases",
    "tasks",
    "records",
    "rcp",
    "audit",
    "incidents",
    "studio",
    "notices",
    "accounts",
)
LARGEST_POST = 20 * 2**20  # bytes: a scanned report fits, a film does not


def create_app(settings: Settings | None = None) -> Hent:
    settings = settings or Settings.from_environment()
    app = Hent(__name__, static_folder=None, template_folder="templates")
    _configure(app, settings)
    workflows.register()
    app.database = engine_db.connect(settings.database_url)
    CSRFProtect(app)
    Compress(app)
    security.protect(app)
    errors.handle(app)
    assets.serve(app)
    filters.teach(app)
    bar.teach(app)
    for room in ROOMS:
        if find_spec(f"web.{room}") and find_spec(f"web.{room}.views"):
            app.register_blueprint(import_module(f"web.{room}.views").blueprint)
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies
        )
    return app


def _configure(app: Hent, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        CLOCK=settings.clock,
        SETTINGS=settings,
        MAX_CONTENT_LENGTH=LARGEST_POST,
        MAX_FORM_MEMORY_SIZE=4 * 2**20,
        SESSION_COOKIE_NAME="hent",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_secure,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a long form is not lost at validation
        COMPRESS_MIMETYPES=[
            "text/html",
            "text/css",
            "text/javascript",
            "application/json",
            "image/svg+xml",
        ],
        COMPRESS_MIN_SIZE=800,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
