"""What the address asks for comes in; filters, groups of lines and links to the next view go out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import session, url_for
from werkzeug.datastructures import MultiDict

from engine.errors import Invalid
from web.filters import local_day, phase_name, say_organ, today
from workflows.cases import saved_views
from workflows.cases.inbox import SORTS, VIEWS, Filters, Line
from workflows.cases.saved_views import SavedView
from workflows.cases.tallies import Choices, Urgency
from workflows.staff.models import User

# group: title, its tone
GROUPS: dict[str, tuple[str, str]] = {
    "late": ("En retard", "late"),
    "today": ("Aujourd’hui", "today"),
    "week": ("Cette semaine", "soon"),
    "later": ("Plus tard", "soon"),
    "undated": ("Sans échéance", "draft"),
}
# The rail: heading, views with their icon. « all » is what one may do; « team » only shows.
RAIL: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Tâches", (("all", "inbox"), ("mine", "user"), ("unassigned", "user-plus"))),
    (
        "Quand",
        (
            ("late", "clock-exclamation"),
            ("today", "calendar-event"),
            ("week", "calendar-week"),
            ("high", "chevrons-up"),
            ("reminded", "bell-ringing"),
            ("blocked", "hand-stop"),
            ("postponed", "calendar-time"),
        ),
    ),
    ("Équipe", (("team", "users-group"),)),
)
# Filter → its field. One called « form » would hide `form.form` from whoever sends the page.
MANY = {"phase": "phase", "organ": "organ", "form": "asks"}
LONGEST_TEXT = 80


@dataclass(frozen=True)
class Group:
    """Lines of one urgency; `others` are on the pages that follow."""

    key: str
    title: str
    tone: str
    total: int
    lines: Sequence[Line]
    is_continued: bool = False

    @property
    def others(self) -> int:
        return max(0, self.total - len(self.lines))


def asked(args: MultiDict[str, str]) -> Filters:
    """A value nobody offers is refused, not ignored: an empty list would mislead."""
    view, sort = args.get("view", "all"), args.get("sort", "due")
    if view not in VIEWS or sort not in SORTS:
        raise Invalid("Cette vue n’existe pas\u202f: revenez à vos tâches.")
    place = args.get("establishment", "")
    return Filters(
        view=view,
        sort=sort,
        text=args.get("text", "").strip()[:LONGEST_TEXT],
        establishment_id=int(place) if place.isdecimal() else None,
        phase=_many(args, "phase"),
        organ=_many(args, "organ"),
        form=_many(args, MANY["form"]),
    )


def _many(args: MultiDict[str, str], name: str) -> str:
    return ",".join(filter(None, args.getlist(name)))


def query(filters: Filters, **changes: Any) -> dict[str, Any]:
    """The same list as an address; what is at rest is left out, and the name looked for: never there."""
    wanted = replace(filters, **{k: v for k, v in changes.items() if k in filters.__dict__})
    found: dict[str, Any] = {
        "view": wanted.view if wanted.view != "all" else None,
        "sort": wanted.sort if wanted.sort != "due" else None,
        "establishment": wanted.establishment_id,
    }
    found |= {
        field: getattr(wanted, name).split(",")
        for name, field in MANY.items()
        if getattr(wanted, name)
    }
    found |= {k: v for k, v in changes.items() if k not in filters.__dict__}
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def address(filters: Filters, **changes: Any) -> str:
    return url_for("inbox.index", **query(filters, **changes))


LAST = "list"


def remember(filters: Filters) -> None:
    """Where a person comes back to once a task is done; the name looked for is not kept."""
    here = address(filters)
    if session.get(LAST) != here:
        session[LAST] = here


def list_left() -> str:
    return session.get(LAST) or url_for("inbox.index")


def is_narrowed(filters: Filters) -> bool:
    return filters != Filters(view=filters.view, sort=filters.sort)


def saved(user: User) -> dict[str, SavedView]:
    """This person's views, under keys that counts can be asked by."""
    return {f"saved{rank}": one for rank, one in enumerate(saved_views.saved_views(user))}


def saved_as(user: User, filters: Filters) -> str:
    """The name of the view on screen, when it is one of this person's."""
    here = saved_views.without_name(filters)
    return next((one.name for one in saved(user).values() if one.filters == here), "")


def may_save(user: User, filters: Filters) -> bool:
    return saved_views.is_worth_saving(filters) and not saved_as(user, filters)


def title(user: User, filters: Filters) -> str:
    return saved_as(user, filters) or VIEWS[filters.view]


def group_of(due_at: datetime | None, moment: datetime) -> str:
    if due_at is None:
        return "undated"
    if due_at < moment:
        return "late"
    day = local_day(due_at)
    monday = today() + timedelta(days=7 - today().weekday())
    if day == today():
        return "today"
    return "week" if day < monday else "later"


def grouped(
    lines: Sequence[Line], totals: Urgency, moment: datetime, *, continues: str = ""
) -> list[Group]:
    """In the order of the list; a page that begins in the group it left repeats no heading."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(group_of(line.task.due_at, moment), []).append(line)
    return [
        Group(key, *GROUPS[key], getattr(totals, key), members, is_continued=key == continues)
        for key, members in found.items()
    ]


def ungrouped(lines: Sequence[Line]) -> list[Group]:
    """Sorted by patient: one plain list."""
    return [Group("all", "Toutes", "draft", len(lines), lines, is_continued=True)] if lines else []


def rail(counts: Mapping[str, int]) -> list[tuple[str, list[tuple[str, str, str, int]]]]:
    """(heading, [(view, icon, label, count)])"""
    return [
        (heading, [(view, icon, VIEWS[view], counts.get(view, 0)) for view, icon in views])
        for heading, views in RAIL
    ]


def choices_of(choices: Choices) -> dict[str, list[tuple[str, str]]]:
    """(value, words) of each filter, as the chips want them."""
    return {
        "organ": sorted(((c.value, say_organ(c.value)) for c in choices.organs), key=_by_words),
        "form": [(c.value, c.label) for c in choices.forms],
        "phase": [(c.value, phase_name(c.value, c.label)) for c in choices.phases],
        "establishment": [(c.value, c.label) for c in choices.establishments],
    }


def counts_of(choices: Choices) -> dict[str, dict[str, int]]:
    return {
        name: {choice.value: choice.count for choice in found}
        for name, found in (
            ("organ", choices.organs),
            ("phase", choices.phases),
            ("form", choices.forms),
            ("establishment", choices.establishments),
        )
    }


def _by_words(choice: tuple[str, str]) -> str:
    return choice[1]
