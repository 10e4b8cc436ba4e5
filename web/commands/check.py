"""`./hent check`: a tree of diagrams, tables and forms is read; everything wrong with it is told."""

import argparse
import json
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from rich.console import Console

import workflows
from engine.artifacts import Artifact, Finding
from workflows.french import plural
from workflows.revisions import operations as revisions
from workflows.revisions import release

STYLES = {"error": ("✗", "red"), "warning": ("!", "yellow")}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "tree",
        nargs="?",
        type=Path,
        default=release.ROOT,
        metavar="FOLDER",
        help="where bpmn/, forms/ and documents/ lie (this checkout unless said)",
    )
    parser.add_argument("--json", action="store_true", help="the findings as JSON")


def run(arguments: argparse.Namespace) -> int:
    """0 when it could be published, 1 otherwise; warnings stop nothing."""
    workflows.register()
    artifacts = release.gather(arguments.tree)
    findings = revisions.check(artifacts) if artifacts else [_empty(arguments.tree)]
    if arguments.json:
        print(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=2))  # noqa: T201 (what the command is for)
    else:
        _tell(findings, artifacts)
    return 1 if any(one.severity == "error" for one in findings) else 0


def _empty(tree: Path) -> Finding:
    return Finding(
        "error",
        str(tree),
        "",
        "Ce dossier ne contient ni diagramme, ni table, ni formulaire.",
        "Donnez le dossier qui contient bpmn/ et forms/.",
    )


def _tell(findings: list[Finding], artifacts: list[Artifact]) -> None:
    console = Console(highlight=False)
    places = {one.name: str(release.place_of(one)) for one in reversed(artifacts)}
    ordered = sorted(findings, key=lambda one: (one.severity != "error", one.artifact))
    for artifact, remarks in groupby(ordered, key=lambda one: one.artifact):
        console.print(f"\n{places.get(artifact, artifact)}", style="bold", markup=False)
        for one in remarks:
            mark, style = STYLES[one.severity]
            where = f"{one.element}\u202f: " if one.element else ""
            console.print(
                f"  {mark} {where}{one.message}", style=style, markup=False, soft_wrap=True
            )
            if one.remedy:
                console.print(f"    {one.remedy}", style="dim", markup=False, soft_wrap=True)
    console.print(_sum(findings, len(artifacts)), markup=False)


def _sum(findings: list[Finding], files: int) -> str:
    errors = sum(one.severity == "error" for one in findings)
    if not findings:
        return f"{plural(files, 'fichier vérifié', 'fichiers vérifiés')}, aucune remarque."
    return (
        f"\n{plural(files, 'fichier vérifié', 'fichiers vérifiés')}\u202f: "
        f"{plural(errors, 'erreur', 'erreurs')}, "
        f"{plural(len(findings) - errors, 'avertissement', 'avertissements')}."
    )
