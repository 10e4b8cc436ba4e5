"""A planned line of the PPS comes in; the diagram that follows it and what it already says go out.

The national list has fifteen treatment types (domain §9); the RCP sheet adds three.
"""

import re
from collections.abc import Mapping
from typing import Any

SURGERY, RADIOTHERAPY, HORMONES = "387713003", "C15313", "C15445"
OTHER = "GEN-092.03.01"
# Types the RCP sheet has beside those of the PPS: what becomes of them there.
OTHER_DRUG, SUPPORT, PALLIATIVE = "GEN-092.03.02", "C15747", "C15252"

# A drug is followed by cycles or, taken at home, by the renewal of its prescription.
_DRUGS = frozenset({"C15632", "C15262", "C93352"})
_BY_INJECTION = frozenset({"intravenous", "subcutaneous", "intramuscular", "intradermal"})
# Type (national code) → the diagram that follows it; None: nothing is started for it.
TREATMENTS: dict[str, str | None] = {
    SURGERY: "surgery",
    RADIOTHERAPY: "radiotherapy",
    "C15632": "systemic",  # chemotherapy
    "C15262": "systemic",  # immunotherapy
    "C93352": "systemic",  # targeted therapy
    HORMONES: "oral",
    "C15195": "procedure",  # brachytherapy
    "C63334": "procedure",  # interventional radiology
    "C157891": "procedure",  # interventional endoscopy
    "MED-232": "procedure",  # radioiodine
    "MED-126": "procedure",  # transplant
    "424313000": "active_surveillance",
    "MED-226": "active_surveillance",  # surveillance only: the type stays distinct in its data
    "MED-556": None,  # therapeutic window: a pause is declared on the case (X03), it treats nothing
    OTHER: "procedure",  # CAR-T and whatever has no code; a drug, when the plan says its route
}
MODALITIES = frozenset(filter(None, TREATMENTS.values()))
# A line of this intent is what the phase is for, be it a hormone; another one goes on after it.
_HOLDING_LINES = frozenset({"neoadjuvant", "line_1", "line_2", "line_3"})
_MAINTENANCE, _ADJUVANT = "maintenance", "adjuvant"

# Diagram → its datum → the column of the plan it is taken from.
_TAKEN: dict[str, dict[str, str]] = {
    "surgery": {"surgery_planned_date": "planned_start"},
    "radiotherapy": {
        "radiotherapy_planned_date": "planned_start",
        "fractions_planned": "cycles",
        "treatment_line": "line",
    },
    "systemic": {
        "first_cycle_date": "planned_start",
        "cycles_planned": "cycles",
        "protocol": "precision",
        "treatment_line": "line",
        "administration_route": "mode",
    },
    "oral": {
        "oral_start_date": "planned_start",
        "oral_end_date": "planned_end",
        "protocol": "precision",
        "treatment_line": "line",
        "administration_route": "mode",
    },
    "procedure": {"procedure_planned_date": "planned_start", "procedure_name": "precision"},
    "active_surveillance": {},
}


def diagram_of(row: Mapping[str, Any]) -> str | None:
    """By the type of the treatment, then by the way it is given."""
    kind, route = str(row.get("kind") or ""), row.get("mode")
    if kind in _DRUGS or (kind == OTHER and route):
        if route == "oral":
            return "oral"
        return "systemic" if kind in _DRUGS or route in _BY_INJECTION else TREATMENTS[kind]
    return TREATMENTS.get(kind)


def holds_phase(row: Mapping[str, Any]) -> bool:
    """T20: maintenance and adjuvant hormone therapy go on for years after the active phase."""
    line = row.get("line")
    if line == _MAINTENANCE:
        return False
    return row.get("kind") != HORMONES or line in _HOLDING_LINES


def is_assessed(line: Mapping[str, Any]) -> bool:
    """T18: what completes a surgery leaves no disease to measure, nor do hormones of no line."""
    said = line.get("treatment_line")
    if said == _ADJUVANT:
        return False
    return line.get("treatment_kind") != HORMONES or bool(said)


def first_answers(definition: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """What the PPS already says of a treatment, under the names its diagram reads."""
    taken = {
        name: _whole(row[source]) for name, source in _TAKEN[definition].items() if row.get(source)
    }
    identity = {"treatment_kind": row["kind"], "treatment_precision": row.get("precision")}
    return {**{name: value for name, value in identity.items() if value}, **taken}


def is_same(row: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
    """Whether a row of the plan is the one a diagram was started for."""
    return (row.get("kind"), row.get("precision")) == (
        line.get("treatment_kind"),
        line.get("treatment_precision"),
    )


def _whole(value: Any) -> Any:
    """« mars 2026 » is known to a timer as its first day: better prepared early than never."""
    month = isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}", value)
    return f"{value}-01" if month else value
