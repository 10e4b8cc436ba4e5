"""What follows ./hent comes in; one command of `web/commands` runs, and its exit code goes out."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from rich.console import Console

from engine.errors import Refusal

# Name → what `--help` says; the module has the same name, with underscores.
COMMANDS: dict[str, str] = {
    "run": "set everything up, load the demonstration region, serve it",
    "serve": "serve an existing database, without demonstration",
    "work": "only timers and jobs, for a process of their own",
    "scenario": "play scenario files",
    "check": "check the diagrams, tables and forms of this tree",
    "bench": "measure the engine",
    "audit": "verify, anchor and prove the audit trail",
    "export-revision": "write a published revision back to files",
    "create-administrator": "create the first real account of an establishment",
    "upgrade-db": "bring a database to the current schema",
}


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="./hent", description="Hent, one door.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if given[:1] == [name]:  # only the one asked for is loaded: the others cost seconds
            module = import_module(f"web.commands.{name.replace('-', '_')}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    asked = parser.parse_args(given)
    try:
        return int(asked.run(asked))
    except Refusal as refusal:
        Console(stderr=True).print(f"hent: {refusal.message}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
