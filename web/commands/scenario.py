"""`./hent scenario`: each file is a patient's story, played in virtual time and told as it goes."""

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.text import Text

import workflows
from engine.db import Base, connect, reading, transaction
from engine.errors import Invalid, NotPublishable, Refusal
from web.door import now as wall_clock
from workflows.french import PARIS
from workflows.records import queries as records
from workflows.revisions import operations as revisions
from workflows.revisions import release
from workflows.scenarios.performance import Happening
from workflows.scenarios.player import play
from workflows.scenarios.story import Story, read, say_day

FOLDER = release.ROOT / "bpmn" / "scenarios"


class Stage:
    """A database with the tree's revision in service, built once: each story has a fresh copy.

    The engine is one for all of them: the statements that it has compiled serve again.
    """

    def __init__(self, folder: Path) -> None:
        self._built, self._played = folder / "stage.sqlite3", folder / "story.sqlite3"
        self._build()
        self._database = connect(f"sqlite:///{self._played}")
        sa.event.listen(self._database, "connect", _hurry)

    @contextmanager
    def set_again(self) -> Iterator[sa.Engine]:
        """The stage as it was built; what was played on it is gone when the story is told."""
        shutil.copyfile(self._built, self._played)
        try:
            yield self._database
        finally:
            self._database.dispose()
            for left in self._played.parent.glob(f"{self._played.name}*"):
                left.unlink()

    def _build(self) -> None:
        database = connect(f"sqlite:///{self._built}")
        try:
            Base.metadata.create_all(database)
            with transaction(database) as db:
                revisions.seed(db, actor="system", now=wall_clock())
        finally:
            database.dispose()


def _hurry(connection: Any, _record: object) -> None:
    """Nobody asks for a told story after a power cut: its commits do not wait for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


@contextmanager
def _stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="hent-scenario-") as folder:
        yield Stage(Path(folder))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--all", action="store_true", help=f"every file of {FOLDER.name}/")
    parser.add_argument("--documents", action="store_true", help="lay out the PDFs too")
    parser.add_argument("--output", type=Path, help="where the PDFs go (with --documents)")


def run(arguments: argparse.Namespace) -> int:
    workflows.register()
    files = [*arguments.files, *(sorted(FOLDER.glob("*.yaml")) if arguments.all else [])]
    if not files:
        raise Invalid("Donnez au moins un fichier de scénario, ou --all.")
    console = Console(highlight=False)
    try:
        with _stage() as stage:
            failed = sum(not _told(console, file, stage, arguments) for file in files)
    except NotPublishable as problem:
        for finding in problem.findings:
            console.print(str(finding), style="red", markup=False)
        raise
    if len(files) > 1:
        console.print(f"\n{len(files) - failed} scénarios sur {len(files)} joués jusqu’au bout.")
    return 1 if failed else 0


def _told(console: Console, file: Path, stage: Stage, arguments: argparse.Namespace) -> bool:
    """Whether the story was told to its end."""
    try:
        _tell(console, _read(file), stage, arguments)
    except Refusal as problem:
        console.print(f"  ✗ {problem.message}", style="bold red", markup=False)
        return False
    return True


def _read(file: Path) -> Story:
    try:
        return read(file.stem, file.read_text("utf-8"))
    except OSError as problem:
        raise Invalid(f"Le fichier {file} ne se lit pas\u202f: {problem.strerror}.") from problem


def _tell(console: Console, story: Story, stage: Stage, arguments: argparse.Namespace) -> None:
    console.print(f"\n[bold]{story.title}[/]\n{story.about}".rstrip())
    started, day, checks, steps = time.perf_counter(), None, 0, 0
    with stage.set_again() as database:
        for happening in play(database, story, documents=arguments.documents):
            if happening.step.day != day:
                day = happening.step.day
                date = happening.at.astimezone(PARIS)
                console.print(f"\n[bold cyan]{say_day(day)}[/]  [dim]{date:%d/%m/%Y}[/]")
            console.print(_line(happening))
            checks, steps = checks + happening.checks, steps + 1
        if arguments.documents:
            _print_documents(console, database, story, arguments.output)
    took = time.perf_counter() - started
    console.print(
        f"\n[bold green]✓[/] {steps} étapes, {checks} vérifications tenues, {took:.1f} s."
    )


def _line(happening: Happening) -> Text:
    line = Text("  ")
    line.append("✓ ", style="green")
    line.append(happening.what or "Le temps passe")
    if happening.who:
        line.append(f"  {happening.who}", style="dim")
    if happening.checks:
        line.append(f"  {happening.checks} ✓", style="green")
    return line


def _print_documents(
    console: Console, database: sa.Engine, story: Story, folder: Path | None
) -> None:
    folder = folder or Path("var") / "scenarios" / story.name
    folder.mkdir(parents=True, exist_ok=True)
    with reading(database) as db:
        for record in reversed(records.records_of(db, 1)):
            path = folder / f"{record.kind}_{record.set_id.split(':')[-1]}_v{record.version}.pdf"
            path.write_bytes(records.pdf_of(db, record.id) or b"")
            console.print(f"  {path}")
