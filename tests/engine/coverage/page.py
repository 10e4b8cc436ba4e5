"""The rows come in, the page docs/bpmn-coverage.md goes out: `python -m tests.engine.coverage.page`."""

from pathlib import Path

from tests.engine.coverage.drawing import file
from tests.engine.coverage.rows import NOTED, REFUSED, RUNS
from tests.engine.sketches import errors

HEAD = """# What of BPMN 2.0 runs

Written by `python -m tests.engine.coverage.page` from the rows that `tests/engine/coverage` plays:
each « runs » is a diagram that is published and played to the end, each « refused » a diagram that
publishing refuses with the sentence shown.

| Element | | |
|---|---|---|
"""


def page() -> str:
    lines = [f"| {row.element} | runs | {row.note} |" for row in RUNS]
    lines += [f"| {row.element} | noted | {row.note} |" for row in NOTED]
    lines += [f"| {row.element} | refused | {_said(row.body, row.said)} |" for row in REFUSED]
    return HEAD + "\n".join(lines) + "\n"


def _said(body: str, part: str) -> str:
    said = next((one for one in errors(file(body)) if part in one), "")
    return said.split(" : ", 1)[-1]


if __name__ == "__main__":
    Path(__file__).parents[3].joinpath("docs", "bpmn-coverage.md").write_text(page(), "utf-8")
