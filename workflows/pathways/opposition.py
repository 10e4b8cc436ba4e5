"""The patient objects to sharing: RCPs and mailings stop, care goes on; taken back, all comes back.

Domain §11 X08, §8: an opposition acts on what follows; what was done and logged stays.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.errors import Invalid
from engine.handlers import ServiceStep, handles, hook
from engine.models import Case, Instance, Task
from workflows.cases.steps import CompletedForm, effect, guard, require_answers
from workflows.consent.operations import let_rcps_read
from workflows.consent.queries import is_opposed
from workflows.pathways.reading import refuse_future
from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import RegistrationState

RCP = "rcp"
INTERRUPTED = "rcp_interrupted"
REASON = "Opposition du patient au partage de son dossier."
_PENDING = (*rcp_queries.WAITING, RegistrationState.NOT_DISCUSSED)
# What the patient objects to → the datum that says so, and what it says when opposed, when not.
SCOPES: dict[str, tuple[str, Any, Any]] = {
    "sharing": ("sharing_opposition", True, False),
    "gp": ("gp_sharing", "refused", "accepted"),
    "dmp": ("dmp_opposition", True, False),
    "secondary_use": ("secondary_use", "refused", "accepted"),
}

require_answers("record_opposition", {"opposition_scope": "Dites à quoi le patient s’oppose."})
require_answers(
    "withdraw_opposition", {"withdrawal_scope": "Dites ce que le patient accepte de nouveau."}
)


@guard("record_opposition")
def require_dated_opposition(db: Session, step: CompletedForm) -> None:
    _require_whom_and_when(step, "opposition_date", "opposition_by")


@guard("withdraw_opposition")
def require_dated_withdrawal(db: Session, step: CompletedForm) -> None:
    _require_whom_and_when(step, "withdrawal_date", "withdrawal_by")
    unopposed = set(step.answers["withdrawal_scope"]) - set(_opposed_scopes(db, step.case.id))
    if unopposed:
        raise Invalid(
            "Le patient ne s’oppose pas à tout ce qui est coché\u202f: ne cochez que ce qu’il "
            "accepte de nouveau.",
            {"withdrawal_scope": "Contient un choix sans opposition."},
        )


@guard("postpone")
def refuse_another_session(db: Session, step: CompletedForm) -> None:
    """Invariant 1: a case heard before the opposition is not inscribed again after it."""
    wanted = step.answers.get("postponement") != "cancelled"
    if wanted and is_opposed(engine_queries.case_data(db, step.case.id)):
        raise Invalid(
            "Le patient s’oppose au partage de son dossier : il ne s’inscrit à aucune autre "
            "séance. Annulez l’inscription.",
            {"postponement": "Annulation attendue."},
        )


@handles("stop_sharing")
def stop_sharing(step: ServiceStep) -> None:
    scopes = step.get("opposition_scope") or []
    _say(step, scopes, opposed=True)
    if "sharing" not in scopes:
        return
    _withdraw_all(step.db, step.case.id, actor=step.actor, now=step.now)
    let_rcps_read(step.db, case_id=step.case.id, opposed=True, actor=step.actor, now=step.now)


@handles("restore_sharing")
def restore_sharing(step: ServiceStep) -> None:
    """What comes back is the right to share; an RCP is asked for anew when somebody wants one."""
    scopes = step.get("withdrawal_scope") or []
    _say(step, scopes, opposed=False)
    if "sharing" in scopes:
        let_rcps_read(step.db, case_id=step.case.id, opposed=False, actor=step.actor, now=step.now)


@effect("inform_patient")
def stop_what_was_asked_before(db: Session, step: CompletedForm) -> None:
    """Treated in an emergency, the patient is informed while an RCP is being prepared."""
    if is_opposed(step.answers):
        _withdraw_all(db, step.case.id, actor=step.actor, now=step.now)


@hook("task_opened")
def withdraw_later_rcp(db: Session, case: Case, task: Task, now: datetime) -> None:
    """A diagram that asks for an RCP while the patient objects would wait for ever."""
    if task.form == "choose_rcp" and is_opposed(engine_queries.case_data(db, case.id)):
        _withdraw(db, db.get_one(Instance, task.instance_id), actor="system", now=now)


def _withdraw_all(db: Session, case_id: int, *, actor: str, now: datetime) -> None:
    for instance in engine_queries.instances(db, case_id, running=True):
        if instance.definition == RCP:
            _withdraw(db, instance, actor=actor, now=now)


def _withdraw(db: Session, instance: Instance, *, actor: str, now: datetime) -> None:
    """Cancel the inscription and stop its diagram; an opinion already given is still written up.

    Who called it takes the way of its own for this, or goes on without an opinion.
    """
    registration = rcp_queries.registration_of(db, instance.id)
    if registration is not None and registration.state in rcp_queries.DECIDED:
        return
    if registration is not None and registration.state in _PENDING:
        rcp.cancel(db, registration_id=registration.id, reason="opposition", actor=actor, now=now)
    if instance.parent_id is None:
        runtime.cancel_instance(db, instance_id=instance.id, reason=REASON, actor=actor, now=now)
    elif not engine_queries.is_awaited(db, INTERRUPTED, instance_id=instance.parent_id):
        runtime.cancel_instance(
            db, instance_id=instance.id, reason=REASON, actor=actor, now=now, leaves=True
        )
    else:
        runtime.send_message(
            db,
            name=INTERRUPTED,
            case_id=instance.case_id,
            instance_id=instance.parent_id,
            actor=actor,
            now=now,
        )


def _say(step: ServiceStep, scopes: Collection[str], *, opposed: bool) -> None:
    """The data every guard and every mailing reads, and the list of what is still opposed."""
    before = _opposed_scopes(step.db, step.case.id)
    for scope in scopes:
        name, yes, no = SCOPES[scope]
        step.set(name, yes if opposed else no)
    still = set(before) | set(scopes) if opposed else set(before) - set(scopes)
    step.set("opposition_scope", [scope for scope in SCOPES if scope in still])


def _opposed_scopes(db: Session, case_id: int) -> list[str]:
    data = engine_queries.case_data(db, case_id)
    return [
        scope
        for scope, (name, opposed, _not) in SCOPES.items()
        if data.get(name) == opposed or (scope == "sharing" and is_opposed(data))
    ]


def _require_whom_and_when(step: CompletedForm, when: str, whom: str) -> None:
    missing = {name: "Obligatoire." for name in (when, whom) if not step.answers.get(name)}
    if missing:
        raise Invalid(
            "Une opposition se trace avec sa date et la personne qui l’exprime.", missing
        )
    refuse_future(step, when, "Cette date est dans le futur.")
