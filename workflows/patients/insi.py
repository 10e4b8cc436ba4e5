"""INSi, the national service that gives a person's INS: traits in, an answer or its absence out.

Hent asks through this interface alone. What answers behind it is chosen by the region's setting
`insi` (see `retrieving`): nothing is connected unless it says so, and work goes on locally meanwhile
(domain.md §8, A02).
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from engine.errors import Refusal


@dataclass(frozen=True)
class Traits:
    """The traits of an identity as the national reference writes them."""

    birth_name: str
    first_names: str
    birth_date: date
    sex: str
    birth_place_code: str | None = None


@dataclass(frozen=True)
class Answer:
    """« Une identité trouvée »: the number, who gave it, the official traits."""

    ins: str
    oid: str
    traits: Traits


class Insi(Protocol):
    """The national service, or what stands for it."""

    name: str
    is_fake: bool

    def find(self, traits: Traits) -> Answer | None:
        """None: nobody, or several people. InsiUnavailable when it does not answer."""


class InsiUnavailable(Refusal):
    """The service does not answer; nothing was changed, care goes on."""

    status = 503

    def __init__(self, why: str = "Le téléservice INSi ne répond pas.") -> None:
        super().__init__(
            f"{why} L’identité reste comme elle est, et le dossier se poursuit localement\u202f: "
            "réessayez plus tard."
        )


class NotConnected:
    """No service was set up here."""

    name = "INSi"
    is_fake = False

    def find(self, traits: Traits) -> Answer | None:
        raise InsiUnavailable("Le téléservice INSi n’est pas raccordé à cette installation.")
