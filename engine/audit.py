"""Who did or saw what: append-only lines, each sealed with the one before it, a chain per case."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import AuditChain, AuditEntry

_START = "0" * 64
_SEALED = ("case_id", "position", "at", "actor", "action", "object", "detail")

# Built once, and past the session: every step writes lines, and nobody changes them as objects.
_CHAINS: Any = AuditChain.__table__
_LAST_LINK = (
    sa.select(_CHAINS.c["length", "head"])
    .where(_CHAINS.c.case_id == sa.bindparam("chain_id"))
    .with_for_update()
)
_FIRST_LINK = sa.insert(_CHAINS)
_NEXT_LINK = sa.update(_CHAINS).where(_CHAINS.c.case_id == sa.bindparam("chain_id"))
_LINES: Any = AuditEntry.__table__
_LINE = sa.insert(_LINES)


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
    chain_id, connection = case_id or 0, db.connection()
    chain = connection.execute(_LAST_LINK, {"chain_id": chain_id}).one_or_none()
    length, head = (chain.length, chain.head) if chain is not None else (0, _START)
    line = {
        "case_id": chain_id,
        "position": length + 1,
        "at": now,
        "actor": actor,
        "action": action,
        "object": object,
        "detail": detail,
    }
    seal = _seal(head, line)
    connection.execute(_LINE, {**line, "seal": seal})
    link = {"length": length + 1, "head": seal}
    if chain is None:
        connection.execute(_FIRST_LINK, {"case_id": chain_id, **link})
    else:
        connection.execute(_NEXT_LINK, {"chain_id": chain_id, **link})


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
    with closing(entries):
        for entry in entries:
            position += 1
            line = {name: getattr(entry, name) for name in _SEALED}
            if entry.position != position or entry.seal != _seal(head, line):
                return position
            head = entry.seal
    return None if (position, head) == (chain.length, chain.head) else position + 1


def _seal(before: str, line: Mapping[str, Any]) -> str:
    at = line["at"].astimezone(UTC).isoformat()  # whatever zone it came in, it is read in UTC
    sealed = [before, *({**line, "at": at}[name] for name in _SEALED)]
    return sha256(orjson.dumps(sealed, option=orjson.OPT_SORT_KEYS)).hexdigest()
