"""`./hent audit verify`: every chain of the audit trail is recomputed; a broken link is told."""

import argparse

from rich.console import Console

from engine import audit
from engine.db import reading
from web.commands.database import add_database_url, open_database


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["verify"])
    add_database_url(parser)


def run(arguments: argparse.Namespace) -> int:
    console = Console()
    with reading(open_database(arguments)) as db:
        broken = list(audit.verify(db))
    for link in broken:
        chain = f"dossier {link.case_id}" if link.case_id else "hors dossier"
        console.print(f"Chaîne rompue\u202f: {chain}, ligne {link.position}.", style="red")
    if not broken:
        console.print("Le journal est intact\u202f: aucune ligne modifiée, retirée ni ajoutée.")
    return 1 if broken else 0
