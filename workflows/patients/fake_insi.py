"""A FAKE of INSi, for the demonstration and the tests: it knows nobody, it makes numbers up.

Its numbers are those of the test authority. The same traits get the same number, those that
somebody here has already keep theirs: one person entered twice is found out, as with the real one.
It stands in only where the setting `insi` says « fake », and every screen that shows it says so.
"""

from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.patients import ins
from workflows.patients.insi import Answer, InsiUnavailable, Traits
from workflows.patients.models import Patient
from workflows.patients.names import name_key, normalised

# Birth names by which the demonstration shows what the real service may answer.
NOBODY, SILENT = "inconnu", "panne"


class FakeInsi:
    name = "INSi simulé"
    is_fake = True

    def __init__(self, db: Session) -> None:
        self._db = db

    def find(self, traits: Traits) -> Answer | None:
        words = normalised(traits.birth_name).split()
        if SILENT in words:
            raise InsiUnavailable
        if NOBODY in words:
            return None
        return Answer(self._known(traits) or made_up(traits), ins.TEST_OID, traits)

    def _known(self, traits: Traits) -> str | None:
        return self._db.scalar(
            sa.select(Patient.ins).where(
                Patient.ins.is_not(None),
                Patient.ins_oid == ins.TEST_OID,
                Patient.birth_date == traits.birth_date,
                Patient.sex == traits.sex,
                Patient.name_key == name_key(traits.birth_name, traits.first_names),
            )
        )


def made_up(traits: Traits) -> str:
    """A commune that does not exist (29 900 to 29 998), an order drawn from the traits."""
    seed = f"{name_key(traits.birth_name, traits.first_names)} {traits.birth_date} {traits.sex}"
    drawn = int(sha256(seed.encode()).hexdigest(), 16)
    place, order = 900 + drawn % 99, 1 + drawn // 99 % 999
    sex = "2" if traits.sex == "F" else "1"
    number = f"{sex}{traits.birth_date:%y%m}29{place}{order:03d}"
    return f"{number}{ins.key_of(number)}"
