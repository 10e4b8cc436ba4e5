"""A password comes in; an argon2 hash, or whether it is the right one, goes out."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import Invalid

_hasher = PasswordHasher()  # argon2id, parameters of RFC 9106 for small memory
_NOBODY = _hasher.hash("nobody has this password")
SHORTEST = 12


def hashed(password: str) -> str:
    return _hasher.hash(password)


def require_strong(password: str) -> None:
    """Long, and not one sign over and over: length counts, mixtures of signs do not (CNIL, 2022)."""
    if len(password) < SHORTEST or len(set(password)) < 5:
        raise Invalid(
            f"Le mot de passe a au moins {SHORTEST} caractères, pas toujours les mêmes\u202f: "
            "quelques mots sans rapport entre eux conviennent.",
            {"password": f"{SHORTEST} caractères au moins."},
        )


def matches(known: str | None, password: str) -> bool:
    """As slow for an unknown account as for a known one: time says nothing of who exists."""
    try:
        return _hasher.verify(known or _NOBODY, password) and known is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(known: str) -> bool:
    return _hasher.check_needs_rehash(known)
