"""What a story expects of its case comes in; sentences about what is otherwise go out."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import queries
from engine.models import Case, CaseState, Timer
from workflows.access import can_read_case
from workflows.cases.models import Episode
from workflows.deadlines import queries as deadlines
from workflows.french import PARIS
from workflows.rcp import queries as rcp
from workflows.records import queries as records
from workflows.records.models import Record
from workflows.scenarios.words import Words
from workflows.staff.models import User

Check = Callable[[Session, int, Any, Words], Iterator[str]]


def unmet(db: Session, case_id: int, expect: dict[str, Any], words: Words) -> list[str]:
    """One French sentence per expectation that does not hold."""
    return [
        sentence
        for name, wanted in expect.items()
        for sentence in EXPECTATIONS[name](db, case_id, wanted, words)
    ]


def _open(db: Session, case_id: int, wanted: list[str], words: Words) -> Iterator[str]:
    """Exactly these steps wait for somebody."""
    found = sorted(task.element for task in queries.open_tasks(db, case_id))
    if found != sorted(wanted):
        yield f"étapes ouvertes attendues\u202f: {_list(wanted)}\u202f; trouvées\u202f: {_list(found)}."


def _waiting(db: Session, case_id: int, wanted: list[str], words: Words) -> Iterator[str]:
    """These steps wait for somebody, among others."""
    found = {task.element for task in queries.open_tasks(db, case_id)}
    if missing := set(wanted) - found:
        yield f"étapes non ouvertes\u202f: {_list(missing)}\u202f; ouvertes\u202f: {_list(found)}."


def _due(db: Session, case_id: int, wanted: dict[str, str], words: Words) -> Iterator[str]:
    """Each of these open steps is due on that day."""
    found = {task.element: task.due_at for task in queries.open_tasks(db, case_id)}
    for element, text in wanted.items():
        due = found.get(element)
        if element not in found:
            yield f"l’étape {element} n’est pas ouverte."
        elif (day := _local(due)) != words.day(str(text)):
            yield f"échéance de {element} attendue {words.day(str(text))}, trouvée {day}."


def _reminders(db: Session, case_id: int, wanted: list[str], words: Words) -> Iterator[str]:
    """These open steps will remind somebody."""
    found = {task.element for task in queries.open_tasks(db, case_id) if task.remind_at}
    if missing := set(wanted) - found:
        yield f"étapes sans rappel\u202f: {_list(missing)}."


def _milestones(db: Session, case_id: int, wanted: dict[str, str], words: Words) -> Iterator[str]:
    """The latest date the case knows of each milestone; `none` for one that must not be known."""
    for name, text in wanted.items():
        known = deadlines.milestone(db, case_id=case_id, name=name)
        day = _local(known.at) if known else None
        expected = words.day(str(text)) if text is not None else None
        if day != expected:
            yield f"jalon {name} attendu {expected}, trouvé {day}."


def _data(db: Session, case_id: int, wanted: dict[str, Any], words: Words) -> Iterator[str]:
    """Answers of the case's own scope."""
    found = queries.case_data(db, case_id)
    for name, value in wanted.items():
        expected = words.read(value)
        if found.get(name) != expected:
            yield f"{name} attendu {expected!r}, trouvé {found.get(name)!r}."


def _records(
    db: Session, case_id: int, wanted: list[dict[str, Any]], words: Words
) -> Iterator[str]:
    """Exactly these documents, the oldest first; only the words written are compared."""
    found = list(records.records_of(db, case_id))[::-1]
    if len(found) != len(wanted):
        yield f"{len(wanted)} documents attendus, trouvés\u202f: {_list(map(_name, found))}."
        return
    for record, row in zip(found, wanted, strict=True):
        for word, value in row.items():
            actual = _plain(getattr(record, word, "(mot inconnu)"))
            if actual != _plain(words.read(value)):
                yield f"{_name(record)}\u202f: {word} attendu {words.read(value)}, trouvé {actual}."


def _chained(db: Session, case_id: int, wanted: dict[str, int], words: Words) -> Iterator[str]:
    """So many versions of one document, in one set, each replacing the one before."""
    for kind, count in wanted.items():
        rows = [row for row in records.records_of(db, case_id) if row.kind == kind][::-1]
        versions = [row.version for row in rows]
        links = [row.replaces_id for row in rows]
        if versions != [*range(1, count + 1)] or len({row.set_id for row in rows}) > 1:
            yield f"{kind}\u202f: {count} versions d’un même jeu attendues, trouvées {versions}."
        elif links != [None, *(row.id for row in rows[:-1])]:
            yield f"{kind}\u202f: les versions ne forment pas une chaîne."
        elif blank := [row.version for row in rows if not row.context]:
            yield f"{kind}\u202f: les versions {blank} n’ont pas de contenu."


def _says(db: Session, case_id: int, wanted: dict[str, list[str]], words: Words) -> Iterator[str]:
    """The newest document of each kind tells these, somewhere in what it says."""
    for kind, texts in wanted.items():
        newest = next((row for row in records.records_of(db, case_id) if row.kind == kind), None)
        said = list(_texts(newest.context)) if newest else []
        for text in texts:
            if not any(str(words.read(text)).lower() in one.lower() for one in said):
                yield f"{kind}\u202f: «\u202f{text}\u202f» n’y est pas dit."


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))


def _no_record(db: Session, case_id: int, wanted: list[str], words: Words) -> Iterator[str]:
    """No document of these kinds was ever produced."""
    kinds = {row.kind for row in records.records_of(db, case_id)}
    if found := kinds & set(wanted):
        yield f"documents inattendus\u202f: {_list(found)}."


def _rcps(db: Session, case_id: int, wanted: list[dict[str, Any]], words: Words) -> Iterator[str]:
    """Every passage before an RCP, in order: its day, what became of it, its quorum."""
    found = [
        {
            "day": _plain(_local(rcp.session(db, row.session_id).starts_at)),
            "state": row.state,
            "quorum": (row.quorum or {}).get("status") or _quorum(db, row),
        }
        for row in rcp.registrations_of_case(db, case_id)
    ]
    expected = [words.read(row) for row in wanted]
    same = len(found) == len(expected) and all(
        actual.get(word) == value
        for actual, row in zip(found, expected, strict=True)
        for word, value in row.items()
    )
    if not same:
        yield f"passages en RCP attendus\u202f: {expected}\u202f; trouvés\u202f: {found}."


def _running(db: Session, case_id: int, wanted: list[str], words: Words) -> Iterator[str]:
    """Exactly these diagrams run."""
    found = sorted(one.definition for one in queries.instances(db, case_id, running=True))
    if found != sorted(wanted):
        yield f"diagrammes en cours attendus\u202f: {_list(wanted)}\u202f; trouvés\u202f: {_list(found)}."


def _case(db: Session, case_id: int, wanted: str, words: Words) -> Iterator[str]:
    """The case is open, suspended or closed."""
    state = str(db.get_one(Case, case_id).state)
    if state != str(CaseState(wanted)):
        yield f"dossier attendu {wanted}, trouvé {state}."


def _unit(db: Session, case_id: int, wanted: str, words: Words) -> Iterator[str]:
    """The team that follows the case."""
    unit = db.get_one(Episode, case_id).unit
    if unit.id != words.read(wanted):
        yield f"équipe attendue {wanted}, trouvée\u202f: {unit.name}."


def _readers(db: Session, case_id: int, wanted: dict[str, bool], words: Words) -> Iterator[str]:
    """Who may read the case, and who may not."""
    for who, expected in wanted.items():
        found = can_read_case(db, db.get_one(User, words.read(who)), case_id)
        if found is not expected:
            yield f"{who} {'lit' if found else 'ne lit pas'} le dossier."


def _timers(db: Session, case_id: int, wanted: int, words: Words) -> Iterator[str]:
    """So many moments the case still waits for, reminders included."""
    found = db.scalars(sa.select(Timer).where(Timer.case_id == case_id)).all()
    if len(found) != wanted:
        names = [f"{timer.kind} {timer.element}".strip() for timer in found]
        yield f"{wanted} minuteurs attendus, trouvés\u202f: {_list(names)}."


def _delay(db: Session, case_id: int, wanted: dict[str, Any], words: Words) -> Iterator[str]:
    """Days from one milestone to another."""
    ends = [
        deadlines.milestone(db, case_id=case_id, name=str(wanted.get(word)))
        for word in ("from", "to")
    ]
    if ends[0] is None or ends[1] is None:
        yield f"délai {wanted.get('from')} → {wanted.get('to')}\u202f: un des jalons est inconnu."
        return
    days = ((_local(ends[1].at) or date.min) - (_local(ends[0].at) or date.min)).days
    if days != wanted.get("days"):
        yield f"délai {wanted['from']} → {wanted['to']} attendu {wanted.get('days')} j, trouvé {days} j."


def _identity(db: Session, case_id: int, wanted: dict[str, Any], words: Words) -> Iterator[str]:
    """Whose case this is now: any of their traits, `cases` for how many they have."""
    patient = db.get_one(Episode, case_id).patient
    for name, value in wanted.items():
        if name == "cases":
            counted = sa.select(sa.func.count()).where(Episode.patient_id == patient.id)
            actual: Any = db.scalar(counted)
        else:
            actual = _plain(getattr(patient, name, "(mot inconnu)"))
        if actual != _plain(words.read(value)):
            yield f"identité\u202f: {name} attendu {value}, trouvé {actual}."


def _named(db: Session, case_id: int, wanted: dict[str, str], words: Words) -> Iterator[str]:
    """The last version of each kind of document says this birth name and birth date."""
    for kind, expected in wanted.items():
        found = [row for row in records.records_of(db, case_id) if row.kind == kind]
        said = found[0].context["patient"] if found else {}
        name = f"{said.get('birth_name', '')} {said.get('birth_date', '')}".strip()
        if name != expected:
            yield f"{kind} au nom de {expected} attendu, trouvé {name or 'aucun document'}."


EXPECTATIONS: dict[str, Check] = {
    "identity": _identity,
    "named": _named,
    "open": _open,
    "waiting": _waiting,
    "due": _due,
    "reminders": _reminders,
    "milestones": _milestones,
    "data": _data,
    "records": _records,
    "chained": _chained,
    "says": _says,
    "no_record": _no_record,
    "rcps": _rcps,
    "running": _running,
    "case": _case,
    "timers": _timers,
    "unit": _unit,
    "readers": _readers,
    "delay": _delay,
}


def _quorum(db: Session, row: Any) -> str | None:
    """That of the moment the case was called."""
    return rcp.quorum(db, row, row.called_at).status if row.called_at else None


def _local(moment: datetime | None) -> date | None:
    return moment.astimezone(PARIS).date() if moment else None


def _plain(value: Any) -> Any:
    """A moment is compared by its day, in France."""
    value = _local(value) if isinstance(value, datetime) else value
    return value.isoformat() if isinstance(value, date) else value


def _name(record: Record) -> str:
    return f"{record.kind} v{record.version} ({record.status})"


def _list(words: Any) -> str:
    return ", ".join(sorted(words)) or "aucune"
