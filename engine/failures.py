"""What a worker ran into comes in; its cause in words and who can do something about it go out."""

import traceback
from dataclasses import dataclass
from pathlib import Path

from engine.errors import Refusal
from engine.models import Blame

BROKEN_SERVER = 500


@dataclass(frozen=True)
class Failure:
    cause: str
    blame: Blame


INTERRUPTED = Failure(
    "Le serveur s’est arrêté pendant chaque essai\u202f: ce travail en est peut-être la cause.",
    Blame.SYSTEM,
)
TOO_LONG = Failure(
    "Ce travail n’en finissait pas\u202f: il a été arrêté pour ne pas retenir les autres.",
    Blame.SYSTEM,
)


def failure_of(error: Exception) -> Failure:
    """A refusal speaks for itself; of a bug only the kind and the place are kept.

    Its message may hold what a patient said: never shown, never kept.
    """
    if isinstance(error, Refusal):
        blame = Blame.SYSTEM if error.status >= BROKEN_SERVER else Blame.DIAGRAM
        return Failure(error.message, blame)
    frames = traceback.extract_tb(error.__traceback__)
    where = f", {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return Failure(f"Erreur inattendue ({type(error).__name__}{where}).", Blame.SYSTEM)
