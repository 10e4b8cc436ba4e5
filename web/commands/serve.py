"""`./hent serve`: an existing database is brought up to date and served, without demonstration."""

import argparse

from rich.console import Console

from engine.db import transaction
from engine.errors import Invalid
from web import door, serving
from web.app import create_app
from web.commands.database import add_database_url, open_database, settings_of
from web.settings import Settings
from workflows import migrations
from workflows.revisions import operations as revisions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--workers", type=int, default=1, help="processes, on PostgreSQL only")
    add_database_url(parser)


def run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    serving.require_free(arguments.host, arguments.port)
    if arguments.workers > 1 and settings.database_url.startswith("sqlite"):
        raise Invalid(
            "Plusieurs processus demandent PostgreSQL\u202f: donnez --database-url, ou servez "
            "sans --workers."
        )
    database = open_database(arguments)
    migrations.upgrade(database)
    database.dispose()
    serve(settings, host=arguments.host, port=arguments.port, workers=arguments.workers)
    return 0


def serve(settings: Settings, *, host: str, port: int, workers: int = 1) -> None:
    """The last step of `run` too: a revision in service, then the address, then the pages."""
    app = create_app(settings)
    with app.app_context(), transaction(app.database) as db:
        revisions.seed(db, actor="system", now=door.now())
    Console().print(f"Hent est servi sur [bold]http://{host}:{port}[/] (Ctrl C pour arrêter).")
    if workers > 1:
        app.database.dispose()
        serving.serve_with_workers(settings, host=host, port=port, workers=workers)
    serving.serve(app, settings, app.database, host=host, port=port)
