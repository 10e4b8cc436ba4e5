"""The environment comes in; where the database lies, the secret key and the cookies' rules go out."""

import os
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine import anchors

ROOT = Path(__file__).parents[1]


class Clock(Protocol):
    def __call__(self) -> datetime: ...


@dataclass(frozen=True)
class Settings:
    """`clock` is for tests: without one, the wall clock is read by `web.door`."""

    database_url: str
    data_dir: Path
    secret_key: str = field(repr=False, default="")
    is_secure: bool = False  # served over https: cookies then refuse to travel without it
    proxies: int = 0  # how many reverse proxies stand in front, each adding a forwarded header
    idle_time: timedelta = timedelta(minutes=30)
    longest_session: timedelta = timedelta(hours=12)
    clock: Clock | None = None

    def audit_key(self) -> Ed25519PrivateKey:
        """What signs the anchors of the audit trail (docs/adr/0010): never in the database."""
        return anchors.kept_key(self.data_dir / "audit-key")

    def trusted_keys(self) -> set[str]:
        """Whose anchors are believed: ours, and those used before, one a line in `audit-trusted`."""
        former = self.data_dir / "audit-trusted"
        known = former.read_text("ascii").split() if former.exists() else []
        return {anchors.public_key(self.audit_key()), *known}

    @classmethod
    def from_environment(cls, database_url: str | None = None) -> "Settings":
        data_dir = Path(os.environ.get("HENT_DATA_DIR") or ROOT / "var")
        data_dir.mkdir(parents=True, exist_ok=True)
        url = database_url or os.environ.get("HENT_DATABASE_URL")
        return cls(
            database_url=url or f"sqlite:///{data_dir / 'hent.sqlite3'}",
            data_dir=data_dir,
            secret_key=os.environ.get("HENT_SECRET_KEY") or kept_secret(data_dir),
            is_secure=os.environ.get("HENT_HTTPS", "") in ("1", "true", "yes"),
            proxies=int(os.environ.get("HENT_PROXIES", "0")),
        )


def administrator_password() -> str | None:
    """For machines that set a site up: `./hent create-administrator` reads it from here."""
    return os.environ.get("HENT_ADMINISTRATOR_PASSWORD")


def kept_secret(data_dir: Path) -> str:
    """Made once, readable by its owner only; losing it signs everybody out, nothing more."""
    path = data_dir / "secret-key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        path.chmod(0o600)
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        secret = secrets.token_hex(32)
        file.write(secret)
    return secret
