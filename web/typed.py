"""What is typed as a date on a page of our own comes in; the date goes out, or a sentence."""

from contextlib import suppress
from datetime import date, datetime

from flask import request

from engine.errors import Invalid

_WRITTEN = ("%d/%m/%Y", "%Y-%m-%d")  # as one writes it; what a date field of a browser sends
_AT_ONE_GO = "%d%m%Y"


def day(text: str, *patterns: str) -> date | None:
    """None for what is no date."""
    for pattern in patterns or _WRITTEN:
        with suppress(ValueError):
            return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 (a day has no zone)
    return None


def birth_date() -> date:
    """The field « birth_date » of this request: « 12/03/1961 », « 12031961 »."""
    found = day(request.form.get("birth_date", ""), *_WRITTEN, _AT_ONE_GO)
    if found is None:
        sentence = "Saisissez la date de naissance comme 27/11/1961."
        raise Invalid(sentence, {"birth_date": sentence})
    return found
