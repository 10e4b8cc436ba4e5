"""What a browser posted comes in; the same, with a row added or taken out where that was asked.

A button named `_add` with the name of a group adds an empty row, `_remove` with « group-2 » takes
one out: repeatable rows work without a script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from forms.spec import FormSpec, Library

ROW = "_row"  # posted by each row, so that an empty one is still there when the page comes back


class TypedData:
    """Name → texts, in the shape WTForms reads."""

    def __init__(self, texts: Mapping[str, list[str]]) -> None:
        self._texts = dict(texts)

    @classmethod
    def of(cls, formdata: Any, library: Library, spec: FormSpec) -> TypedData:
        if isinstance(formdata, cls):
            return formdata
        if hasattr(formdata, "getlist"):
            texts = {key: list(formdata.getlist(key)) for key in formdata}
        else:
            texts = {k: v if isinstance(v, list) else [str(v)] for k, v in formdata.items()}
        groups = {
            one.name
            for _, one in spec.fields()
            if one.name in library.dictionary and library.dictionary[one.name].is_group
        }
        for row in texts.pop("_remove", []):
            texts = without_row(texts, row)
        for group in texts.pop("_add", []):
            if group in groups:
                texts[f"{group}-{_next_index(texts, group)}-{ROW}"] = [""]
        return cls(texts)

    def getlist(self, key: str) -> list[str]:
        return self._texts.get(key, [])

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __bool__(self) -> bool:
        return True  # a form with nothing ticked is a form all the same


def without_row(texts: Mapping[str, list[str]], row: str) -> dict[str, list[str]]:
    """The same without « group-2-… »."""
    return {key: value for key, value in texts.items() if not key.startswith(f"{row}-")}


def _next_index(texts: Mapping[str, list[str]], group: str) -> int:
    found = [re.match(rf"{re.escape(group)}-(\d+)-", key) for key in texts]
    return max((int(match[1]) for match in found if match), default=-1) + 1
