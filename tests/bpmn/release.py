"""The diagrams and tables that ship with Hent come in; a release the gate can look at goes out."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from engine.artifacts import Artifact, Vocabulary
from engine.handlers import handler_names
from workflows.deadlines.wording import MILESTONES
from workflows.roles import LANES, ROLES

ROOT = Path(__file__).parents[2]
DIAGRAMS = sorted((ROOT / "bpmn").glob("*/*.bpmn"))


@cache
def artifacts() -> tuple[Artifact, ...]:
    tables = sorted((ROOT / "bpmn" / "rules").glob("*.dmn"))
    return tuple(
        [Artifact("diagram", path.stem, path.read_bytes()) for path in DIAGRAMS]
        + [Artifact("table", path.stem, path.read_bytes()) for path in tables]
    )


@cache
def dictionary() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(
        (ROOT / "forms" / "dictionary.yaml").read_text("utf-8")
    )
    return found


@cache
def form_names() -> frozenset[str]:
    return frozenset(path.stem for path in (ROOT / "forms" / "definitions").glob("*.yaml"))


def vocabulary() -> Vocabulary:
    return Vocabulary(
        roles=tuple(LANES),
        forms=dict.fromkeys(form_names(), ()),
        data={name: datum.get("scope", "instance") for name, datum in dictionary().items()},
        handlers=handler_names(),
        codes=tuple(ROLES),
        anchors=tuple(MILESTONES),
    )
