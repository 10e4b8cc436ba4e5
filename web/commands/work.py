"""`./hent work`: timers and jobs in a process of their own, beside `./hent serve --workers`."""

import argparse

from rich.console import Console

import workflows
from web import serving
from web.commands.database import add_database_url, open_current_database, settings_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_database_url(parser)


def run(arguments: argparse.Namespace) -> int:
    workflows.register()
    database = open_current_database(arguments)
    Console().print("Les rappels et les travaux sont traités. Ctrl C pour arrêter.")
    serving.beat_until_stopped(settings_of(arguments), database)
    return 0
