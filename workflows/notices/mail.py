"""A message without any patient in it comes in; the site's own mail server takes it.

A site without a mail server sends nothing: the notice of the application is enough. Health data
never travels this way (domain §8: MSSanté only); what is sent says when to come, and where.
"""

import os
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy.orm import Session

from engine import audit
from engine.handlers import Work, Write, slow_job
from engine.jobs import later

KIND = "send_mail"
PATIENCE = 20  # seconds


@dataclass(frozen=True)
class Letterbox:
    """HENT_SMTP (`smtp://server:25`, `smtps://name:secret@server`) and HENT_MAIL_FROM."""

    address: str
    sender: str

    @classmethod
    def of_the_site(cls) -> "Letterbox | None":
        address = os.environ.get("HENT_SMTP", "")
        sender = os.environ.get("HENT_MAIL_FROM", "")
        return cls(address, sender) if address and sender else None

    def send(self, message: EmailMessage) -> None:
        at = urlsplit(self.address)
        host, trusted = at.hostname or "localhost", ssl.create_default_context()
        server: smtplib.SMTP
        if at.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, at.port or 465, timeout=PATIENCE, context=trusted)
        else:
            server = smtplib.SMTP(host, at.port or 25, timeout=PATIENCE)
        with server:
            server.ehlo_or_helo_if_needed()
            if at.scheme != "smtps" and server.has_extn("starttls"):
                server.starttls(context=trusted)
            if at.username:
                server.login(unquote(at.username), unquote(at.password or ""))
            server.send_message(message)


def page_address(path: str) -> str:
    """HENT_URL before a path; without it, nothing: a message then only names the page."""
    site = os.environ.get("HENT_URL", "").rstrip("/")
    return f"{site}{path}" if site else ""


def post(db: Session, *, to: str, subject: str, text: str, key: str, now: datetime) -> bool:
    """Ask for one message, once per key; false when the site sends none or nobody is named."""
    if not to or Letterbox.of_the_site() is None:
        return False
    later(db, kind=KIND, payload={"to": to, "subject": subject, "text": text}, key=key, now=now)
    return True


@slow_job(KIND)
def send_mail(db: Session, payload: dict[str, Any], *, now: datetime) -> Work | None:
    """Nothing is kept waiting while the server answers; a refusal is tried again, then shown."""
    letterbox = Letterbox.of_the_site()
    return partial(_send, letterbox, payload, now) if letterbox else None


def _send(letterbox: Letterbox, payload: dict[str, Any], now: datetime) -> Write:
    message = EmailMessage()
    message["From"], message["To"] = letterbox.sender, payload["to"]
    message["Subject"] = payload["subject"]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=letterbox.sender.rpartition("@")[2] or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(payload["text"])
    letterbox.send(message)
    return partial(_sent, subject=payload["subject"], now=now)


def _sent(db: Session, *, subject: str, now: datetime) -> None:
    audit.record(db, actor="system", action="mail.sent", now=now, detail={"subject": subject})
