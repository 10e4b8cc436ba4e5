"""Imports only go down, and each library stays behind its room's door."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ["engine", "forms", "documents", "workflows", "web"]

# The room that may import a library; everybody else goes through that room.
DOORS = {
    "SpiffWorkflow": "engine/spiff",
    "apscheduler": "engine",
    "simpleeval": "engine",
    "holidays": "engine",
    "wtforms": ("forms", "web"),
    "weasyprint": "documents",
    "pikepdf": "documents",
    "flask": "web",
}


def _sources(room: str) -> list[Path]:
    return [path for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts]


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_imports_only_go_down() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 (our own tool)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("library", DOORS)
def test_a_library_stays_behind_its_door(library: str) -> None:
    doors = DOORS[library]
    allowed = (doors,) if isinstance(doors, str) else doors

    strangers = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in _sources(room)
        if library in _imports(path)
        and not str(path.relative_to(ROOT)).startswith(tuple(f"{door}/" for door in allowed))
    ]

    assert strangers == []


def test_nobody_reads_the_wall_clock_below_web() -> None:
    clock = re.compile(r"datetime\.now\(|date\.today\(|time\.time\(|utcnow\(")

    readers = [
        f"{path.relative_to(ROOT)}"
        for room in ROOMS
        if room != "web"
        for path in _sources(room)
        if clock.search(path.read_text("utf-8"))
    ]

    # The heartbeat is the one place that hands real time to the engine.
    assert readers in ([], ["engine/scheduler.py"])


def test_only_the_expressions_of_the_house_are_evaluated() -> None:
    guilty = []
    for room in ROOMS:
        for path in _sources(room):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("eval", "exec"):
                    guilty.append(str(path.relative_to(ROOT)))

    assert guilty == []


def test_every_module_opens_with_a_sentence() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in _sources(room)
        if path.read_text("utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]

    assert silent == []


def test_files_can_be_taken_in() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for room in ROOMS
        for path in _sources(room)
        if path.parent.name != "versions"  # a migration is written once, by a machine
        and (lines := path.read_text("utf-8").count("\n")) > 320
    }

    assert long == {}
