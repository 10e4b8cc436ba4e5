"""`./hent audit verify|anchor|export|key`: the trail is recomputed, anchored, and proved elsewhere."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from sqlalchemy.orm import Session

from engine import anchors, audit
from engine.db import reading, transaction
from engine.errors import Invalid
from web.commands.database import (
    add_database_url,
    open_current_database,
    settings_of,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["verify", "anchor", "export", "key"])
    parser.add_argument("file", nargs="?", type=Path, help="export: where the anchors are written")
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="verify: a copy of the anchors kept elsewhere"
    )
    parser.add_argument(
        "--trust", action="append", default=[], metavar="PUBLIC_KEY",
        help="verify: a key used before this one",
    )  # fmt: skip
    add_database_url(parser)


def run(arguments: argparse.Namespace) -> int:
    return {"verify": _verify, "anchor": _anchor, "export": _export, "key": _key}[arguments.what](
        arguments, Console(soft_wrap=True)
    )


def _verify(arguments: argparse.Namespace, console: Console) -> int:
    copies = _read(arguments.against) if arguments.against else []
    trusted = {*settings_of(arguments).trusted_keys(), *arguments.trust}
    with reading(open_current_database(arguments)) as db:
        faults = [*_chains(db), *_anchors(db, trusted, copies)]
        count = sum(1 for _ in anchors.told(db))
    for fault in faults:
        console.print(fault, style="red", markup=False)
    if faults:
        return 1
    console.print(
        "Le journal est intact\u202f: aucune ligne modifiée, retirée ni ajoutée. "
        f"{count} ancre{'s' if count > 1 else ''} signée{'s' if count > 1 else ''}."
    )
    return 0


def _chains(db: Session) -> list[str]:
    return [
        f"Chaîne rompue\u202f: {_name(link.case_id)}, ligne {link.position}."
        for link in audit.verify(db)
    ]


def _anchors(db: Session, trusted: set[str], copies: list[anchors.Told]) -> list[str]:
    return [
        f"Ancre {fault.position}\u202f: "
        + (f"{_name(fault.case_id)}, " if fault.case_id is not None else "")
        + f"{fault.reason}."
        for fault in anchors.verify(db, trusted=trusted, elsewhere=copies)
    ]


def _name(case_id: int) -> str:
    return f"dossier {case_id}" if case_id else "hors dossier"


def _anchor(arguments: argparse.Namespace, console: Console) -> int:
    key = settings_of(arguments).audit_key()
    with transaction(open_current_database(arguments)) as db:
        made = anchors.set_anchor(db, key=key, now=datetime.now(UTC))
        if made is None:
            console.print("Rien n’a été écrit depuis la dernière ancre.")
        else:
            console.print(f"Ancre {made.position}\u202f: {made.seal}")
    return 0


def _export(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.file is None:
        raise Invalid("Indiquez le fichier où écrire les ancres.")
    with reading(open_current_database(arguments)) as db:
        content = anchors.write(anchors.told(db))
    arguments.file.write_bytes(content)
    console.print(
        f"{len(content.splitlines())} ancres écrites dans {arguments.file}\u202f: gardez ce fichier "
        "hors de portée de qui écrit dans la base."
    )
    return 0


def _key(arguments: argparse.Namespace, console: Console) -> int:
    console.print(anchors.public_key(settings_of(arguments).audit_key()))
    return 0


def _read(file: Path) -> list[anchors.Told]:
    try:
        return anchors.read(file.read_bytes())
    except (OSError, ValueError) as problem:
        raise Invalid(f"{file} n’est pas un fichier d’ancres.") from problem
