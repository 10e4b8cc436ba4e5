"""An application and an address come in; it is served until somebody stops it."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import sqlalchemy as sa
import waitress

import workflows
from documents import pdf
from engine import anchors, scheduler
from engine.errors import Conflict
from web.settings import Settings

THREADS = 64  # a waiting page must never block the others
Application = Callable[..., Any]


def require_free(host: str, port: int) -> None:
    """Refuse at once, before minutes of preparation, when the port is somebody else's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise Conflict(
                f"Le port {port} de {host} n’est pas libre ({problem.strerror}). Arrêtez le "
                "programme qui l’occupe, ou choisissez-en un autre\u202f: --port 8001."
            ) from problem


def serve(
    app: Application, settings: Settings, database: sa.Engine, *, host: str, port: int
) -> None:
    """Answer on that address and beat the heart in the same process, until SIGTERM or SIGINT."""
    server = waitress.create_server(
        app, host=host, port=port, threads=THREADS, ident="hent", channel_timeout=60
    )
    heart = _heart(settings, database)
    threading.Thread(target=pdf.warm_up, daemon=True).start()  # pages need not wait for it
    stop_on_signal()
    try:
        server.run()  # returns when a signal handler raises SystemExit
    finally:
        server.close()
        heart.shutdown(wait=True)
        database.dispose()


def serve_with_workers(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Several processes on PostgreSQL: gunicorn takes over; `./hent work` beats elsewhere."""
    os.environ["HENT_DATABASE_URL"] = settings.database_url
    command = [
        *(sys.executable, "-m", "gunicorn", "web.wsgi:app"),
        *("--worker-class", "gthread", "--threads", str(THREADS), "--workers", str(workers)),
        *("--bind", f"{host}:{port}", "--access-logfile", "-"),
    ]
    os.execv(sys.executable, command)  # noqa: S606 (our own interpreter, no shell)


def beat_until_stopped(settings: Settings, database: sa.Engine) -> None:
    """Only timers and jobs."""
    heart = _heart(settings, database)
    stop_on_signal()
    try:
        signal.pause()
    except SystemExit:
        pass
    finally:
        heart.shutdown(wait=True)
        database.dispose()


def _heart(settings: Settings, database: sa.Engine) -> scheduler.BackgroundScheduler:
    return scheduler.start(database, prepare=workflows.register, hourly=anchoring(settings))


def anchoring(settings: Settings) -> scheduler.Hourly:
    """Sign how the audit trail stands, with the key of this data directory."""
    key = settings.audit_key()
    return lambda db, now: anchors.set_anchor(db, key=key, now=now)


def stop_on_signal() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
