"""What is asked of every piece of bad luck: over in words within five seconds and little memory."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 5
MEGABYTES = 250  # that it may cost: a worker weighs as much again, and both make 500


@contextmanager
def bounded() -> Iterator[None]:
    """What happens inside neither hangs nor eats the machine; Linux tells the peak, others nothing."""
    before, began = _memory("VmRSS"), time.monotonic()
    _forget_peak()
    yield
    assert time.monotonic() - began < SECONDS
    assert _memory("VmHWM") - before < MEGABYTES


def _forget_peak() -> None:
    forget = Path("/proc/self/clear_refs")
    if forget.exists():
        forget.write_text("5")


def _memory(what: str) -> int:
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(one.split()[1]) // 1024 for one in lines if one.startswith(what)), 0)
