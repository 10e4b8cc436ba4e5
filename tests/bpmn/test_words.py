"""The words of every diagram that ships, measured with the letters of the application as drawn."""

from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from lxml import etree

from engine.drawing import draw, scene
from engine.layout import text
from engine.layout.geometry import Rect
from tests.bpmn import release

FONT = release.ROOT / "documents" / "fonts" / "atkinson-latin-400.woff2"
FALLBACK = 0.3  # the narrow no-break space comes from another font
SVG = "{http://www.w3.org/2000/svg}"
MARGIN = 3.0


@dataclass(frozen=True)
class Words:
    said: str
    box: Rect
    group: etree._Element


@cache
def advances() -> dict[str, float]:
    """Letter → its width in em, as the font file has it."""
    font = TTFont(FONT)
    size, metrics = font["head"].unitsPerEm, font["hmtx"]
    return {chr(code): metrics[name][0] / size for code, name in font.getBestCmap().items()}


def measured(said: str, size: float) -> float:
    return sum(advances().get(letter, FALLBACK) for letter in said) * size


@pytest.fixture(params=release.DIAGRAMS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def words(path: Path) -> list[Words]:
    root = etree.fromstring(draw(path.read_bytes()))
    return [_words(node) for node in root.iter(f"{SVG}text")]


def test_the_layout_measures_as_the_font_does() -> None:
    """Never less than the letter takes, at most a tenth of an em more."""
    wrong = {
        letter: (text.width(letter, 1.0), advances()[letter])
        for letter in map(chr, range(32, 0x2030))
        if letter in advances() and letter in text.KNOWN
        if not 0 <= text.width(letter, 1.0) - advances()[letter] <= 0.11
    }

    assert wrong == {}


def test_the_words_of_a_task_stay_inside_it(words: list[Words]) -> None:
    out = [
        one.said
        for one in words
        if (frame := _frame(one.group)) is not None and not _inside(one.box, frame)
    ]

    assert out == []


def test_a_label_lies_on_no_line_no_shape_and_no_label(path: Path, words: list[Words]) -> None:
    drawn = scene.read(path.read_bytes())
    labels = [one for one in words if one.group.get("class") == "label"]
    on_lines = [
        (one.said, line.flow.id)
        for one in labels
        for line in drawn.lines
        if any(one.box.holds(segment) for segment in pairwise(line.points))
    ]
    on_shapes = [
        (one.said, shape.node.id)
        for one in labels
        for shape in drawn.shapes
        if one.box.overlap(Rect(shape.box.x, shape.box.y, shape.box.width, shape.box.height))
    ]
    on_labels = [
        (one.said, two.said)
        for one, two in combinations(labels, 2)
        if one.group is not two.group and one.box.overlap(two.box)
    ]

    assert on_lines == []
    assert on_shapes == []
    assert on_labels == []


def test_no_label_leaves_the_pool(path: Path, words: list[Words]) -> None:
    pool = next(band for band in scene.read(path.read_bytes()).bands if band.tag == "participant")
    frame = Rect(pool.box.x, pool.box.y, pool.box.width, pool.box.height)

    assert [one.said for one in words if not _inside(one.box, frame, margin=0)] == []


def _words(node: etree._Element) -> Words:
    said, size = node.text or "", float(node.get("font-size", 0))
    x, y, wide = float(node.get("x", 0)), float(node.get("y", 0)), 0.0
    wide = measured(said, size)
    if turn := node.get("transform"):  # rotate(-90 x y): reads upwards around that point
        cx, cy = (float(part) for part in turn[len("rotate(") : -1].split()[1:])
        box = Rect(cx + (y - size * 0.8) - cy, cy - wide / 2, size, wide)
    else:
        box = Rect(x - wide / 2, y - size * 0.8, wide, size)
    group = node.getparent()
    assert group is not None
    return Words(said, box, group)


def _frame(group: etree._Element) -> Rect | None:
    """What the words of a task, a lane or the pool have to stay in."""
    rect = group.find(f"{SVG}rect")
    if rect is None:
        return None
    x, y, width, height = (float(rect.get(key, 0)) for key in ("x", "y", "width", "height"))
    return Rect(x, y, width, height)


def _inside(inner: Rect, outer: Rect, margin: float = MARGIN) -> bool:
    return (
        outer.x + margin <= inner.x
        and outer.y + margin <= inner.y
        and inner.right <= outer.right - margin
        and inner.bottom <= outer.bottom - margin
    )
