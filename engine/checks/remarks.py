"""Where something is wrong, what, and what to do come in; a typeset French finding goes out."""

import re
from typing import Literal

from engine.artifacts import Finding
from engine.checks.diagram import Diagram, Flow, Node

Place = Node | Flow | str
_BEFORE = re.compile(r"[ \u00a0]+([:;!?»])")
_AFTER = re.compile(r"«[ \u00a0]*")


def error(diagram: Diagram | str, place: Place, message: str, remedy: str = "") -> Finding:
    """It must not be published."""
    return _finding("error", diagram, place, message, remedy)


def warning(diagram: Diagram | str, place: Place, message: str, remedy: str = "") -> Finding:
    """It may be published; somebody should look."""
    return _finding("warning", diagram, place, message, remedy)


def typeset(text: str) -> str:
    """Narrow no-break spaces where French typography wants them."""
    return _BEFORE.sub("\u202f\\1", _AFTER.sub("«\u202f", text))


def _finding(
    severity: Literal["error", "warning"],
    diagram: Diagram | str,
    place: Place,
    message: str,
    remedy: str,
) -> Finding:
    artifact = diagram if isinstance(diagram, str) else diagram.artifact
    element = place if isinstance(place, str) else place.id
    return Finding(severity, artifact, element, typeset(message), typeset(remedy))
