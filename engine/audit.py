"""Who did or saw what: append-only lines, each sealed with the one before it, a chain per case."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import AuditChain, AuditEntry

ALONE = "alone"  # in `Session.info`: nobody else writes, so what this session knows is so
_START = "0" * 64


@dataclass(frozen=True)
class Break:
    """Where a chain no longer holds: an entry was changed, removed or slipped in."""

    case_id: int
    position: int


def record(
    db: Session,
    *,
    actor: str,
    action: str,
    now: datetime,
    case_id: int | None = None,
    object: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Add a line in the caller's transaction. `detail` holds no patient data, ids only."""
    chain_id = case_id or 0
    if db.info.get(ALONE):
        chain = db.get(AuditChain, chain_id)
    else:
        chain = db.get(AuditChain, chain_id, with_for_update=True, populate_existing=True)
    if chain is None:
        chain = AuditChain(case_id=chain_id, length=0, head=_START)
        db.add(chain)
    entry = AuditEntry(
        case_id=chain_id,
        position=chain.length + 1,
        at=now,
        actor=actor,
        action=action,
        object=object,
        detail=detail,
    )
    entry.seal = _seal(chain.head, entry)
    chain.length, chain.head = entry.position, entry.seal
    db.add(entry)


def verify(db: Session, *, case_id: int | None = None) -> Iterator[Break]:
    """Walk every chain, or that of one case, and tell the first broken link of each."""
    chains = sa.select(AuditChain).order_by(AuditChain.case_id)
    if case_id is not None:
        chains = chains.where(AuditChain.case_id == case_id)
    for chain in db.scalars(chains):
        broken = _first_break(db, chain)
        if broken is not None:
            yield Break(chain.case_id, broken)


def _first_break(db: Session, chain: AuditChain) -> int | None:
    head, position = _START, 0
    entries = db.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.case_id == chain.case_id)
        .order_by(AuditEntry.position)
        .execution_options(yield_per=1000)
    )
    for entry in entries:
        position += 1
        if entry.position != position or entry.seal != _seal(head, entry):
            return position
        head = entry.seal
    return None if (position, head) == (chain.length, chain.head) else position + 1


def _seal(before: str, entry: AuditEntry) -> str:
    line = [
        before,
        entry.case_id,
        entry.position,
        entry.at.astimezone(UTC).isoformat(),  # whatever zone it came in, it is read in UTC
        entry.actor,
        entry.action,
        entry.object,
        entry.detail,
    ]
    return sha256(orjson.dumps(line, option=orjson.OPT_SORT_KEYS)).hexdigest()
