"""The artifacts of a release come in; every remark on its diagrams and tables goes out, in French.

One rule, one file. A rule on one diagram is `check(release, diagram)`, a rule on all of them
`check_release(release)`. An error keeps the release from being published, a warning does not.
"""

from collections.abc import Callable, Iterable, Iterator

from engine.artifacts import Artifact, Finding, Vocabulary
from engine.checks import (
    adhoc,
    alarms,
    calls,
    deadlines,
    drawn,
    elements,
    expressions,
    files,
    flows,
    loops,
    messages,
    soundness,
    structure,
    tables,
    tasks,
    timers,
)
from engine.checks.diagram import Diagram
from engine.checks.release import Release, read_release

__all__ = ["Release", "check", "check_release", "read_release"]

_ON_DIAGRAMS: tuple[Callable[[Release, Diagram], Iterator[Finding]], ...] = (
    files.check,
    elements.check,
    tasks.check,
    flows.check,
    expressions.check,
    timers.check,
    messages.check,
    calls.check,
    structure.check,
    loops.check,
    adhoc.check,
    soundness.check,
    drawn.check,
)
_ON_RELEASES: tuple[Callable[[Release], Iterator[Finding]], ...] = (
    calls.check_release,
    messages.check_release,
    alarms.check_release,
    tables.check_release,
    deadlines.check_release,
)


def check(artifacts: Iterable[Artifact], vocabulary: Vocabulary) -> list[Finding]:
    """Everything there is to say, errors first."""
    return check_release(read_release(artifacts, vocabulary))


def check_release(release: Release) -> list[Finding]:
    found = list(release.unreadable)
    for diagram in release.diagrams:
        for on_diagram in _ON_DIAGRAMS:
            found += on_diagram(release, diagram)
    for on_release in _ON_RELEASES:
        found += on_release(release)
    return sorted(dict.fromkeys(found), key=lambda finding: finding.severity != "error")
