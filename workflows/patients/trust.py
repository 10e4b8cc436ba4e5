"""A patient comes in; what may be done under this identity, or the sentence that says why not, goes out.

What each attribute forbids (domain.md §8): a doubtful identity leaves for nobody and gains no trust
until it is settled; a fictional one is never looked up, qualified or sent; homonyms are only a
warning. The full INS is for a qualified identity alone.
"""

from sqlalchemy.orm import Session

from engine.errors import Conflict
from workflows.cases.models import Episode
from workflows.patients.ins import InsStatus
from workflows.patients.models import Patient

DOUBTFUL = (
    "L’identité de ce patient est en doute\u202f: rien n’est partagé sous son nom tant que "
    "l’identitovigilance n’a pas tranché. Les soins continuent localement."
)


def may_send_ins(patient: Patient) -> bool:
    """The number in full, with its authority: on documents, to the national record, as a barcode."""
    return (
        patient.ins is not None
        and patient.ins_status == InsStatus.QUALIFIED
        and not patient.is_doubtful
        and not patient.is_fictional
    )


def obstacle_to_sharing(patient: Patient) -> str | None:
    """Why nothing may leave the care team under this name: an RCP, a document, a hand-over."""
    return DOUBTFUL if patient.is_doubtful else None


def obstacle_to_national_record(patient: Patient) -> str | None:
    """Invariant 7: only a qualified INS feeds the patient's national record (DMP)."""
    if may_send_ins(patient):
        return None
    if patient.is_fictional:
        return "Une identité fictive n’alimente pas le DMP."
    return obstacle_to_sharing(patient) or (
        "Le DMP n’est alimenté qu’avec une INS qualifiée\u202f: récupérez l’INS auprès d’INSi, "
        "puis contrôlez une pièce d’identité."
    )


def obstacle_to_trust(patient: Patient) -> str | None:
    """Why this identity may not be looked up at INSi, validated or qualified."""
    if patient.is_doubtful:
        return (
            "L’identité est en doute\u202f: elle reste provisoire, et INSi n’est pas interrogé, "
            "jusqu’à la décision de l’identitovigilance."
        )
    if patient.is_fictional:
        return (
            "Une identité fictive reste provisoire\u202f: elle n’est ni recherchée auprès d’INSi, "
            "ni validée."
        )
    return None


def require_sharing(db: Session, case_id: int) -> None:
    """For verbs by which something leaves; whatever the diagram says."""
    episode = db.get(Episode, case_id)
    if episode is not None and (obstacle := obstacle_to_sharing(episode.patient)):
        raise Conflict(obstacle)
