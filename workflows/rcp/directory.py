"""An entry of the directory comes in: checked whole, kept, and its members named or let go."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, Invalid, NotFound
from workflows.rcp import holding, planning, queries
from workflows.rcp.keeping import keep_from_tomorrow
from workflows.rcp.models import HolidayRule, MemberFunction, Rcp, RcpMember, RcpSession
from workflows.rcp.specialties import SPECIALTIES

LEADERS = (MemberFunction.COORDINATOR, MemberFunction.DEPUTY)
RHYTHM = frozenset({"first_date", "every_weeks", "month_weeks", "on_holiday", "starts"})
WHERE = ("place", "video_link", "minutes")
WEEKS = (1, 2, 3, 4, 5, -1)
SAME_NAME = "L’annuaire a déjà une RCP de ce nom\u202f: choisissez-en un autre, ou modifiez-la."


def add_rcp(db: Session, *, actor: str, now: datetime, **fields: Any) -> Rcp:
    """A directory entry, refused when its quorum could never be met or its rhythm is no rhythm."""
    _check(fields)
    if db.scalar(sa.select(Rcp.id).where(Rcp.code == fields["code"])) is not None:
        raise Conflict(SAME_NAME)
    _require_another_name(db, fields["name"])
    rcp = Rcp(**fields)
    try:
        with db.begin_nested():
            db.add(rcp)
    except sa.exc.IntegrityError as error:  # the same entry, sent twice at the same moment
        raise Conflict(SAME_NAME) from error
    audit.record(db, actor=actor, action="rcp.added", now=now, object=f"rcp:{rcp.id}")
    return rcp


def found_rcp(
    db: Session,
    *,
    coordinator_id: int | None,
    specialty: str | None,
    actor: str,
    now: datetime,
    **fields: Any,
) -> Rcp:
    """An entry with the physician who answers for it: without one it is refused whole."""
    if coordinator_id is None:
        raise Invalid(
            "Une RCP a un médecin coordonnateur\u202f: choisissez-le avant d’enregistrer.",
            {"coordinator_id": "Coordonnateur attendu."},
        )
    rcp = add_rcp(db, actor=actor, now=now, **fields)
    add_member(
        db,
        rcp_id=rcp.id,
        user_id=coordinator_id,
        function=MemberFunction.COORDINATOR,
        specialty=specialty,
        actor=actor,
        now=now,
    )
    planning.keep_planned(db, rcp_id=rcp.id, actor=actor, now=now)
    keep_from_tomorrow(db, now)
    return rcp


def change_rcp(
    db: Session, *, rcp_id: int, actor: str, now: datetime, **fields: Any
) -> list[RcpSession]:
    """Keep what was changed; the sessions that a new rhythm leaves out, with their cases, go out."""
    rcp = holding.entry(db, rcp_id)
    before = {name: getattr(rcp, name) for name in fields}
    changed = {name: value for name, value in fields.items() if value != before[name]}
    if not changed:
        return []
    _check({name: getattr(rcp, name) for name in _CHECKED} | fields)
    if "name" in changed:
        _require_another_name(db, changed["name"], but=rcp_id)
    for name, value in changed.items():
        setattr(rcp, name, value)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="rcp.changed",
        now=now,
        object=f"rcp:{rcp_id}",
        detail={"fields": sorted(changed)},
    )
    keep_from_tomorrow(db, now)
    _bring_sessions_along(db, rcp_id, before, changed, now)
    if changed.keys() & (RHYTHM | {"months_ahead", "active"}):
        return planning.replan(db, rcp_id=rcp_id, actor=actor, now=now)
    return []


def add_member(
    db: Session,
    *,
    rcp_id: int,
    user_id: int,
    function: MemberFunction,
    actor: str,
    now: datetime,
    specialty: str | None = None,
) -> RcpMember:
    if specialty is not None and specialty not in SPECIALTIES:
        raise Invalid(f"La spécialité «\u202f{specialty}\u202f» n’est pas dans la liste.")
    if function in LEADERS and not specialty:
        raise Invalid("Le coordonnateur d’une RCP et son suppléant sont médecins.")
    holding.entry(db, rcp_id)
    known = sa.select(RcpMember.id).filter_by(
        rcp_id=rcp_id, user_id=user_id, function=str(function)
    )
    if db.scalar(known) is not None:
        raise Conflict("Cette personne tient déjà cette fonction dans cette RCP.")
    member = RcpMember(rcp_id=rcp_id, user_id=user_id, function=str(function), specialty=specialty)
    db.add(member)
    db.flush()
    _audit_member(db, member, "rcp.member_added", actor=actor, now=now)
    return member


def remove_member(
    db: Session, *, rcp_id: int, member_id: int, actor: str, now: datetime
) -> RcpMember:
    """Somebody leaves the RCP; what they attended and approved stays written."""
    holding.entry(db, rcp_id)
    member = db.get(RcpMember, member_id, populate_existing=True)
    if member is None or member.rcp_id != rcp_id:
        raise NotFound("Cette personne n’est plus membre de cette RCP.")
    others = [
        one
        for one in queries.coordinators(db, rcp_id)
        if one.function == MemberFunction.COORDINATOR and one.id != member_id
    ]
    if member.function == MemberFunction.COORDINATOR and not others:
        raise Conflict(
            "C’est le seul coordonnateur de cette RCP\u202f: nommez d’abord son remplaçant."
        )
    _audit_member(db, member, "rcp.member_removed", actor=actor, now=now)
    db.delete(member)
    db.flush()
    return member


_CHECKED = (
    "code", "name", "first_date", "every_weeks", "month_weeks", "on_holiday", "minutes",
    "months_ahead", "closing_days", "max_cases", "quorum_groups", "min_specialties", "min_persons",
)  # fmt: skip


def _check(fields: dict[str, Any]) -> None:
    """What could never work is said now, not the afternoon of the meeting."""
    wrong: dict[str, str] = {}
    if not 2 <= len(str(fields.get("name", "")).strip()) <= 120:
        wrong["name"] = "Donnez un nom, de 2 à 120 caractères."
    if not 1 <= fields.get("every_weeks", 1) <= 12:
        wrong["every_weeks"] = "Le rythme se compte en semaines entières, d’une à douze."
    if set(fields.get("month_weeks") or ()) - set(WEEKS):
        wrong["month_weeks"] = "Choisissez des semaines du mois, de la première à la dernière."
    if fields.get("on_holiday", HolidayRule.NEXT) not in set(HolidayRule):
        wrong["on_holiday"] = "Dites ce que devient une séance qui tombe un jour férié."
    for name, least, most, said in _BOUNDS:
        value = fields.get(name)
        if value is not None and not least <= value <= most:
            wrong[name] = f"{said}, de {least} à {most}."
    if problem := _quorum_problem(fields):
        wrong["quorum_groups"] = problem
    if wrong:
        raise Invalid(next(iter(wrong.values())), wrong)


_BOUNDS = (
    ("minutes", 15, 480, "La durée se compte en minutes"),
    ("months_ahead", 0, 18, "Les séances se planifient quelques mois à l’avance"),
    ("closing_days", 0, 20, "Les inscriptions se closent quelques jours ouvrés avant"),
    ("max_cases", 1, 200, "Le nombre de dossiers d’une séance est limité"),
    ("min_specialties", 1, 12, "Le quorum compte des spécialités"),
    ("min_persons", 1, 20, "Le quorum compte des personnes"),
)


def _quorum_problem(fields: dict[str, Any]) -> str:
    groups = fields.get("quorum_groups") or []
    codes: Iterable[str] = [code for group in groups for code in group.get("specialties", [])]
    unknown = sorted({code for code in codes if code not in SPECIALTIES})
    if unknown:
        return (
            "Chaque place du quorum nomme des spécialités de la liste "
            f"(inconnue\u202f: {', '.join(unknown)})."
        )
    if any(not group.get("specialties") for group in groups):
        return "Chaque place du quorum nomme au moins une spécialité de la liste."
    if len(groups) > 12:
        return "Un quorum a douze places au plus."
    return ""


def _require_another_name(db: Session, name: str, *, but: int = 0) -> None:
    """Two entries of one name: a case would be brought to the wrong one."""
    same = sa.select(Rcp.id).where(sa.func.lower(Rcp.name) == name.lower(), Rcp.id != but)
    if db.scalar(same.limit(1)) is not None:
        raise Conflict(SAME_NAME)


def _bring_sessions_along(
    db: Session, rcp_id: int, before: dict[str, Any], changed: dict[str, Any], now: datetime
) -> None:
    """Another room, link or length: the sessions ahead that had the usual one take the new one."""
    for name in WHERE:
        if name in changed:
            db.execute(
                sa.update(RcpSession)
                .where(
                    RcpSession.rcp_id == rcp_id,
                    RcpSession.starts_at > now,
                    getattr(RcpSession, name) == before[name],
                )
                .values({name: changed[name]})
            )


def _audit_member(
    db: Session, member: RcpMember, action: str, *, actor: str, now: datetime
) -> None:
    audit.record(
        db,
        actor=actor,
        action=action,
        now=now,
        object=f"rcp:{member.rcp_id}",
        detail={"user": member.user_id, "function": member.function},
    )
