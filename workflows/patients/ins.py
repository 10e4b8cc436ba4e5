"""INS: a number and the authority that gave it in, whether it may be what it claims out.

Sources: domain.md §8 (statuses, attributes), the national reference of identitovigilance.
"""

import re
from datetime import date
from enum import StrEnum

NIR_OID = "1.2.250.1.213.1.4.8"
NIA_OID = "1.2.250.1.213.1.4.9"
TEST_OID = "1.2.250.1.213.1.4.10"
DEMONSTRATION_OID = "1.2.250.1.213.1.4.11"
AUTHORITIES: dict[str, str] = {
    NIR_OID: "NIR",
    NIA_OID: "NIA, identifiant d’attente",
    TEST_OID: "Autorité de test",
    DEMONSTRATION_OID: "Autorité de démonstration",
}
OIDS = frozenset(AUTHORITIES)

# Corsican departments carry a letter; the key is computed with these digits in its place.
_CORSICA = {"2A": "19", "2B": "18"}
# Sex, year, month (20 and above: not known or not of this calendar), department, commune, order.
_SHAPE = re.compile(r"[1-478]\d\d(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d\d|2[AB])\d{6}")


class InsStatus(StrEnum):
    """The four degrees of trust of the national identity framework."""

    PROVISIONAL = "provisional"
    RETRIEVED = "retrieved"
    VALIDATED = "validated"
    QUALIFIED = "qualified"


STATUS_LABELS: dict[str, str] = {
    InsStatus.PROVISIONAL: "Provisoire",
    InsStatus.RETRIEVED: "Récupérée",
    InsStatus.VALIDATED: "Validée",
    InsStatus.QUALIFIED: "Qualifiée",
}
# Two proofs, in either order: the national service answered, a document was seen. Trust is lost
# at any time; it is never gained by leaving one of them out.
TRANSITIONS: dict[InsStatus, frozenset[InsStatus]] = {
    InsStatus.PROVISIONAL: frozenset({InsStatus.RETRIEVED, InsStatus.VALIDATED}),
    InsStatus.RETRIEVED: frozenset({InsStatus.QUALIFIED, InsStatus.PROVISIONAL}),
    InsStatus.VALIDATED: frozenset({InsStatus.QUALIFIED, InsStatus.PROVISIONAL}),
    InsStatus.QUALIFIED: frozenset(
        {InsStatus.RETRIEVED, InsStatus.VALIDATED, InsStatus.PROVISIONAL}
    ),
}
WITH_INS = frozenset({InsStatus.RETRIEVED, InsStatus.QUALIFIED})
# What each proof adds to what was known.
ONCE_RETRIEVED: dict[str, InsStatus] = {
    InsStatus.PROVISIONAL: InsStatus.RETRIEVED,
    InsStatus.RETRIEVED: InsStatus.RETRIEVED,
    InsStatus.VALIDATED: InsStatus.QUALIFIED,
    InsStatus.QUALIFIED: InsStatus.QUALIFIED,
}
ONCE_SEEN: dict[str, InsStatus] = {
    InsStatus.PROVISIONAL: InsStatus.VALIDATED,
    InsStatus.RETRIEVED: InsStatus.QUALIFIED,
}


def may_become(status: str, wanted: str) -> bool:
    """Whether one step leads there; staying where one is always does."""
    return status == wanted or InsStatus(wanted) in TRANSITIONS[InsStatus(status)]


def compact(number: str) -> str:
    """The number without the spaces people type in it."""
    return "".join(number.split()).upper()


def key_of(number: str) -> str | None:
    """The two check digits of a 13-character number, None when it is not one."""
    number = compact(number)
    if not _SHAPE.fullmatch(number):
        return None
    department = number[5:7]
    digits = number[:5] + _CORSICA.get(department, department) + number[7:]
    return f"{97 - int(digits) % 97:02d}"


def is_valid(number: str, oid: str) -> bool:
    """True for 15 characters whose key is right, under a known authority."""
    number = compact(number)
    return oid in OIDS and len(number) == 15 and key_of(number[:13]) == number[13:]


def disagreements(number: str, *, sex: str, birth_date: date) -> list[str]:
    """What the number says otherwise than the traits: a reason to look twice, never a refusal.

    A number keeps the sex and the date it was given with, even once they were corrected.
    """
    found = []
    if number[0] in "12" and sex in "FM" and number[0] != ("2" if sex == "F" else "1"):
        found.append("le sexe")
    if number[1:3] != f"{birth_date:%y}":
        found.append("l’année de naissance")
    if number[3:5] <= "12" and number[3:5] != f"{birth_date:%m}":
        found.append("le mois de naissance")
    return found
