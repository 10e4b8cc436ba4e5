"""A mail server for tests: real SMTP over a real socket, what it was given kept in a list."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailroom:
    address: str
    received: list[EmailMessage] = field(default_factory=list)

    def to(self, who: str) -> list[EmailMessage]:
        return [one for one in self.received if one["To"] == who]


@contextmanager
def mailroom(*, refuses: bool = False) -> Iterator[Mailroom]:
    """`refuses`: every recipient is turned down, as by a full or unknown mailbox."""
    kept: list[EmailMessage] = []

    class Talk(socketserver.StreamRequestHandler):
        def say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

        def handle(self) -> None:
            self.say("220 tests")
            while line := self.rfile.readline():
                verb = line.split()[0].upper() if line.split() else b""
                if verb == b"DATA":
                    self.say("354 go on")
                    kept.append(self.letter())
                    self.say("250 kept")
                elif verb == b"RCPT" and refuses:
                    self.say("550 nobody here")
                elif verb == b"QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 fine")

        def letter(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            read = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(read, EmailMessage)
            return read

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Mailroom(f"smtp://127.0.0.1:{server.server_address[1]}", kept)
        server.shutdown()
