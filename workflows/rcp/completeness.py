"""What is known of a case comes in; what a meeting would lack of it, in words, goes out (R05).

It warns and never rejects.
"""

from collections.abc import Mapping
from typing import Any

import forms

# Each expected answer, and how it is called when it is missing.
EXPECTED: dict[str, str] = {
    "pathology_report_date": "anatomopathologie",
    "topography": "localisation",
    "morphology": "morphologie",
    "who_status": "état général (OMS)",
    "question": "question posée",
}
OF_THE_ELDERLY, ELDERLY = {"g8_total": "score G8"}, 75
# A12: the meeting may be held before the geriatrician has answered, and it is told what it lacks.
OF_THE_FRAIL = {"geriatric_status": "avis oncogériatrique (EGS en attente)"}
# A06: the file joins the second reading, or says that it is waited for.
OF_THE_RARE = {"second_reading": "double lecture"}
PIECES = {"requested": "demandée", "missing": "manquante"}
READ = (
    *EXPECTED,
    *OF_THE_ELDERLY,
    *OF_THE_FRAIL,
    *OF_THE_RARE,
    "geriatric_needed",
    "patient_age",
    "pieces",
    "file_complete",
    "missing_pieces",
)


def unanswered(facts: Mapping[str, Any]) -> list[str]:
    """Names of the answers a sheet still lacks; the G8 is expected from 75 years on."""
    elderly = (facts.get("patient_age") or 0) >= ELDERLY
    expected = EXPECTED | (OF_THE_ELDERLY if elderly else {})
    found = [name for name in expected if facts.get(name) in (None, "", [])]
    found += list(OF_THE_FRAIL) if awaits_geriatrician(facts) else []
    return found + (list(OF_THE_RARE) if facts.get("second_reading") == "requested" else [])


def awaits_geriatrician(facts: Mapping[str, Any]) -> bool:
    """Asked for by the table of the G8, and no assessment yet: neither done nor declined."""
    needed, status = facts.get("geriatric_needed"), facts.get("geriatric_status")
    return needed is True and status in (None, "", "pending")


def missing(facts: Mapping[str, Any], library: forms.Library | None) -> tuple[str, ...]:
    """Answers first, then pieces that were asked for, then what the secretary wrote."""
    words = EXPECTED | OF_THE_ELDERLY | OF_THE_FRAIL | OF_THE_RARE
    found = [words[name] for name in unanswered(facts)]
    found += _pieces(facts, library)
    if facts.get("file_complete") == "no":
        written = str(facts.get("missing_pieces") or "").strip()
        found += [written] if written else ([] if found else ["une pièce à préciser"])
    return tuple(found)


def _pieces(facts: Mapping[str, Any], library: forms.Library | None) -> list[str]:
    rows = [row for row in facts.get("pieces") or [] if isinstance(row, Mapping)]
    return [
        f"{_kind(library, row)} {PIECES[str(row['state'])]}"
        for row in rows
        if str(row.get("state")) in PIECES
        and not (row.get("kind") == "pathology" and not facts.get("pathology_report_date"))
    ]


def _kind(library: forms.Library | None, row: Mapping[str, Any]) -> str:
    code = str(row.get("kind") or "")
    if library is None or library.datum("pieces.kind") is None:
        return code or "pièce"
    label = forms.display(library, "pieces.kind", code)
    return label[:1].lower() + label[1:]
