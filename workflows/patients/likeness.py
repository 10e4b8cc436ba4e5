"""Two identities come in; the signs that they may be one person go out. Never more than signs."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from difflib import SequenceMatcher
from typing import Protocol

from workflows.patients.names import name_key, normalised

LIKENESS = 0.84  # « Le Goff Anne » and « Le Gof Anne » are alike; « Le Goff Jean » is not

SIGNS: dict[str, str] = {
    "same_ins": "même matricule INS",
    "same_name": "mêmes nom et prénom",
    "alike_name": "noms très proches",
    "used_name": "nom utilisé de l’un, nom de naissance de l’autre",
    "same_birth_date": "même date de naissance",
    "swapped_birth_date": "jour et mois de naissance échangés",
    "one_digit": "un chiffre de la date de naissance diffère",
    "same_phone": "même téléphone",
}


class Identity(Protocol):
    """What a comparison reads: a patient, or what was just typed."""

    birth_name: str
    first_names: str
    used_name: str | None
    used_first_name: str | None
    birth_date: date
    ins: str | None
    ins_oid: str | None
    phone: str | None


def signs(one: Identity, other: Identity) -> list[str]:
    """Empty: nobody would take one for the other. Names or birth dates alone prove nothing."""
    if one.ins and (one.ins, one.ins_oid) == (other.ins, other.ins_oid):
        return ["same_ins", *filter(None, (name_sign(one, other), date_sign(one, other)))]
    name, born = name_sign(one, other), date_sign(one, other)
    if not name or not born or (born == "one_digit" and name != "same_name"):
        return []
    phone = ["same_phone"] if one.phone and _digits(one.phone) == _digits(other.phone) else []
    return [name, born, *phone]


def name_sign(one: Identity, other: Identity) -> str | None:
    birth = (_words(one.birth_name, one.first_names), _words(other.birth_name, other.first_names))
    if set(birth[0].split()) == set(birth[1].split()):
        return "same_name"
    if _alike(*birth):
        return "alike_name"
    pairs = ((a, b) for a in keys(one) for b in keys(other))
    return "used_name" if any(_alike(a, b) for a, b in pairs) else None


def date_sign(one: Identity, other: Identity) -> str | None:
    if one.birth_date == other.birth_date:
        return "same_birth_date"
    if other.birth_date in dates_meant(one.birth_date):
        return "swapped_birth_date"
    pairs = zip(f"{one.birth_date:%Y%m%d}", f"{other.birth_date:%Y%m%d}", strict=True)
    return "one_digit" if sum(a != b for a, b in pairs) == 1 else None


def dates_meant(born: date) -> set[date]:
    """The date, and the one somebody meant who typed the month first."""
    found = {born}
    with suppress(ValueError):
        found.add(born.replace(month=born.day, day=born.month))
    return found


def keys(identity: Identity) -> Iterator[str]:
    """Every « name first name » this person answers to, normalised."""
    lasts = dict.fromkeys(filter(None, (identity.birth_name, identity.used_name)))
    firsts = dict.fromkeys(filter(None, (identity.first_names, identity.used_first_name)))
    for last in lasts:
        for first in firsts:
            yield name_key(last, first)


def _words(last: str, first: str) -> str:
    return name_key(last, first)


def _alike(one: str, other: str) -> bool:
    """Near by letters, the same words in another order, or all the words of the shorter one."""
    mine, theirs = set(one.split()), set(other.split())
    shorter, longer = sorted((mine, theirs), key=len)
    if len(shorter) >= 2 and shorter <= longer:
        return True
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= LIKENESS


def _digits(phone: str | None) -> str:
    return normalised(phone or "").replace(" ", "")
