"""A story's answers and an open task come in; they are typed into its form and read as on the web."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine import queries
from engine.errors import Invalid
from engine.models import Task
from workflows.french import PARIS
from workflows.library import library_of_task

LOOKED_UP = (
    "person",
    "rcp",
    "rcp_session",
    "unit",
    "lines",
)  # the page offers these; the guards judge them


def read_answers(
    db: Session, task: Task, given: Mapping[str, Any], *, now: datetime
) -> dict[str, Any]:
    """What the form makes of them, what it carries over included; Invalid names the culprits."""
    library = library_of_task(db, task)
    names = forms.names_of(library, task.form)
    if unknown := sorted(set(given) - set(names)):
        raise Invalid(
            "Ce formulaire ne pose pas ces questions.",
            dict.fromkeys(unknown, "Inconnue de ce formulaire."),
        )
    known = queries.instance_data(db, task.instance_id)
    carried = {
        one.name: known[one.name]
        for _section, one in library.forms[task.form].fields()
        if one.carried and known.get(one.name) not in (None, "", [])
    }
    typed = carried | dict(given)
    form = forms.bind(
        library,
        task.form,
        dict(_posted(typed)),
        values={name: value for name, value in known.items() if name not in names},
        today=now.astimezone(PARIS).date(),
        choices=dict(_offered(library, typed)),
    )
    if not form.validate():
        raise Invalid(
            "Le formulaire refuse ces réponses.", {n: _say(e) for n, e in form.errors.items()}
        )
    answers = forms.answers(form)
    if dropped := sorted(
        set(given) - set(answers) - {n for n, v in given.items() if v in ("", [], None)}
    ):
        raise Invalid(
            "Ces réponses ne sont pas demandées ici\u202f: leur condition n’est pas remplie.",
            dict.fromkeys(dropped, "Question masquée."),
        )
    return answers


def take_answers(
    db: Session, task: Task, given: Mapping[str, Any], *, now: datetime
) -> dict[str, Any]:
    """The same answers without checking them, for stories that tests have read: much faster.

    A form that computes something is read all the same: what it computes is an answer too.
    """
    library = library_of_task(db, task)
    fields = [one for _section, one in library.forms[task.form].fields()]
    if any(library.dictionary[one.name].type == "computed" for one in fields):
        return read_answers(db, task, given, now=now)
    wanted = [one.name for one in fields if one.carried and one.name not in given]
    known = queries.instance_data(db, task.instance_id) if wanted else {}
    carried = {name: known[name] for name in wanted if known.get(name) not in (None, "", [])}
    return carried | dict(given)


def _posted(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, list[str]]]:
    """As a browser posts them: texts, several of one name, the rows of a group numbered."""
    for name, value in values.items():
        path = f"{before}{name}"
        if isinstance(value, list) and any(isinstance(one, dict) for one in value):
            for number, row in enumerate(value):
                yield from _posted(row, f"{path}-{number}-")
        elif isinstance(value, list):
            yield path, [_text(one) for one in value]
        else:
            yield path, [_text(value)]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _offered(
    library: forms.Library, typed: Mapping[str, Any]
) -> Iterator[tuple[str, list[tuple[Any, str]]]]:
    for name, value in typed.items():
        datum = library.dictionary[name]
        if datum.type in LOOKED_UP:
            several = value if isinstance(value, list) else [value]
            yield name, [(one, str(one)) for one in several]


def _say(errors: Any) -> str:
    if isinstance(errors, (list, tuple)):
        return " ".join(_say(one) for one in errors)
    if isinstance(errors, Mapping):
        return " ".join(f"{name}\u202f: {_say(one)}" for name, one in errors.items())
    return str(errors)
