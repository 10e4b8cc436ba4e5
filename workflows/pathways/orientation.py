"""A case that looks for its RCP comes in; which RCP the law asks for, and why, goes out.

The rows are in `rcp_orientation.dmn` (domain §3.1): under 18 a paediatric RCP, complex surgery an
expert one, a rare cancer that of its network; what stops a treatment or follows an emergency is
discussed. Another RCP may be chosen with a reason, which the answer and the audit keep (invariant 10).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine.errors import Invalid
from engine.models import Instance
from engine.releases import release
from workflows.cases.steps import CompletedForm, guard, write_down
from workflows.pathways.reading import known, number
from workflows.rcp import queries
from workflows.rcp.models import Rcp

MANDATORY = "mandatory"
DISCUSSED = "discussed"
REASON = "rcp_choice_reason"


@dataclass(frozen=True)
class Orientation:
    """One row that fits: the kind of RCP, whether the law asks for it, the sentence people read."""

    rcp_type: str
    is_mandatory: bool
    advice: str


def orientations(db: Session, *, instance_id: int, facts: Mapping[str, Any]) -> list[Orientation]:
    """Every row of the table that fits; none when the revision has no such table."""
    instance = db.get_one(Instance, instance_id)
    decision = release(db, instance.revision_id).decisions.get("rcp_orientation")
    if decision is None:
        return []
    values = decision.evaluate(facts).values
    found = zip(values["rcp_type"], values["obligation"], values["rcp_advice"], strict=True)
    return [
        Orientation(str(kind), obligation == MANDATORY, str(text))
        for kind, obligation, text in found
    ]


def rcp_advice(db: Session, *, instance_id: int) -> list[str]:
    """Sentences for whoever chooses the RCP, what is mandatory first."""
    facts = engine_queries.instance_data(db, instance_id)
    found = orientations(db, instance_id=instance_id, facts=facts)
    return [one.advice for one in sorted(found, key=lambda one: not one.is_mandatory)]


@guard("choose_rcp")
def require_the_right_rcp(db: Session, step: CompletedForm) -> None:
    chosen = _chosen(db, step)
    if chosen is None:
        return
    missed = [
        one
        for one in orientations(db, instance_id=step.task.instance_id, facts=known(db, step))
        if one.is_mandatory and not suits(chosen, one.rcp_type)
    ]
    if not missed:
        return
    reason = str(step.answers.get(REASON) or "").strip()
    if not reason:
        raise Invalid(
            f"{missed[0].advice} Choisissez une autre RCP, ou dites pourquoi celle-ci convient.",
            {"rcp_id": missed[0].advice, REASON: "Raison attendue pour garder cette RCP."},
        )
    rules = [one.rcp_type for one in missed]
    write_down(db, step, "rcp.choice_overridden", rcp=chosen.code, rules=rules, reason=reason)


@guard("register_for_rcp")
def require_a_discussion(db: Session, step: CompletedForm) -> None:
    """Stopping treatment, or an emergency already treated, is discussed, never only registered."""
    if step.answers.get("case_status") != "registered":
        return
    for one in orientations(db, instance_id=step.task.instance_id, facts=known(db, step)):
        if one.is_mandatory and one.rcp_type == DISCUSSED:
            raise Invalid(
                f"{one.advice} Choisissez «\u202fDiscuté\u202f».",
                {"case_status": "Ce cas se discute."},
            )


def suits(chosen: Rcp, rcp_type: str) -> bool:
    """What the directory can tell of an RCP; double expertise is a matter of who gives an opinion."""
    return {
        "paediatric": chosen.is_paediatric or chosen.kind == "paediatric",
        "expert": chosen.is_expert or chosen.kind == "expert",
        "rare": chosen.is_expert or chosen.kind == "rare",
    }.get(rcp_type, True)


def _chosen(db: Session, step: CompletedForm) -> Rcp | None:
    session_id = number(step.answers.get("rcp_session_id"))
    return queries.session(db, session_id).rcp if session_id else None
