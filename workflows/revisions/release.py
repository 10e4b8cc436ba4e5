"""A tree with bpmn/, forms/ and documents/ comes in; artifacts go out, and back to a folder."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.publishing import Artifact

ROOT = Path(__file__).parents[2]  # where the tree that ships with Hent lies

# kind → (folder, suffix); diagrams lie one folder deeper, by what they are for.
PLACES: dict[str, tuple[str, str]] = {
    "table": ("bpmn/rules", ".dmn"),
    "scenario": ("bpmn/scenarios", ".yaml"),
    "dictionary": ("forms", ".yaml"),
    "form": ("forms/definitions", ".yaml"),
    "value_set": ("forms/value_sets", ".yaml"),
    "template": ("documents/templates", ""),
}
DIAGRAM_FOLDERS = ("pathways", "phases", "events")


def gather(root: Path = ROOT) -> list[Artifact]:
    """Everything a revision freezes, in a stable order."""
    return sorted(_found(root), key=lambda artifact: (artifact.kind, artifact.name))


def write(artifacts: Iterable[Artifact], folder: Path) -> list[Path]:
    """The same files again, where `gather` would look for them."""
    written = []
    for artifact in artifacts:
        path = folder / place_of(artifact)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(artifact.content)
        written.append(path)
    return written


def place_of(artifact: Artifact) -> Path:
    if artifact.kind == "diagram":
        return Path("bpmn") / folder_of(artifact.name) / f"{artifact.name}.bpmn"
    folder, suffix = PLACES[artifact.kind]
    return Path(folder) / f"{artifact.name}{suffix}"


def folder_of(name: str) -> str:
    """Where the shipped tree keeps it; a diagram drawn in the studio is a phase."""
    for folder in DIAGRAM_FOLDERS:
        if (ROOT / "bpmn" / folder / f"{name}.bpmn").exists():
            return folder
    return "phases"


def _found(root: Path) -> Iterator[Artifact]:
    for folder in DIAGRAM_FOLDERS:
        for path in (root / "bpmn" / folder).glob("*.bpmn"):
            yield Artifact("diagram", path.stem, path.read_bytes())
    for kind, (folder, suffix) in PLACES.items():
        for path in (root / folder).glob(f"*{suffix}"):
            if path.is_file() and not path.name.startswith("."):
                name = path.stem if suffix else path.name
                yield Artifact(kind, name, path.read_bytes())
