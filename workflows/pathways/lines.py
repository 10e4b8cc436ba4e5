"""The treatments under way, each by its own name: two chemotherapies are two lines.

A form names lines by the number of their diagram; the kinds of treatment that older revisions ask
for still say every line of a kind.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine.models import Instance
from workflows.french import say_date
from workflows.library import library_of
from workflows.pathways.treatment import kind_of, modalities_of

# What a decision can adapt: diagram → what it knows once the treatment has begun.
ADAPTABLE = {
    "systemic": "administration_date",
    "oral": "next_follow_up_date",
    "radiotherapy": "radiotherapy_start_date",
}


def ids(values: Mapping[str, Any], name: str) -> set[int]:
    """What was ticked, as numbers of diagrams."""
    return {int(one) for one in values.get(name) or () if str(one).isdigit()}


def name_of(db: Session, line: Instance) -> str:
    """« Chimiothérapie, FOLFOX »"""
    data = engine_queries.instance_data(db, line.id)
    kinds = library_of(db, line.revision_id).value_sets.get("treatment_kind")
    kind = str(data.get("treatment_kind") or "")
    precision = data.get("treatment_precision") or data.get("protocol")
    return ", ".join(
        str(part) for part in (kinds.label(kind) if kinds else kind, precision) if part
    )


def names_of(db: Session, lines: Iterable[Instance]) -> list[str]:
    return [name_of(db, line) for line in lines]


def offered(db: Session, case_id: int, field: str) -> list[tuple[int, str]]:
    """What a form offers there; two of one name are told apart by the day they began."""
    lines = [line for line in modalities_of(db, case_id) if _may_answer(field, line)]
    names = names_of(db, lines)
    alike = Counter(names)
    return [
        (line.id, name if alike[name] == 1 else f"{name}, depuis le {say_date(line.started_at)}")
        for line, name in zip(lines, names, strict=True)
    ]


def _may_answer(field: str, line: Instance) -> bool:
    if field == "adapted_lines":
        return line.definition in ADAPTABLE
    return field != "window_lines" or line.paused_at is None


def of_kind(db: Session, case_id: int, kind: str) -> str:
    """The line of that kind (national code), as a form posts it; one there is."""
    return next(str(one.id) for one in modalities_of(db, case_id) if kind_of(db, one) == kind)


def among(lines: Iterable[Instance], wanted: Collection[int]) -> list[Instance]:
    return [line for line in lines if line.id in wanted]
