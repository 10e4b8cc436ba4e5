"""The engine is tested alone: no room above it is registered."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _registered() -> None:
    return
