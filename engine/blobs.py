"""Bytes come in and are kept once by their content; the same bytes go out."""

import zlib
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base


class Blob(Base):
    """Bytes by their content: the same bytes are kept once."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    size: Mapped[int]
    content: Mapped[bytes]  # zlib


def keep(db: Session, content: bytes) -> str:
    """Keep these bytes; the answer is their sha256, by which they are found again."""
    digest = sha256(content).hexdigest()
    if db.scalar(sa.select(Blob.sha256).where(Blob.sha256 == digest)) is None:
        db.add(Blob(sha256=digest, size=len(content), content=zlib.compress(content)))
        db.flush()
    return digest


def fetch(db: Session, digest: str) -> bytes:
    """The bytes again; KeyError when nobody kept them."""
    packed = db.scalar(sa.select(Blob.content).where(Blob.sha256 == digest))
    if packed is None:
        raise KeyError(digest)
    return zlib.decompress(packed)
