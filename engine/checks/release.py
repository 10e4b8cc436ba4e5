"""The artifacts of a release come in; its readable diagrams and tables, and what they say, go out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine.artifacts import Artifact, Finding, Vocabulary
from engine.checks.diagram import Diagram
from engine.checks.readings import readings_of
from engine.checks.remarks import error
from engine.decisions import Decision, read_decisions
from engine.xml import XmlError

DEADLINES = "deadlines"
PRIORITY = "priority"  # asked for each task, like the table of deadlines


@dataclass
class Release:
    vocabulary: Vocabulary
    diagrams: list[Diagram] = field(default_factory=list)
    decisions: dict[str, Decision] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # decision → its file
    unreadable: list[Finding] = field(default_factory=list)
    # Process or sub-process → whether a token may cross it without resting, found by the rule.
    crossed: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def by_process(self) -> Mapping[str, Diagram]:
        return {diagram.id: diagram for diagram in self.diagrams}

    @cached_property
    def deadlines(self) -> Decision | None:
        return self.decisions.get(DEADLINES)

    @cached_property
    def known_names(self) -> frozenset[str]:
        """Every name some form, script, table or caller of this release can give a value."""
        known = set(self.vocabulary.data)
        known |= {name for names in self.vocabulary.forms.values() for name in names}
        for decision_id, decision in self.decisions.items():
            known |= set(decision.output_names) if decision_id != DEADLINES else set()
        for diagram in self.diagrams:
            known |= {name for reading in readings_of(diagram) for name in reading.given}
        return frozenset(known)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The names its diagrams and tables look at: only these are handed to conditions."""
        read = {name for d in self.diagrams for r in readings_of(d) for name in r.names}
        return frozenset(read.union(*(decision.names for decision in self.decisions.values())))


def read_release(artifacts: Iterable[Artifact], vocabulary: Vocabulary) -> Release:
    release = Release(vocabulary)
    for artifact in artifacts:
        if artifact.kind == "diagram":
            release.unreadable += _read_diagram(release, artifact)
        elif artifact.kind == "table":
            release.unreadable += _read_table(release, artifact)
    return release


def _read_diagram(release: Release, artifact: Artifact) -> Iterator[Finding]:
    try:
        diagram = Diagram(artifact.name, artifact.content, follow=True)
    except XmlError as problem:
        yield error(
            artifact.name,
            "",
            f"Le fichier n’est pas lisible : {problem.message}.",
            "Exportez-le de nouveau depuis l’éditeur de diagrammes.",
        )
        return
    if not diagram.is_bpmn:
        yield error(
            diagram,
            "",
            "Ce fichier n’est pas un diagramme BPMN 2.0 : il ne contient aucun processus.",
            "Enregistrez un diagramme de processus.",
        )
    elif other := next((d for d in release.diagrams if d.id == diagram.id), None):
        yield error(
            diagram,
            diagram.id,
            f"Le processus « {diagram.id} » existe déjà dans le fichier « {other.artifact} ».",
            "Donnez à chaque processus son propre identifiant.",
        )
    else:
        release.diagrams.append(diagram)


def _read_table(release: Release, artifact: Artifact) -> Iterator[Finding]:
    decisions, problems = read_decisions(artifact.content)
    for problem in problems:
        yield error(artifact.name, problem.element, problem.message, "Corrigez la table.")
    for key, decision in decisions.items():
        if key in release.decisions:
            yield error(
                artifact.name,
                key,
                f"La décision « {key} » existe déjà dans le fichier « {release.files[key]} ».",
                "Renommez l’une des deux.",
            )
            continue
        release.decisions[key] = decision
        release.files[key] = artifact.name
