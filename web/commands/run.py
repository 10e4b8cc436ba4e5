"""`./hent run`: the first time a database and its demonstration region are made; then it is served."""

import argparse
from pathlib import Path

import sqlalchemy as sa
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import workflows
from engine.db import connect, reading, transaction
from engine.errors import Conflict
from web import serving
from web.commands.database import add_database_url, open_database, settings_of
from web.commands.serve import serve
from web.door import now as wall_clock
from workflows import demonstration, migrations
from workflows.revisions import operations as revisions

PREPARING = ".preparing"  # a half-made database never has the name of a whole one


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--fresh", action="store_true", help="start the demonstration anew")
    parser.add_argument("--prepare-only", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--prepared", action="store_true", help=argparse.SUPPRESS)
    add_database_url(parser)


def run(arguments: argparse.Namespace) -> int:
    serving.require_free(arguments.host, arguments.port)
    workflows.register()
    settings = settings_of(arguments)
    if not arguments.prepared:
        file = sqlite_file(settings.database_url)
        if file is None:
            _prepare_server(arguments)
        else:
            _prepare_file(file, fresh=arguments.fresh)
    if not arguments.prepare_only:
        serve(settings, host=arguments.host, port=arguments.port)
    return 0


def sqlite_file(url: str) -> Path | None:
    name = sa.make_url(url).database
    return Path(name) if url.startswith("sqlite") and name and name != ":memory:" else None


def _prepare_file(file: Path, *, fresh: bool) -> None:
    """A new file is filled under another name: stopped halfway, the next run starts again."""
    if fresh and file.exists():
        _require_demonstration(file)
        _remove(file)
    if file.exists():
        database = connect(f"sqlite:///{file}")
        migrations.upgrade(database)
        database.dispose()
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(file.name + PREPARING)
    _remove(half)
    database = connect(f"sqlite:///{half}")
    with demonstration.careless(database):
        fill(database)
    database.dispose()
    half.replace(file)


def _prepare_server(arguments: argparse.Namespace) -> None:
    if arguments.fresh:
        raise Conflict(
            "--fresh n’efface que la base SQLite locale. Videz vous-même la base PostgreSQL, "
            "puis relancez sans --fresh."
        )
    database = open_database(arguments)
    migrations.upgrade(database)
    with reading(database) as db:
        is_new = demonstration.is_empty(db)
    if is_new:
        fill(database)
    database.dispose()


def fill(database: sa.Engine, *, patients: int = demonstration.PATIENTS) -> None:
    """Schema, revision, region, and the patients' stories up to now."""
    now = wall_clock()
    migrations.upgrade(database)
    console = Console()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[day]}"),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        bar = progress.add_task("Région de démonstration", total=None, day="")
        with transaction(database) as db:
            revisions.seed(db, actor="system", now=demonstration.beginning(now))
        for done, total, day in demonstration.load(database, now=now, patients=patients):
            progress.update(bar, completed=done, total=total, day=f"{day:%d/%m/%Y}")


def _require_demonstration(file: Path) -> None:
    database = connect(f"sqlite:///{file}")
    try:
        with reading(database) as db:
            if not demonstration.may_be_erased(db):
                raise Conflict(
                    f"La base {file} n’est pas une démonstration\u202f: --fresh ne l’efface pas."
                )
    finally:
        database.dispose()


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
