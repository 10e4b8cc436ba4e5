"""Models that would eat the machine, each told to run: what came of it and what it cost, as JSON.

Run as `python -m tests.torture.hostile`, in a process of its own whose memory is measured.
"""

import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.artifacts import Artifact
from engine.checks import check
from engine.db import Base, connect
from engine.errors import Refusal
from engine.xml import XmlError, parse_xml
from tests.engine.playing import Play
from tests.engine.sketches import VOCABULARY, sketch

COUNTING = {"type": "script", "script": "amount = default(amount, 0) + 1"}


def in_a_case(diagram: Artifact, *others: Artifact, **data: Any) -> Callable[[Path], str]:
    def run(folder: Path) -> str:
        database = connect(f"sqlite:///{folder / 'hent.sqlite3'}")
        Base.metadata.create_all(database)
        play = Play.of(database, diagram, *others, **data)
        before = play.fingerprint()
        try:
            play.do("ask")
        except Refusal as refusal:
            assert play.fingerprint() == before, "half-written"
            return refusal.message
        return "it ran"

    return run


def at_the_gate(content: bytes) -> Callable[[Path], str]:
    def run(_folder: Path) -> str:
        found = check([Artifact("diagram", "demo", content)], vocabulary=VOCABULARY)
        return next((str(one) for one in found if one.severity == "error"), "let in")

    return run


def as_xml(content: bytes) -> Callable[[Path], str]:
    def run(_folder: Path) -> str:
        try:
            parse_xml(content)
        except XmlError as error:
            return error.message
        return "read"

    return run


def repeated(**how: Any) -> Artifact:
    return sketch("start -> ask -> tell -> end", tell={"multiple": how})


BILLION = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (c + 1, b"&%c;" % c * 10) for c in range(97, 107)
) + b"]><x>&k;</x>"  # fmt: skip

CORPUS: dict[str, Callable[[Path], str]] = {
    "ten million repetitions": in_a_case(repeated(times=10_000_000)),
    "ten million in a row": in_a_case(repeated(times=10_000_000, sequential=True)),
    "a list of a hundred thousand": in_a_case(
        repeated(collection="rows", item="row"), rows=list(range(100_000))
    ),
    "a loop of scripts": in_a_case(
        sketch(
            "start -> ask -> merge -> count -> gate",
            "gate -> merge if amount > 0",
            "gate -> end default",
            count=COUNTING,
        )
    ),
    "a call of itself": in_a_case(
        sketch("start -> ask -> sub -> end", sub={"type": "call", "calls": "loop"}),
        sketch("start -> sub -> end", name="loop", sub={"type": "call", "calls": "loop"}),
    ),
    "a call that doubles": in_a_case(
        sketch("start -> ask -> sub -> end", sub={"type": "call", "calls": "twins"}),
        sketch(
            "start -> split -> one -> join -> end",
            "split -> two -> join",
            name="twins",
            one={"type": "call", "calls": "twins"},
            two={"type": "call", "calls": "twins"},
        ),
    ),
    "calls that all work hard": in_a_case(
        sketch("start -> ask -> sub -> end", sub={"type": "call", "calls": "hard"}),
        sketch(
            "start -> merge -> count -> gate",
            "gate -> merge if turn < 120",
            "gate -> sub default",
            "sub -> end",
            name="hard",
            count={"type": "script", "script": "turn = default(turn, 0) + 1"},
            sub={"type": "call", "calls": "hard", "properties": {"with": "turn = 0"}},
        ),
    ),
    "a number without end": in_a_case(
        sketch(
            "start -> ask -> merge -> count -> gate",
            "gate -> merge default",
            "gate -> end if amount < 0",
            count={"type": "script", "script": "amount = default(amount, 9) * default(amount, 9)"},
        )
    ),
    "a power": at_the_gate(
        sketch(
            "start -> ask -> gate", "gate -> end if 9**9**9 > 1", "gate -> tell default"
        ).content
    ),
    "a way out of the evaluator": at_the_gate(
        sketch(
            "start -> ask -> gate",
            "gate -> end if ().__class__.__base__.__subclasses__()",
            "gate -> tell default",
        ).content
    ),
    "a billion laughs": as_xml(BILLION),
    "a file from the disk": as_xml(
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    ),
    "a hundred thousand levels": as_xml(b"<a>" * 100_000 + b"</a>" * 100_000),
    "three megabytes": as_xml(b"<a>" + b"b" * 3_000_000 + b"</a>"),
}


def measure() -> list[dict[str, Any]]:
    told = []
    for name, run in CORPUS.items():
        with tempfile.TemporaryDirectory() as folder:
            started = time.process_time()
            said = run(Path(folder))
            told.append({"name": name, "said": said, "seconds": time.process_time() - started})
    return told


if __name__ == "__main__":
    told = measure()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"told": told, "peak_mb": peak}))  # noqa: T201
