"""`./hent upgrade-db`: the database is brought to the schema of this version."""

import argparse

from rich.console import Console

from web.commands.database import add_database_url, open_database
from workflows import migrations


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_database_url(parser)


def run(arguments: argparse.Namespace) -> int:
    database = open_database(arguments)
    before = migrations.current(database)
    migrations.upgrade(database)
    after = migrations.current(database)
    same = "déjà à jour" if before == after else f"de {before or 'vide'} à {after}"
    Console().print(f"Base de données\u202f: {same}.")
    return 0
