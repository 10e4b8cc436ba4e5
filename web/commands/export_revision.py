"""`./hent export-revision`: a published revision is written back to files, where a tree keeps them."""

import argparse
from pathlib import Path

from rich.console import Console

from engine.db import reading
from engine.errors import Conflict, Invalid
from web.commands.database import add_database_url, open_current_database
from workflows.french import plural
from workflows.revisions import operations as revisions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "number", type=int, metavar="NUMBER", help="the revision, as the studio says"
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="created; refused when not empty"
    )
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    add_database_url(parser)


def run(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    if folder.is_dir() and any(folder.iterdir()) and not arguments.force:
        raise Conflict(
            f"Le dossier {folder} n’est pas vide\u202f: choisissez-en un autre, ou ajoutez --force."
        )
    database = open_current_database(arguments)
    try:
        with reading(database) as db:
            written = revisions.export_revision(db, number=arguments.number, folder=folder)
    except OSError as problem:
        raise Invalid(f"Impossible d’écrire dans {folder}\u202f: {problem.strerror}.") from problem
    finally:
        database.dispose()
    files = plural(len(written), "fichier écrit", "fichiers écrits")
    Console().print(
        f"Révision {arguments.number}\u202f: {files} dans {folder}.", markup=False, soft_wrap=True
    )
    return 0
