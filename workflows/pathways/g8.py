"""What the identity says of the G8 comes in as an age; its item, which nobody types again, goes out."""

from collections.abc import Mapping
from typing import Any


def g8_from_age(years: int) -> str:
    """The points of the item « Âge »: above 85, 80 to 85, under 80 (domain §9, S21)."""
    return "0" if years > 85 else "1" if years >= 80 else "2"


def known_items(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Empty as long as the identity was not checked."""
    years = facts.get("patient_age")
    return {} if years is None else {"g8_age": g8_from_age(int(years))}
