"""« Vues enregistrées »: filters a person comes back to, under a name of their own.

Kept with that person's preferences. The name looked for in a list is never part of a view: it is a
patient's, and would stay.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid, NotFound
from workflows.cases.inbox import SORTS, VIEWS, Filters
from workflows.staff import operations as staff
from workflows.staff.models import User

PREFERENCE = "views"
MOST = 12
LONGEST_NAME = 40


@dataclass(frozen=True)
class SavedView:
    name: str
    filters: Filters


def saved_views(user: User) -> list[SavedView]:
    """In the order they were saved; one that an update made meaningless is left out."""
    found = [
        SavedView(one["name"], Filters(**{k: v for k, v in one.items() if k != "name"}))
        for one in user.preferences.get(PREFERENCE, [])
    ]
    return [one for one in found if one.filters.view in VIEWS and one.filters.sort in SORTS]


def is_worth_saving(filters: Filters) -> bool:
    """It says more than a view everybody has."""
    return without_name(filters) != Filters(view=filters.view, sort=filters.sort)


def without_name(filters: Filters) -> Filters:
    return replace(filters, text="")


def save(db: Session, *, user: User, name: str, filters: Filters) -> SavedView:
    known = saved_views(user)
    name = _free(name, known)
    if not is_worth_saving(filters):
        raise Invalid("Choisissez au moins un filtre, puis enregistrez la vue.")
    if len(known) >= MOST:
        raise Conflict(f"Vous avez déjà {MOST} vues\u202f: retirez-en une.")
    made = SavedView(name, without_name(filters))
    _keep(db, user, [*known, made])
    return made


def rename(db: Session, *, user: User, name: str, to: str) -> SavedView:
    """The same filters at the same place under another name, or the same name written otherwise."""
    known = saved_views(user)
    found = next((one for one in known if one.name == name), None)
    if found is None:
        raise NotFound(f"La vue «\u202f{name}\u202f» n’existe plus\u202f: revenez à vos tâches.")
    renamed = replace(found, name=_free(to, [one for one in known if one is not found]))
    _keep(db, user, [renamed if one is found else one for one in known])
    return renamed


def remove(db: Session, *, user: User, name: str) -> None:
    """Twice is once."""
    _keep(db, user, [one for one in saved_views(user) if one.name != name])


def _free(name: str, others: Sequence[SavedView]) -> str:
    """The name as it is kept; no two views are called the same."""
    name = " ".join(name.split())
    if not name:
        raise Invalid("Donnez un nom à cette vue.")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"Un nom de vue a {LONGEST_NAME} caractères au plus.")
    if any(one.name.casefold() == name.casefold() for one in others):
        raise Conflict(
            f"Une vue s’appelle déjà «\u202f{name}\u202f»\u202f: choisissez un autre nom."
        )
    return name


def _keep(db: Session, user: User, views: Sequence[SavedView]) -> None:
    kept = [{"name": one.name, **asdict(one.filters)} for one in views]
    staff.set_preference(db, user=user, name=PREFERENCE, value=kept)
