"""Each hostile model ends in a sentence, within five seconds and half a gigabyte."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.torture.hostile import CORPUS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """All of them, one after the other, in one process: it must still be alive at the end."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.hostile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", CORPUS)
def test_it_is_refused_in_words_and_in_time(report: dict[str, Any], name: str) -> None:
    (one,) = (one for one in report["told"] if one["name"] == name)

    assert one["said"] not in ("it ran", "let in", "read")
    assert "Traceback" not in one["said"]
    assert one["seconds"] < 5


def test_the_whole_corpus_fits_in_half_a_gigabyte(report: dict[str, Any]) -> None:
    assert report["peak_mb"] < 500
