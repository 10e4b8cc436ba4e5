"""Two versions of a file come in; what differs for the teams goes out, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from engine.artifacts import Artifact
from workflows.revisions import delays
from workflows.revisions.steps import Sheet, Step, sheet

WORDS = {
    "name": "nom",
    "lane": "rôle",
    "form": "formulaire",
    "deadline": "délai",
    "detail": "appel",
}


@dataclass(frozen=True)
class Difference:
    """`what` is added, changed or removed; `subject` is the step or the row."""

    what: str
    subject: str
    sentence: str = ""
    element: str = ""


def differences(
    kind: str,
    name: str,
    before: bytes | None,
    after: bytes | None,
    titles: Mapping[str, str],
    forms: Mapping[str, str] | None = None,
) -> list[Difference]:
    """`titles` gives the steps of the whole release their French names, `forms` the forms."""
    if before is None or after is None:
        return []  # the whole file is new, or gone
    if kind == "diagram":
        found = list(_of_diagrams(sheet(name, before), sheet(name, after), forms or {}))
        return found or [Difference("changed", "Tracé, conditions ou réglages")]
    if (kind, name) == ("table", delays.NAME):
        found = list(_of_delays(before, after, titles))
        return found or [Difference("changed", "Présentation de la table")]
    return [Difference("changed", "Contenu du fichier")]


def titles_of(artifacts: list[Artifact]) -> dict[str, str]:
    """Deadline row → the name of the step it dates."""
    return {
        step.deadline: step.name
        for artifact in artifacts
        if artifact.kind == "diagram"
        for step in sheet(artifact.name, artifact.content).tasks
        if step.deadline
    }


def _of_diagrams(before: Sheet, after: Sheet, forms: Mapping[str, str]) -> Iterator[Difference]:
    old = {step.id: step for step in before.steps}
    new = {step.id: step for step in after.steps}
    for key, step in new.items():
        if key not in old:
            yield Difference("added", step.name or key, element=key)
        elif step != old[key]:
            yield Difference("changed", old[key].name or key, _changed(old[key], step, forms), key)
    for key, step in old.items():
        if key not in new:
            yield Difference("removed", step.name or key)


def _changed(old: Step, new: Step, forms: Mapping[str, str]) -> str:
    def said(step: Step, name: str) -> str:
        value = getattr(step, name)
        return (forms.get(value, value) if name == "form" else value) or "aucun"

    told = [
        f"{WORDS[field.name]}\u202f: «\u202f{said(old, field.name)}\u202f» → "
        f"«\u202f{said(new, field.name)}\u202f»"
        for field in fields(Step)
        if field.name in WORDS and getattr(old, field.name) != getattr(new, field.name)
    ]
    return ", ".join(told)


def _of_delays(before: bytes, after: bytes, titles: Mapping[str, str]) -> Iterator[Difference]:
    old = {row.id: row for row in delays.rows(before)}
    new = {row.id: row for row in delays.rows(after)}
    for key, row in new.items():
        subject = _subject(row, titles)
        if key not in old:
            yield Difference("added", subject, _whole(row), key)
        elif row != old[key]:
            sentence = f"{_whole(old[key])} → {_whole(row)}"
            yield Difference("changed", subject, sentence, key)
    for key, row in old.items():
        if key not in new:
            yield Difference("removed", _subject(row, titles), _whole(row))


def _subject(row: delays.Row, titles: Mapping[str, str]) -> str:
    """« Calculer le score G8, établissement 299900011 »"""
    step = titles.get(row.step) or row.step or "Toutes les autres étapes"
    return f"{step}, établissement {row.establishment}" if row.establishment else step


def _whole(row: delays.Row) -> str:
    if not row.is_plain:
        return "une expression"
    delay = row.delay
    told = [delay.say(), delay.say_reminder()]
    if delay.escalation:
        told.append(f"puis {delay.say_escalation()}")
    return ", ".join(told)
