"""The files of a release come in; the words its diagrams may use, and what its forms get wrong, go out."""

from collections.abc import Sequence

import forms
from engine import handlers
from engine.artifacts import Artifact, Finding, Vocabulary
from workflows.deadlines.rules import ESTABLISHMENT
from workflows.deadlines.wording import MILESTONES
from workflows.pathways.sealed import ANSWERED, BEGINS
from workflows.roles import LANES


def vocabulary_of(artifacts: Sequence[Artifact]) -> tuple[Vocabulary, list[Finding]]:
    """What each room owns: lanes and codes of roles, forms and data, handlers, milestones."""
    library = forms.load(artifacts)
    vocabulary = Vocabulary(
        roles=tuple(LANES),
        forms={name: forms.names_of(library, name) for name in library.forms},
        data={name: datum.scope for name, datum in library.dictionary.items()},
        handlers=handlers.handler_names(),
        codes=tuple(role.code for role in LANES.values()),
        anchors=tuple(MILESTONES),
        deadline_facts=(ESTABLISHMENT,),
        answered=ANSWERED,
        begins=BEGINS,
    )
    return vocabulary, _milestones(library)


def cross_check(artifacts: Sequence[Artifact]) -> list[Finding]:
    """What is wrong with the dictionary, the forms and the value sets."""
    return [
        Finding("error", one.artifact, one.element, one.message, one.remedy)
        for one in forms.problems(artifacts)
    ]


def _milestones(library: forms.Library) -> list[Finding]:
    return [
        Finding(
            "error",
            "dictionary",
            datum.name,
            f"Le jalon «\u202f{datum.milestone}\u202f» n’existe pas.",
            f"Jalons connus\u202f: {', '.join(MILESTONES)}.",
        )
        for datum in library.dictionary.values()
        if datum.milestone and datum.milestone not in MILESTONES
    ]
