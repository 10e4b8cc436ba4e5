"""An answer comes in; how a French reader reads it goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from forms import dates
from forms.spec import Datum, Library, is_empty

Names = Callable[[Datum, Any], str]


def display(library: Library, name: str, value: Any, *, names: Names | None = None) -> str:
    """Labels for codes, 27/11/2025 for dates, one line a row for groups; « group.column » too.

    Persons, RCPs and sessions are numbers: `names` says who they are, else the number is shown.
    An empty answer is an empty text; a name that is not in the dictionary is shown as it is.
    """
    if is_empty(value):
        return ""
    datum = library.datum(name)
    if datum is None:
        return _plain(value)
    return _show(library, datum, value, names)


def display_row(
    library: Library, group: str, row: Mapping[str, Any], *, names: Names | None = None
) -> dict[str, str]:
    """Each column of one row of a group, as text; empty ones are empty."""
    datum = library.dictionary[group]
    return {
        column.name: _show(library, column, row.get(column.name), names) for column in datum.fields
    }


def _show(library: Library, datum: Datum, value: Any, names: Names | None) -> str:
    if is_empty(value):
        return ""
    if datum.is_group and isinstance(value, list):
        rows = (display_row(library, datum.name, row, names=names) for row in value)
        return "\n".join(" · ".join(filter(None, row.values())) for row in rows)
    if datum.type == "choices" and isinstance(value, list):
        return ", ".join(_code(library, datum, one) for one in value)
    if datum.type == "choice":
        return _code(library, datum, value)
    if datum.type == "boolean":
        return "Oui" if value is True else "Non"
    if datum.type in ("date", "partial_date", "datetime"):
        return dates.say(value)
    if datum.type in ("person", "rcp", "rcp_session", "unit") and names is not None:
        return names(datum, value)
    if datum.type == "lines" and names is not None and isinstance(value, list):
        return ", ".join(names(datum, one) for one in value)
    shown = _plain(value)
    return f"{shown}\u00a0{datum.unit}" if datum.unit else shown


def _code(library: Library, datum: Datum, code: Any) -> str:
    known = library.value_sets.get(datum.value_set)
    return known.label(code) if known else str(code)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)
