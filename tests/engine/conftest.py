"""The engine is tested alone: no room above it is registered."""

import pytest

from engine import handlers


@pytest.fixture(scope="session", autouse=True)
def _registered() -> None:
    return


@pytest.fixture(autouse=True)
def _no_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another test of the same process registered is not heard here."""
    monkeypatch.setattr(handlers, "_hooks", {name: [] for name in handlers.HOOKS})
