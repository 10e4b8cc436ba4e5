"""What is known of a tumour comes in; the stages usual for its site go out, to be offered first.

Domain §9: values depend on the site and the UICC edition. They are suggestions: every value of
the list can be chosen, none has to be, and a blood disease is led to its own classification.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine.models import Instance
from engine.releases import release

# Output of the table → the data whose list it orders.
_DATA = {
    "usual_staging_system": ("staging_system",),
    "usual_classification_name": ("classification_name",),
    "usual_tnm_t": ("clinical_t", "pathological_t"),
    "usual_tnm_n": ("clinical_n", "pathological_n"),
    "usual_tnm_m": ("clinical_m", "pathological_m"),
    "usual_stage": ("stage",),
}


def usual_values(
    db: Session, *, instance_id: int, facts: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    """Datum → codes to offer first; nothing for a site the table does not know."""
    instance = db.get_one(Instance, instance_id)
    decision = release(db, instance.revision_id).decisions.get("tnm_suggestions")
    if decision is None or not facts.get("topography"):
        return {}
    values = decision.evaluate(facts).values
    return {
        name: tuple(str(values[output]).split())
        for output, names in _DATA.items()
        if values.get(output)
        for name in names
    }
