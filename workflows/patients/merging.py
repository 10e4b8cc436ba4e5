"""Two identities of one person come in, with a choice for each trait and a reason; one goes on.

Always a person's decision (domain.md §8). Nothing is lost: the absorbed row stays and leads to the
other one, what each was is kept word for word, and the merge can be undone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid
from workflows.access import require
from workflows.cases.models import Episode
from workflows.patients import doubles, doubts, history, queries
from workflows.patients.aftermath import follow
from workflows.patients.comparing import CHOICES, log, obstacle, pair
from workflows.patients.ins import InsStatus
from workflows.patients.models import Decision, Patient, PatientMerge
from workflows.patients.operations import STRICT, spread_name
from workflows.patients.unmerging import move_case
from workflows.records.models import Record
from workflows.records.reissuing import Reissued
from workflows.roles import Permission
from workflows.staff.models import User

SURVIVOR, ABSORBED = "survivor", "absorbed"


@dataclass
class Outcome:
    merge: PatientMerge
    reissued: Reissued = field(default_factory=Reissued)


def merge(
    db: Session,
    *,
    survivor_id: int,
    absorbed_id: int,
    choices: Mapping[str, str],
    reason: str,
    user: User,
    now: datetime,
) -> Outcome:
    """In one transaction: traits chosen, cases moved, doubts settled, documents made again."""
    require(db, user, Permission.MANAGE_IDENTITIES)
    survivor, absorbed = pair(db, survivor_id, absorbed_id, lock=True)
    reason = doubts.sentence(reason)
    if said := obstacle(db, survivor, absorbed):
        raise Conflict(said)
    _complete(survivor, absorbed, choices)
    before = history.snapshot(survivor), history.snapshot(absorbed)
    _choose(db, survivor, absorbed, choices)
    case_ids = _move_cases(db, absorbed, survivor, actor=user.actor, now=now)
    db.flush()
    spread_name(db, survivor)
    row = PatientMerge(
        survivor_id=survivor.id,
        absorbed_id=absorbed.id,
        merged_at=now,
        actor=user.actor,
        reason=reason,
        survivor_before=before[0],
        absorbed_before=before[1],
        survivor_after=history.snapshot(survivor),
        case_ids=case_ids,
    )
    db.add(row)
    for patient, was in ((survivor, before[0]), (absorbed, before[1])):
        history.note(db, patient, "merged", was, actor=user.actor, now=now, reason=reason)
        log(db, patient, "patient.merged", user.actor, now, into=survivor.id)
    doubles.decide(
        db,
        ids=(survivor.id, absorbed.id),
        decision=Decision.MERGED,
        reason=reason,
        actor=user.actor,
        now=now,
    )
    _settle(db, survivor, absorbed, reason=reason, actor=user.actor, now=now)
    doubles.note_pairs(db, survivor, now=now)
    return Outcome(row, follow(db, survivor, before[0], actor=user.actor, now=now))


@dataclass(frozen=True)
class Preview:
    """What the merge would do, found by doing it and taking it back."""

    traits: Mapping[str, Any]
    moved: Sequence[int]  # cases
    again: Sequence[tuple[str, int, int]]  # documents made again: title, new version, case
    waiting: Sequence[tuple[str, int, int]]  # their revision cannot
    is_settled: bool  # a doubt ends with it


def rehearse(
    db: Session,
    *,
    survivor_id: int,
    absorbed_id: int,
    choices: Mapping[str, str],
    reason: str,
    user: User,
    now: datetime,
) -> Preview:
    """The same refusals and the same effects as the merge, and nothing of it stays."""
    in_doubt = any(doubts.open_doubt(db, one) for one in (survivor_id, absorbed_id))
    with db.begin_nested() as point:
        outcome = merge(
            db,
            survivor_id=survivor_id,
            absorbed_id=absorbed_id,
            choices=choices,
            reason=reason,
            user=user,
            now=now,
        )
        preview = Preview(
            traits=history.snapshot(queries.patient(db, survivor_id)),
            moved=list(outcome.merge.case_ids),
            again=[_document(one) for one in outcome.reissued.made],
            waiting=[_document(one) for one in outcome.reissued.waiting],
            is_settled=in_doubt,
        )
        point.rollback()
    db.expire_all()
    return preview


def _document(record: Record) -> tuple[str, int, int]:
    return record.title, record.version, record.case_id


def _complete(survivor: Patient, absorbed: Patient, choices: Mapping[str, str]) -> None:
    """Where the two differ, a person has said which is right."""
    missing = {
        name: f"Choisissez\u202f: {label.lower()}."
        for name, label in CHOICES.items()
        if getattr(survivor, name)
        and getattr(absorbed, name)
        and getattr(survivor, name) != getattr(absorbed, name)
        and choices.get(name) not in (SURVIVOR, ABSORBED)
    }
    if missing:
        raise Invalid("Choisissez le bon trait partout où les deux identités diffèrent.", missing)


def _choose(db: Session, survivor: Patient, absorbed: Patient, choices: Mapping[str, str]) -> None:
    """A trait that only one of them has is kept without asking."""
    taken = {name for name in CHOICES if _is_taken(name, survivor, absorbed, choices)}
    numbered = absorbed if "ins" in taken else survivor
    status, number, oid = numbered.ins_status, numbered.ins, numbered.ins_oid
    vouched = {name: getattr(numbered, name) for name in STRICT}
    for name in taken - {"ins"}:
        setattr(survivor, name, getattr(absorbed, name))
    absorbed.ins, absorbed.ins_oid = None, None
    absorbed.merged_into_id = survivor.id
    absorbed.ins_status = str(InsStatus.PROVISIONAL)
    db.flush()  # the number is free before it is given
    survivor.ins, survivor.ins_oid = number, oid
    as_vouched = all(getattr(survivor, name) == value for name, value in vouched.items())
    survivor.ins_status = status if as_vouched else str(InsStatus.PROVISIONAL)
    survivor.alerts = list(dict.fromkeys([*(survivor.alerts or []), *(absorbed.alerts or [])]))
    survivor.is_homonym = _has_homonym(db, survivor, absorbed)
    survivor.is_fictional = survivor.is_fictional and absorbed.is_fictional


def _has_homonym(db: Session, survivor: Patient, absorbed: Patient) -> bool:
    """Marked for looking like the other one: that is over, unless somebody else looks like them."""
    if not (survivor.is_homonym or absorbed.is_homonym):
        return False
    pairs = [*doubles.pairs_of(db, survivor.id), *doubles.pairs_of(db, absorbed.id)]
    both = {survivor.id, absorbed.id}
    others = [one for one in pairs if {one.low_id, one.high_id} != both]
    return bool(others) or len(others) == len(pairs)


def _is_taken(name: str, survivor: Patient, absorbed: Patient, choices: Mapping[str, str]) -> bool:
    mine, theirs = getattr(survivor, name), getattr(absorbed, name)
    if not theirs:
        return False
    return not mine or (mine != theirs and choices.get(name) == ABSORBED)


def _move_cases(
    db: Session, source: Patient, target: Patient, *, actor: str, now: datetime
) -> list[int]:
    case_ids = sorted(
        db.scalars(sa.select(Episode.case_id).where(Episode.patient_id == source.id))
    )
    for case_id in case_ids:
        move_case(db, case_id, target, actor=actor, now=now, action="case.patient_merged")
    return case_ids


def _settle(
    db: Session, survivor: Patient, absorbed: Patient, *, reason: str, actor: str, now: datetime
) -> None:
    """The merge is the answer to what was doubted of either."""
    given: dict[str, Any] = {"decision": Decision.MERGED, "reason": reason, "actor": actor}
    lifted = [
        doubts.lift(db, patient_id=patient.id, now=now, **given)
        for patient in (absorbed, survivor)
    ]
    if any(lifted):
        doubts.close_tasks(db, survivor.id, now=now, **given)
