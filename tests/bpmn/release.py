"""The diagrams that ship with Hent, and the dictionary they read, for the tests of this folder."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DIAGRAMS = sorted((ROOT / "bpmn").glob("*/*.bpmn"))


@cache
def dictionary() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(
        (ROOT / "forms" / "dictionary.yaml").read_text("utf-8")
    )
    return found
