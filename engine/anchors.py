"""Signed anchors over all audit chains: what was true then can be proved later (docs/adr on anchors).

A chain alone can be cut short or written anew from its start by whoever can write to the
database. An anchor tells how long each chain was and how it ended, follows the anchor before it,
and is signed with a key that does not lie in the database.
"""

import os
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import orjson
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base, UtcDateTime
from engine.models import AuditChain, AuditEntry

_START = "0" * 64
_CHANGED = "les chaînes qu’elle fixait ont été modifiées"


class AuditAnchor(Base):
    """One signed moment; `digest` is over the chains that have grown since the anchor before."""

    __tablename__ = "audit_anchor"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    chains: Mapped[int]  # how many have grown
    digest: Mapped[str] = mapped_column(sa.String(64))
    previous: Mapped[str] = mapped_column(sa.String(64))
    seal: Mapped[str] = mapped_column(sa.String(64))
    public_key: Mapped[str] = mapped_column(sa.String(64))
    signature: Mapped[str] = mapped_column(sa.String(128))


class AnchoredChain(Base):
    """How a chain ended when an anchor was set; `case_id` 0 holds what belongs to no case."""

    __tablename__ = "audit_anchored"
    __table_args__ = (sa.Index("ix_audit_anchored_chain", "case_id", "length"),)

    position: Mapped[int] = mapped_column(
        sa.ForeignKey("audit_anchor.position"), primary_key=True, autoincrement=False
    )
    case_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    length: Mapped[int]
    head: Mapped[str] = mapped_column(sa.String(64))


@dataclass(frozen=True)
class Told:
    """An anchor as it is written to a file kept elsewhere."""

    position: int
    at: str
    chains: int
    digest: str
    previous: str
    seal: str
    public_key: str
    signature: str


@dataclass(frozen=True)
class Fault:
    """Where the anchors and the trail no longer agree; `reason` is a French sentence."""

    position: int
    reason: str
    case_id: int | None = None


@dataclass(frozen=True)
class Coverage:
    """What the anchors say of one chain: its first `lines` lines are signed, lastly by `anchor`."""

    lines: int = 0
    anchor: int | None = None
    at: datetime | None = None
    fault: Fault | None = None


def kept_key(path: Path) -> Ed25519PrivateKey:
    """The signing key: made once, readable by its owner only, never in the database."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        path.chmod(0o600)
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))
    key = Ed25519PrivateKey.generate()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.private_bytes_raw().hex())
    return key


def public_key(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def set_anchor(db: Session, *, key: Ed25519PrivateKey, now: datetime) -> AuditAnchor | None:
    """Sign how every chain stands; None when nothing was written since the last anchor."""
    last = db.scalar(sa.select(AuditAnchor).order_by(AuditAnchor.position.desc()).limit(1))
    grown = _grown(db)
    if not grown:
        return None
    anchor = AuditAnchor(
        position=last.position + 1 if last else 1,
        at=now,
        chains=len(grown),
        digest=_digest(grown),
        previous=last.seal if last else _START,
        public_key=public_key(key),
    )
    anchor.seal = _seal(anchor)
    anchor.signature = key.sign(bytes.fromhex(anchor.seal)).hex()
    db.add(anchor)
    db.flush()
    rows = [
        {"position": anchor.position, "case_id": one, "length": length, "head": head}
        for one, length, head in grown
    ]
    db.execute(sa.insert(AnchoredChain), rows)
    return anchor


def verify(
    db: Session, *, trusted: Collection[str], elsewhere: Collection[Told] = ()
) -> Iterator[Fault]:
    """The first fault of each kind of tampering, in the order of the anchors."""
    found = list(db.scalars(sa.select(AuditAnchor).order_by(AuditAnchor.position)))
    yield from _compared(found, elsewhere)
    seal = _START
    for place, anchor in enumerate(found, 1):
        reason = (
            _out_of_line(anchor, place, seal)
            or _badly_signed(anchor, trusted)
            or _not_what_it_signed(db, anchor)
        )
        if reason:
            yield Fault(anchor.position, reason)
            return
        seal = anchor.seal
    yield from _broken_chains(db)


def of_case(db: Session, case_id: int, *, trusted: Collection[str]) -> Coverage:
    """Quick enough for a page: all that `verify` checks of the anchors that hold this chain, and
    of the others that they follow each other and have forgotten no chain.
    """
    mine = sa.select(AnchoredChain.position, AnchoredChain.length).filter_by(case_id=case_id)
    held = {row.position: row.length for row in db.execute(mine)}
    every = sa.select(AnchoredChain.position, sa.func.count().label("size"))
    size_of = {
        row.position: row.size for row in db.execute(every.group_by(AnchoredChain.position))
    }
    seal, covered = _START, Coverage()
    anchors = db.scalars(sa.select(AuditAnchor).order_by(AuditAnchor.position))
    for place, anchor in enumerate(anchors, 1):
        reason = _out_of_line(anchor, place, seal)
        if not reason and size_of.get(anchor.position, 0) != anchor.chains:
            reason = _CHANGED
        if not reason and anchor.position in held:
            reason = _badly_signed(anchor, trusted) or _not_what_it_signed(db, anchor)
        if reason:
            return replace(covered, fault=Fault(anchor.position, reason))
        seal = anchor.seal
        if anchor.position in held:
            covered = Coverage(held[anchor.position], anchor.position, anchor.at)
    return replace(covered, fault=next(_broken_chains(db, case_id), None))


def told(db: Session) -> Iterator[Told]:
    """Every anchor, to be kept where whoever writes to this database cannot write."""
    for one in db.scalars(sa.select(AuditAnchor).order_by(AuditAnchor.position)):
        yield _told(one)


def write(anchors: Iterator[Told]) -> bytes:
    return b"".join(orjson.dumps(asdict(one)) + b"\n" for one in anchors)


def read(content: bytes) -> list[Told]:
    """A file of anchors. ValueError when it is not one."""
    try:
        return [Told(**orjson.loads(line)) for line in content.splitlines() if line.strip()]
    except (TypeError, orjson.JSONDecodeError) as error:
        raise ValueError(str(error)) from error


def _grown(db: Session) -> list[tuple[int, int, str]]:
    """Chains longer than any anchor knows them, in order."""
    known = (
        sa.select(AnchoredChain.case_id, sa.func.max(AnchoredChain.length).label("length"))
        .group_by(AnchoredChain.case_id)
        .subquery()
    )
    rows = db.execute(
        sa.select(AuditChain.case_id, AuditChain.length, AuditChain.head)
        .outerjoin(known, known.c.case_id == AuditChain.case_id)
        .where(sa.or_(known.c.length.is_(None), known.c.length < AuditChain.length))
        .order_by(AuditChain.case_id)
    )
    return [(case_id, length, head) for case_id, length, head in rows]


def _digest(chains: list[tuple[int, int, str]]) -> str:
    return sha256(orjson.dumps(sorted(chains))).hexdigest()


def _seal(anchor: AuditAnchor) -> str:
    at = anchor.at.astimezone(UTC).isoformat()
    line = [anchor.position, at, anchor.chains, anchor.digest, anchor.previous, anchor.public_key]
    return sha256(orjson.dumps(line)).hexdigest()


def _out_of_line(anchor: AuditAnchor, place: int, before: str) -> str:
    if anchor.position != place:
        return f"l’ancre {place} a été retirée"
    if anchor.previous != before:
        return "elle ne suit pas l’ancre qui la précède"
    if anchor.seal != _seal(anchor):
        return "elle a été modifiée"
    return ""


def _badly_signed(anchor: AuditAnchor, trusted: Collection[str]) -> str:
    if anchor.public_key not in trusted:
        return "elle est signée par une clé inconnue"
    try:
        signed = Ed25519PublicKey.from_public_bytes(bytes.fromhex(anchor.public_key))
        signed.verify(bytes.fromhex(anchor.signature), bytes.fromhex(anchor.seal))
    except (InvalidSignature, ValueError):
        return "sa signature est fausse"
    return ""


def _not_what_it_signed(db: Session, anchor: AuditAnchor) -> str:
    rows = db.execute(
        sa.select(AnchoredChain.case_id, AnchoredChain.length, AnchoredChain.head).where(
            AnchoredChain.position == anchor.position
        )
    ).all()
    if _digest([(one, length, head) for one, length, head in rows]) != anchor.digest:
        return _CHANGED
    return ""


def _broken_chains(db: Session, case_id: int | None = None) -> Iterator[Fault]:
    """Each chain, or one, still passes by the line at which every anchor saw it end."""
    wanted = (
        sa.select(AnchoredChain.position, AnchoredChain.case_id, AnchoredChain.length,
                  AuditChain.length, AuditEntry.seal, AnchoredChain.head)
        .outerjoin(AuditChain, AuditChain.case_id == AnchoredChain.case_id)
        .outerjoin(
            AuditEntry,
            sa.and_(
                AuditEntry.case_id == AnchoredChain.case_id,
                AuditEntry.position == AnchoredChain.length,
            ),
        )
        .where(sa.or_(AuditEntry.seal.is_(None), AuditEntry.seal != AnchoredChain.head,
                      AuditChain.length.is_(None), AuditChain.length < AnchoredChain.length))
        .order_by(AnchoredChain.position, AnchoredChain.case_id)
    )  # fmt: skip
    if case_id is not None:
        wanted = wanted.where(AnchoredChain.case_id == case_id)
    seen: set[int] = set()
    for position, chain, length, now_long, seal, _head in db.execute(wanted):
        if chain not in seen:
            seen.add(chain)
            yield Fault(position, _how_broken(length, now_long, seal), chain)


def _how_broken(length: int, now_long: int | None, seal: str | None) -> str:
    if now_long is None and seal is None:
        return f"son journal a été retiré, il comptait {length} lignes"
    if now_long is None or now_long < length or seal is None:
        return f"son journal a été raccourci, il comptait {length} lignes"
    return f"son journal a été réécrit avant la ligne {length}"


def _compared(found: list[AuditAnchor], elsewhere: Collection[Told]) -> Iterator[Fault]:
    """Against a copy kept elsewhere: the only way to see that the last anchors were taken away."""
    here = {one.position: _told(one) for one in found}
    for copy in elsewhere:
        if copy.position not in here:
            yield Fault(copy.position, "elle est dans la copie et plus dans la base")
            return
        if here[copy.position] != copy:
            yield Fault(copy.position, "elle diffère de la copie")
            return


def _told(anchor: AuditAnchor) -> Told:
    return Told(
        anchor.position, anchor.at.astimezone(UTC).isoformat(), anchor.chains, anchor.digest,
        anchor.previous, anchor.seal, anchor.public_key, anchor.signature,
    )  # fmt: skip
