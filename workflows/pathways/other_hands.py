"""Who else than its lane does a step: the second role of domain §11, whom the calendar names."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine.errors import Invalid
from engine.models import Task
from workflows.cases.doers import also_offered
from workflows.cases.steps import CompletedForm, guard
from workflows.pathways.reading import day, rows
from workflows.pathways.surveillance import visits

# Who does the visit (`surveillance_actor`) → their role in the care team.
ROLE_OF = {
    "specialist": "referring_physician",
    "surgeon": "surgeon",
    "radiation_oncologist": "radiation_oncologist",
    "gp": "general_practitioner",
    "alternating": "general_practitioner",
}
# Rows of §11 that name two roles: the lane is the first one's, the other may do it as well.
SECOND_ROLES: dict[str, frozenset[str]] = {
    "inform_patient": frozenset({"idec"}),  # A03 MED/IDE
    "hand_over_pps": frozenset({"idec"}),  # P09 MED (ou IDE par délégation)
    "plan_appointments": frozenset({"idec"}),  # P11 SEC/IDEC
    "plan_surgery": frozenset({"secretary"}),  # T02 CHIR/SEC
    "end_of_treatment_visit": frozenset({"idec"}),  # F02 ONCO/IDEC
    "agree_with_gp": frozenset({"oncologist"}),  # F04 ONCO, MT
    "prescribe_global_pathway": frozenset({"general_practitioner"}),  # F05 ONCO/MT
    "hand_over_ppac": frozenset({"general_practitioner"}),  # F06 ONCO (MT)
    "revise_ppac": frozenset({"oncologist", "general_practitioner"}),  # F13 ONCO/MT
}
AROUND = 30  # days: a visit is due thirty days before or after its date (F09)
# Motives that change dates or addresses, no care (P13: « calendrier/administratif: IDEC seule »).
NO_CARE = frozenset({"GEN-175", "GEN-176"})
_CARE = ("kind", "precision", "route")


@also_offered("record_control")
def whom_the_calendar_names(db: Session, task: Task) -> set[str]:
    """F08: the visit is also theirs whom the PPAC names for it."""
    values = engine_queries.instance_data(db, task.instance_id)
    due = day(values.get("next_control_date"))
    if due is None:
        return set()
    distances = [
        (away, ROLE_OF[line["actor"]])
        for line in rows(values, "surveillance_plan")
        if line.get("actor") in ROLE_OF and (away := _days_away(line, due)) <= AROUND
    ]
    nearest = min(distances, default=(0, ""))[0]
    return {role for away, role in distances if away == nearest}


def the_second_role(_db: Session, task: Task) -> frozenset[str]:
    return SECOND_ROLES[task.form]


for _form in SECOND_ROLES:
    also_offered(_form)(the_second_role)


@also_offered("revise_pps")
def a_physician_for_care(db: Session, task: Task) -> set[str]:
    """P13 MED/IDEC; « calendrier/administratif: IDEC seule »."""
    values = engine_queries.instance_data(db, task.instance_id)
    return set() if values.get("pps_update_reason") in NO_CARE else {"referring_physician"}


@also_offered("approve_pps")
def the_nurse_for_a_date(db: Session, task: Task) -> set[str]:
    values = engine_queries.instance_data(db, task.instance_id)
    is_hers = task.definition == "pps_update" and values.get("pps_update_reason") in NO_CARE
    return {"idec"} if is_hers else set()


@guard("revise_pps", undoable=True)
def keep_care_out_of_a_calendar(db: Session, step: CompletedForm) -> None:
    """A treatment that changes has its own motive: a physician reads that version."""
    if step.answers.get("pps_update_reason") not in NO_CARE:
        return
    before = engine_queries.case_data(db, step.case.id)
    changed = [
        name
        for name in ("treatments", "treatments_stopped")
        if name in step.answers and _care(before, name) != _care(step.answers, name)
    ]
    if changed:
        raise Invalid(
            "Cette mise à jour change les traitements\u202f: choisissez le motif «\u202fRéajustement "
            "du traitement et du suivi\u202f», ou laissez les traitements tels quels.",
            {"pps_update_reason": "Ce motif ne change que des dates ou des coordonnées."},
        )


def _care(values: Mapping[str, Any], name: str) -> Any:
    """What is given, whatever its dates; whether everything is stopped."""
    if name == "treatments_stopped":
        return values.get(name) in (True, "yes")
    return sorted(
        tuple(str(row.get(column) or "") for column in _CARE) for row in rows(values, name)
    )


def _days_away(line: Mapping[str, Any], due: date) -> int:
    """From that date to the nearest one of this line; more than AROUND is as good as none."""
    nearest = AROUND + 1
    for on in visits(line):
        nearest = min(nearest, abs((due - on).days))
        if on >= due:
            break
    return nearest
