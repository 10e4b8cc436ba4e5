"""What is written once and pointed to for ever: decisions and migrations have one number each."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("folder", ["docs/adr", "workflows/migrations/versions"])
def test_every_number_is_given_once_and_none_is_left_out(folder: str) -> None:
    numbers = [int(file.name[:4]) for file in sorted((ROOT / folder).glob("[0-9]*"))]

    assert numbers == list(range(1, len(numbers) + 1))


def test_a_decision_opens_with_its_number() -> None:
    for file in (ROOT / "docs/adr").glob("0*.md"):
        assert file.read_text("utf-8").startswith(f"# {int(file.name[:4])}. "), file.name
