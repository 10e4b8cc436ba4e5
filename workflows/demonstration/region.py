"""region.yaml comes in; establishments, units, people, RCPs and their meetings are in the database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from workflows.french import PARIS
from workflows.patients.names import normalised
from workflows.rcp import operations as rcp
from workflows.rcp.models import MemberFunction
from workflows.staff import operations as staff

SYSTEM = "system"
PLANNED_AHEAD = timedelta(days=120)
FICTIONAL_RPPS = 99900000000
SHOWCASED = 20  # the first people of the file: one per role, offered on the sign-in page


@dataclass
class Region:
    """The keys of region.yaml, and the rows they became."""

    units: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    rcps: dict[str, int] = field(default_factory=dict)
    holders: dict[tuple[str, str], list[int]] = field(
        default_factory=dict
    )  # (unit, role) → people
    specialties: dict[int, str] = field(default_factory=dict)


def build(db: Session, *, since: datetime, until: datetime) -> Region:
    """Everything there before the first patient; meetings from the first day to some months ahead."""
    given = yaml.safe_load((Path(__file__).parent / "region.yaml").read_text("utf-8"))
    region = Region()
    sites = {
        key: staff.add_establishment(db, actor=SYSTEM, now=since, **fields).id
        for key, fields in given["establishments"].items()
    }
    for key, fields in given["units"].items():
        site = sites[key.split(".")[0]]
        unit = staff.add_unit(db, establishment_id=site, actor=SYSTEM, now=since, **fields)
        region.units[key] = unit.id
    for rank, (key, row) in enumerate(given["people"].items(), 1):
        _hire(db, region, key, row, rank=rank, now=since)
    hosts = given["establishments"]
    for code, fields in given["rcps"].items():
        _found(db, region, code, fields, given["quorums"], hosts, since=since, until=until)
    return region


def _hire(
    db: Session, region: Region, key: str, row: list[Any], *, rank: int, now: datetime
) -> None:
    title, first_name, last_name, occupation, specialty, places = row
    name = f"{normalised(first_name)}.{normalised(last_name)}".replace(" ", "")
    user = staff.create_user(
        db,
        email=f"{name}@demo.hent.example",
        username=name,
        title=title,
        first_name=first_name,
        last_name=last_name,
        occupation=occupation,
        specialty=specialty,
        rpps=str(FICTIONAL_RPPS + rank) if specialty else None,
        is_demonstration=True,
        preferences={"showcase": rank} if rank <= SHOWCASED else {},
        actor=SYSTEM,
        now=now,
    )
    region.people[key] = user.id
    if specialty:
        region.specialties[user.id] = specialty
    for place, roles in places.items():
        for role in roles:
            unit_id = None if place == "region" else region.units[place]
            staff.add_membership(
                db, user_id=user.id, unit_id=unit_id, role=role, actor=SYSTEM, now=now
            )
            region.holders.setdefault((place, role), []).append(user.id)


def _found(
    db: Session,
    region: Region,
    code: str,
    fields: Mapping[str, Any],
    quorums: Mapping[str, Any],
    hosts: Mapping[str, Any],
    *,
    since: datetime,
    until: datetime,
) -> None:
    first = since.astimezone(PARIS).date()
    host = hosts[fields["host"]]
    entry = rcp.add_rcp(
        db,
        code=code,
        name=fields["name"],
        organ=fields["organ"],
        kind=fields.get("kind", "standard"),
        is_expert=fields.get("is_expert", False),
        national_id=f"DEMO-{code.upper()}",
        host_name=host["name"],
        host_address=f"{host['address']}, {host['city']}",
        place=f"Salle de visioconférence, {host['short_name']}",
        first_date=first + timedelta(days=(fields["day"] - first.weekday()) % 7),
        every_weeks=fields["every_weeks"],
        starts=time.fromisoformat(fields["at"]),
        minutes=120,
        quorum_groups=[
            {"label": label, "specialties": codes} for label, codes in quorums[fields["quorum"]]
        ],
        actor=SYSTEM,
        now=since,
    )
    region.rcps[code] = entry.id
    for function, key in _functions(fields):
        user_id = region.people[key]
        rcp.add_member(
            db,
            rcp_id=entry.id,
            user_id=user_id,
            function=function,
            specialty=region.specialties.get(user_id),
            actor=SYSTEM,
            now=since,
        )
    rcp.plan_sessions(
        db,
        rcp_id=entry.id,
        from_date=first,
        until=(until + PLANNED_AHEAD).date(),
        actor=SYSTEM,
        now=since,
    )


def _functions(fields: Mapping[str, Any]) -> Iterator[tuple[MemberFunction, str]]:
    coordinator, deputy, *others = fields["members"]
    yield MemberFunction.COORDINATOR, coordinator
    yield MemberFunction.DEPUTY, deputy
    yield MemberFunction.SECRETARY, fields["secretary"]
    for key in others:
        yield MemberFunction.PARTICIPANT, key
