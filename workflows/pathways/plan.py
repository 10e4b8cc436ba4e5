"""PPS and PPAC: prefilled from the RCP, produced, approved, handed over with a date and a person."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine.errors import Conflict, Invalid
from engine.handlers import ServiceStep, handles
from engine.models import InstanceState
from workflows.cases.steps import CompletedForm, Step, effect, guard, never_skip, skipped
from workflows.consent.queries import is_opposed
from workflows.pathways import pps_gaps
from workflows.pathways.modalities import OTHER, PALLIATIVE, SUPPORT, TREATMENTS
from workflows.pathways.reading import day, number, rows, today
from workflows.pathways.surveillance import await_control, next_visit
from workflows.rcp import queries as rcp_queries
from workflows.rcp.correction import corrected
from workflows.records import operations as records
from workflows.records import queries
from workflows.records.models import KIND_LABELS, Record, RecordKind, RecordStatus
from workflows.staff import queries as staff_queries

ALTERNATIVE = "2"  # kept in the sheet; the PPS says what was agreed
NOT_WANTED = "refused"  # of `handover_mode`: offered, and not wanted
# Proposed in an RCP, but no treatment of the PPS: an action of support (codes of forms/value_sets).
_SUPPORT = {SUPPORT: "GEN-092.04.07", PALLIATIVE: "palliative_care"}
_REFUSED = "MED-104"
# Why a new version replaces the former one, unless a person says it (national codes).
_REASONS = {
    "relapse": "263855007",
    "progression": "MED-103",
    "refusal": _REFUSED,
    "stop_treatment": "MED-105",
}
_READJUSTED = "MED-560"
TO_REFER = "referral"  # the level of a need that leads to somebody
# What the nurse evaluated → the support action of the PPS (codes of forms/value_sets).
NEEDS = {
    "need_pain": "ORG-035",
    "need_nutrition": "ORG-036",
    "need_psychological": "psychology",
    "need_social": "social",
    "need_physical_activity": "ORG-175",
    "need_fertility": "MED-051",
    "need_sexuality": "sexuality",
    "need_lifestyle": "ORG-176",
    "need_relatives": "ORG-037",
}


@handles("produce_record")
def produce_record(step: ServiceStep) -> None:
    """The next version of the document named on the diagram, a draft to be approved."""
    kind = RecordKind(step.properties["kind"])
    previous = queries.current(step.db, case_id=step.case.id, kind=kind)
    if kind == RecordKind.PPS:
        tell_what_is_missing(step)
    records.produce_from_case(
        step.db,
        case_id=step.case.id,
        instance_id=step.instance.id,
        kind=kind,
        update_reason=_why(step, first=previous is None),
        actor=step.actor,
        now=step.now,
    )


def tell_what_is_missing(step: ServiceStep) -> None:
    """P05: to whoever completes the PPS, then to whoever approves it."""
    facts = {name: step.get(name) for name in pps_gaps.READ}
    step.set("pps_missing", pps_gaps.said(step.db, step.case.id, facts))


@handles("distribute_record")
def distribute_record(step: ServiceStep) -> None:
    """The version this diagram has produced leaves for its recipients; a draft stays."""
    kind = step.properties["kind"]
    record = queries.of_instance(
        step.db, instance_id=corrected(step.db, step.instance.id), kind=kind
    )
    if record is not None and record.status == RecordStatus.APPROVED:
        records.distribute(step.db, record_id=record.id, actor=step.actor, now=step.now)


@handles("prefill_pps")
def prefill_pps(step: ServiceStep) -> None:
    """What the last RCP proposed replaces what was planned; what is done or under way stays."""
    proposals = last_proposals(step.db, step.case.id)
    kept = [
        row
        for row in rows({"treatments": step.get("treatments")}, "treatments")
        if row.get("status") != "planned" or not proposals
    ]
    wants_other = step.get("patient_decision") == "alternative"
    planned = [
        _as_treatment(row)
        for row in proposals
        if row.get("kind") not in _SUPPORT
        and (row.get("intention_rank") == ALTERNATIVE) == wants_other
    ]
    step.set("treatments", [*kept, *planned])
    stops = step.get("rcp_proposal") == "stop_treatment"
    step.set("treatments_stopped", "yes" if stops else "no")
    step.set("treatments_stopped_date", today(step.now).isoformat() if stops else None)
    step.set("support_actions", _with_needs(step, proposals))
    tell_what_is_missing(step)


@guard("hand_over_pps")
@guard("hand_over_ppac")
@guard("hand_over_reissue")
def require_date_and_person(db: Session, step: CompletedForm) -> None:
    """Invariant 5: handing over is a date and a person, not a PDF."""
    missing = {
        name: "Obligatoire."
        for name in (_date_name(step), "handed_over_by")
        if not step.answers.get(name)
    }
    if missing:
        raise Invalid(
            "Un document n’est remis qu’avec une date de remise et le nom de la personne qui "
            "le remet.",
            missing,
        )


@guard("hand_over_pps")
@guard("hand_over_ppac")
def tell_a_refusal_apart(db: Session, step: CompletedForm) -> None:
    """Offered and not wanted: the day is kept under its own name, and dates no handing over."""
    if step.answers.get("handover_mode") == NOT_WANTED:
        step.answers["handover_refusal_date"] = step.answers.pop(_date_name(step))


def _approving(kind: RecordKind) -> Step:
    def approve(db: Session, step: CompletedForm) -> None:
        if step.answers.get("correction_requested") is True:
            return  # back to whoever completes it
        step.answers["correction_requested"] = False  # what was asked of a draft before is past
        record = _record(db, step, kind)
        records.approve(db, record_id=record.id, actor=step.actor, now=step.now)

    return approve


def _handing_over(kind: RecordKind) -> Step:
    def hand_over(db: Session, step: CompletedForm) -> None:
        record = _record(db, step, kind)
        not_before = _not_before(db, record) if kind == RecordKind.PPS else None
        if step.answers.get("handover_mode") == NOT_WANTED:
            records.refuse_handover(
                db,
                record_id=record.id,
                offered_date=day(step.answers.get("handover_refusal_date")),
                offered_by=_person(db, step.answers.get("handed_over_by")),
                reason=str(step.answers.get("handover_refusal_reason") or ""),
                not_before=not_before,
                date_field=_date_name(step),
                actor=step.actor,
                now=step.now,
            )
            return
        records.hand_over(
            db,
            record_id=record.id,
            handed_over_date=day(step.answers.get(_date_name(step))),
            handed_over_by=_person(db, step.answers.get("handed_over_by")),
            mode=step.answers.get("handover_mode"),
            not_before=not_before,
            date_field=_date_name(step),
            actor=step.actor,
            now=step.now,
        )

    return hand_over


never_skip("approve_pps", "approve_ppac")  # a draft is never handed over: the form says what then
effect("approve_pps")(_approving(RecordKind.PPS))
effect("approve_ppac")(_approving(RecordKind.PPAC))
effect("hand_over_pps")(_handing_over(RecordKind.PPS))
effect("hand_over_ppac")(_handing_over(RecordKind.PPAC))


@skipped("hand_over_ppac")
@effect("hand_over_ppac")
def plan_first_control(db: Session, step: CompletedForm) -> None:
    """Surveillance begins with the nearest visit of its calendar that is still to come.

    A PPAC handed over after its first visits leads to the second ones (every two months, VADS). A
    date that is past is that of the surveillance before a relapse: it calls nobody.
    """
    step.answers["ppac_in_force"] = True
    case, since = engine_queries.case_data(db, step.case.id), today(step.now)
    plan = rows(case, "surveillance_plan")
    coming = [found for row in plan if (found := next_visit(row, since))]
    said = day(case.get("next_control_date"))
    if coming and (said is None or said < since):
        await_control(db, step, min(coming))


def _with_needs(step: ServiceStep, proposals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the nurse and the RCP send to somebody, beside what was already planned."""
    actions = rows({"support_actions": step.get("support_actions")}, "support_actions")
    already = {row.get("kind") for row in actions}
    wanted = [kind for need, kind in NEEDS.items() if step.get(need) == TO_REFER]
    wanted += [_SUPPORT[row["kind"]] for row in proposals if row.get("kind") in _SUPPORT]
    return actions + [
        {"kind": kind, "status": "planned"}
        for kind in dict.fromkeys(wanted)
        if kind not in already
    ]


def _as_treatment(proposal: dict[str, Any]) -> dict[str, Any]:
    kind = proposal.get("kind")
    row = {
        "kind": kind if kind in TREATMENTS else OTHER,
        "precision": proposal.get("precision"),
        "planned_start": proposal.get("earliest"),
    }
    return {name: value for name, value in row.items() if value} | {"status": "planned"}


def _why(step: ServiceStep, *, first: bool) -> str | None:
    """Why this version differs from the one before; a first one says only what was refused."""
    reason = step.get("pps_update_reason") or _REASONS.get(step.get("rcp_reason"))
    if first:
        return _REFUSED if reason == _REFUSED else None
    return str(reason or _READJUSTED)


def update_reason(rcp_reason: str | None) -> str:
    """Why the PPS changes after an RCP held for that reason (national codes)."""
    return _REASONS.get(str(rcp_reason), _READJUSTED)


def _record(db: Session, step: CompletedForm, kind: RecordKind) -> Record:
    found = queries.of_instance(db, instance_id=step.task.instance_id, kind=kind)
    if found is None:
        raise Conflict(f"«\u202f{KIND_LABELS[kind]}\u202f» n’est pas encore établi.")
    return found


def _date_name(step: CompletedForm) -> str:
    return f"{step.task.form.removeprefix('hand_over_')}_handover_date"


def _person(db: Session, value: Any) -> str | None:
    """A colleague's name, or what was typed for somebody without an account."""
    user_id = number(value)
    return staff_queries.user(db, user_id).display_name if user_id else value or None


def _not_before(db: Session, record: Record) -> date | None:
    """A first PPS follows the RCP that decided it: the last one held before it was written.

    Only after an emergency (X10) may it come before any RCP.
    """
    first = not any(one.handed_over_date for one in queries.versions(db, record.set_id))
    data = engine_queries.case_data(db, record.case_id)
    if not first or data.get("emergency_date") or is_opposed(data):
        return None
    held = [
        one.session.starts_at
        for one in rcp_queries.registrations_of_case(db, record.case_id)
        if one.state in rcp_queries.DECIDED and one.session.starts_at <= record.produced_at
    ]
    if not held:
        raise Invalid(
            "Aucune RCP n’a encore rendu d’avis\u202f: le PPS se remet après elle. En urgence, "
            "déclarez d’abord le traitement en urgence depuis la page du dossier."
        )
    return today(max(held))


def last_proposals(db: Session, case_id: int) -> list[dict[str, Any]]:
    """Those of the last RCP that came to a decision."""
    for instance in reversed(engine_queries.instances(db, case_id)):
        if instance.definition == "rcp" and instance.state == InstanceState.COMPLETED:
            found = rows(engine_queries.instance_data(db, instance.id), "proposals")
            if found:
                return found
    return []
