"""What the pathway means in oncology: requests and messages in, decided and recorded facts out."""

from importlib import import_module
from pkgutil import walk_packages


def register() -> None:
    """Teach the engine our handlers, jobs, timers and hooks; calling it twice does nothing more.

    They are registered where they are written, so every module of this room is imported
    (but the migrations: Alembic loads those one by one).
    """
    for module in walk_packages(__path__, prefix=f"{__name__}."):
        if not module.name.startswith("workflows.migrations"):
            import_module(module.name)
