"""Answers as a story writes them come in; the dates, persons and sessions they stand for go out."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

_DAY = re.compile(r"D(0|[+-]\d{1,4})?")
_MONTH = re.compile(r"month (D(?:0|[+-]\d{1,4})?)")


class Words:
    """How one story's words are read: `look_up` knows what follows an « @ ».

    A meeting may come later than the story says; from its day on, the story's days move with it.
    """

    def __init__(
        self,
        day_0: date,
        look_up: Callable[[str], Any],
        on_a_day_of_work: Callable[[date], date] = lambda day: day,
    ) -> None:
        self.day_0 = day_0
        self._moves: dict[int, int] = {}
        self._look_up = look_up
        self._on_a_day_of_work = on_a_day_of_work

    def date_of(self, day: int) -> date:
        """The date of the story's day, moves included."""
        moves = [by for since, by in self._moves.items() if since <= day]
        moved = self.day_0 + timedelta(days=day + (moves[-1] if moves else 0))
        return self._on_a_day_of_work(moved)

    def move(self, day: int, to: date) -> None:
        """From this day on, everything comes as much later (or earlier) as this."""
        self._moves[day] = (to - self.day_0).days - day

    def read(self, value: Any) -> Any:
        """Any answer, groups included, as the JSON that a form gives."""
        if isinstance(value, dict):
            return {name: self.read(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.read(one) for one in value]
        if isinstance(value, date):
            return value.isoformat()
        return self._text(value) if isinstance(value, str) else value

    def day(self, text: str) -> date | None:
        """« D+8 » as a date, None when the text is no day."""
        found = _DAY.fullmatch(text)
        return self.date_of(int(found[1] or 0)) if found else None

    def _text(self, text: str) -> Any:
        if (day := self.day(text)) is not None:
            return day.isoformat()
        if (month := _MONTH.fullmatch(text)) and (day := self.day(month[1])) is not None:
            return f"{day:%Y-%m}"
        return self._look_up(text[1:]) if text.startswith("@") else text
