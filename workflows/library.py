"""A revision's number comes in; its forms, dictionary and value sets, read once per process, go out."""

from __future__ import annotations

import threading
from collections import OrderedDict

from sqlalchemy.orm import Session

import forms
from engine.models import Instance, Task
from engine.publishing import artifacts_of
from engine.releases import key_of, release

KEPT = 20  # revisions in memory; running cases rarely spread over more

_cache: OrderedDict[str, forms.Library] = OrderedDict()
_lock = threading.Lock()


def library_of(db: Session, revision_id: int) -> forms.Library:
    """What a revision asks, frozen with it; read on first use, then shared."""
    key = key_of(db, revision_id)
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    library = forms.load(artifacts_of(db, revision_id))
    with _lock:
        _cache[key] = library
        while len(_cache) > KEPT:
            _cache.popitem(last=False)
    return library


def library_of_task(db: Session, task: Task) -> forms.Library:
    """The forms of the revision that the task's diagram runs on."""
    return library_of(db, db.get_one(Instance, task.instance_id).revision_id)


class Titles:
    """The French names of diagrams, for one page: each revision is looked up once."""

    def __init__(self, db: Session) -> None:
        self._db = db
        self._known: dict[int, dict[str, str]] = {}

    def of(self, revision_id: int, definition: str) -> str:
        """« RCP d’un dossier »; a diagram that is gone keeps its id."""
        if revision_id not in self._known:
            self._known[revision_id] = release(self._db, revision_id).titles
        return self._known[revision_id].get(definition, definition)
