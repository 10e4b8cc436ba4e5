"""Shapes in words come in, SVG elements go out: presentation attributes only, so that no style
sheet is needed and any style sheet may change them.
"""

from collections.abc import Sequence
from typing import Any

from lxml import etree

from engine.drawing.marks import Stroke
from engine.drawing.scene import Box, Point

SVG = "http://www.w3.org/2000/svg"
FONT = (
    "Atkinson Hyperlegible Next Variable, Atkinson Hyperlegible Next, Helvetica, Arial, sans-serif"
)
ROUNDING = 5.0


def add(parent: etree._Element, tag: str, text: str = "", **values: Any) -> etree._Element:
    """`class_` and `stroke_width` become `class` and `stroke-width`."""
    element = etree.SubElement(parent, f"{{{SVG}}}{tag}")
    for key, value in values.items():
        if value is not None:
            element.set(key.rstrip("_").replace("_", "-"), number(value))
    if text:
        element.text = text
    return element


def number(value: Any) -> str:
    """At most one decimal: the same drawing is the same text everywhere."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def mark(
    parent: etree._Element,
    strokes: Sequence[Stroke],
    box: Box,
    colour: str,
    *,
    weight: float = 1.5,
) -> None:
    """A mark of the grid of 24 fitted into a box."""
    scale = box.width / 24
    group = add(
        parent,
        "g",
        class_="mark",
        transform=f"translate({number(box.x)} {number(box.y)}) scale({scale:.3f})",
        stroke_width=f"{weight / scale:.2f}",
        stroke_linejoin="round",
        stroke_linecap="round",
    )
    for path, filled in strokes:
        fill, stroke = (colour, "none") if filled else ("none", colour)
        add(group, "path", d=path, fill=fill, stroke=stroke)


def lines(
    parent: etree._Element,
    texts: Sequence[str],
    x: float,
    top: float,
    *,
    size: float,
    colour: str,
    anchor: str = "middle",
    turned: bool = False,
    weight: str | None = None,
) -> None:
    """Lines of text under each other; `turned` reads upwards, around the given point."""
    step = size * 1.25
    for rank, text in enumerate(texts):
        y = top + size * 0.98 + rank * step
        add(
            parent,
            "text",
            text,
            x=x,
            y=y,
            fill=colour,
            font_size=size,
            font_weight=weight,
            text_anchor=anchor,
            transform=f"rotate(-90 {number(x)} {number(top)})" if turned else None,
        )


def rounded(points: Sequence[Point]) -> str:
    """A path along right angles whose corners are softened."""
    parts = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        entry, leaving = _towards(corner, before), _towards(corner, after)
        parts.append(f"L{_pair(entry)}Q{_pair(corner)} {_pair(leaving)}")
    return "".join(parts) + f"L{_pair(points[-1])}"


def arrow(before: Point, tip: Point) -> str:
    """The head of an arrow that ends at `tip`."""
    dx, dy = _unit(before, tip)
    base = (tip[0] - 10 * dx, tip[1] - 10 * dy)
    left = (base[0] - 4.2 * dy, base[1] + 4.2 * dx)
    right = (base[0] + 4.2 * dy, base[1] - 4.2 * dx)
    return f"M{_pair(tip)}L{_pair(left)}L{_pair(right)}Z"


def slash(start: Point, following: Point) -> str:
    """The stroke through a default flow, near where it leaves."""
    dx, dy = _unit(start, following)
    x, y = start[0] + 11 * dx, start[1] + 11 * dy
    px, py = 5 * (dx * 0.5 - dy * 0.87), 5 * (dy * 0.5 + dx * 0.87)
    return f"M{_pair((x - px, y - py))}L{_pair((x + px, y + py))}"


def _unit(start: Point, end: Point) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    return dx / length, dy / length


def _towards(corner: Point, other: Point) -> Point:
    dx, dy = _unit(corner, other)
    reach = min(ROUNDING, max(abs(other[0] - corner[0]), abs(other[1] - corner[1])) / 2)
    return corner[0] + reach * dx, corner[1] + reach * dy


def _pair(point: Point) -> str:
    return f"{number(float(point[0]))} {number(float(point[1]))}"
