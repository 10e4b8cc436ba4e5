"""INS: a number and the authority that gave it in, whether it may be what it claims out."""

import re
from enum import StrEnum

NIR_OID = "1.2.250.1.213.1.4.8"
NIA_OID = "1.2.250.1.213.1.4.9"
TEST_OID = "1.2.250.1.213.1.4.10"
DEMONSTRATION_OID = "1.2.250.1.213.1.4.11"
OIDS = frozenset({NIR_OID, NIA_OID, TEST_OID, DEMONSTRATION_OID})

# Corsican departments carry a letter; the key is computed with these digits in its place.
_CORSICA = {"2A": "19", "2B": "18"}
_SHAPE = re.compile(r"[1-478]\d{4}(?:\d\d|2[AB])\d{6}")


class InsStatus(StrEnum):
    """The four degrees of trust of the national identity framework."""

    PROVISIONAL = "provisional"
    RETRIEVED = "retrieved"
    VALIDATED = "validated"
    QUALIFIED = "qualified"


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
