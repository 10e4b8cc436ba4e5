"""The rows come in, the page docs/dmn.md goes out: `python -m tests.engine.dmn.page`."""

from pathlib import Path
from typing import Any

from engine.decisions import read_decisions
from tests.engine.dmn.rows import CELLS, POLICIES, REFUSED

HEAD = """# What of DMN runs

Written by `python -m tests.engine.dmn.page` from the examples that `tests/engine/dmn` runs. A file may hold several
decisions, tables or literal expressions; one may require another of the same file. Dates, times and durations are
ISO 8601 text. Anything else is refused when the revision is published, in the words shown.

## Input cells (unary tests)

| Cell | Accepts what is | for instance | not |
|---|---|---|---|
"""
POLICY_HEAD = """
## Hit policies

The example has three rows that answer 3, 1 and 2, in that order.

| Policy | Gives | Example |
|---|---|---|
"""
OUTPUT = """
## Output cells and input expressions

A literal, a name, or an expression of the closed evaluator (`interval * 2`, `days_after(surgery_date, 30)`): the same
as in conditions of diagrams. An empty cell or a dash gives nothing. A table no row of which answers gives the default
output, or nothing: a diagram that cannot go on without an answer stops with a sentence that names table and inputs.
"""
REFUSED_HEAD = """
## Refused

| What | Words |
|---|---|
"""


def page() -> str:
    cells = [f"| `{c.text}` | {c.says} | {_list(c.accepts)} | {_list(c.refuses)} |" for c in CELLS]
    policies = [f"| {p.name} | {p.says} | `{_value(p.answer)}` |" for p in POLICIES]
    refused = [f"| {r.what} | {_said(r.xml, r.said)} |" for r in REFUSED]
    return (
        HEAD + "\n".join(cells) + "\n" + POLICY_HEAD + "\n".join(policies) + "\n" + OUTPUT
        + REFUSED_HEAD + "\n".join(refused) + "\n"
    )  # fmt: skip


def _list(values: tuple[Any, ...]) -> str:
    return ", ".join(f"`{_value(one)}`" for one in values)


def _value(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _said(xml: str, part: str) -> str:
    _, problems = read_decisions(xml)
    said = next((one.message for one in problems if part in one.message), "")
    return said.replace("\u202f", " ").replace("|", "\\|")


if __name__ == "__main__":
    Path(__file__).parents[3].joinpath("docs", "dmn.md").write_text(page(), "utf-8")
