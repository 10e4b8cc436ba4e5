"""A state comes in; the sign that says it without colour goes out: tick, dot, cross, « Ici »."""

from collections.abc import Mapping

from lxml import etree

from engine.drawing import marks
from engine.drawing.canvas import add, mark
from engine.drawing.elements import shades
from engine.drawing.scene import Box, Scene, Shape

WORDS = {"done": "Fait", "current": "En cours", "cancelled": "Annulé"}
SIGNS = {"done": marks.TICK, "current": marks.DOT, "cancelled": marks.CROSS}
RADIUS = 9.0


def draw_badge(root: etree._Element, shape: Shape, state: str) -> None:
    """A round sign at the top right of a task; an event is too small for one."""
    if state not in SIGNS or shape.node.is_event or shape.node.is_gateway:
        return
    cx, cy, colour = shape.box.right - 2, shape.box.y + 2, shades(state).stroke
    group = add(root, "g", class_=f"badge {state}")
    add(group, "title", WORDS[state])
    add(group, "circle", cx=cx, cy=cy, r=RADIUS, fill=colour, stroke="#FFFFFF", stroke_width=2)
    mark(group, SIGNS[state], Box(cx - 7, cy - 7, 14.0, 14.0), "#FFFFFF", weight=2.0)


def draw_flag(root: etree._Element, scene: Scene, told: Mapping[str, str]) -> None:
    """On a mini-map, where the case stands: large enough to be read when all is small."""
    here = [shape for shape in scene.shapes if told[shape.node.id] == "current"]
    if not here:
        return
    size = max(14.0, scene.frame.width / 30)
    box, frame = here[0].box, scene.frame
    width, height = size * 2.3, size * 1.5
    x = min(max(box.cx - width / 2, frame.x), frame.right - width)
    above = box.y - height * 1.25
    tip, y = (box.y, above) if above >= frame.y else (box.bottom, box.bottom + height * 0.25)
    base = y + height - 1 if above >= frame.y else y + 1
    group = add(root, "g", class_="flag", fill=shades("current").stroke)
    reach = height / 4
    add(
        group,
        "path",
        d=f"M{box.cx:.1f} {tip:.1f}L{box.cx - reach:.1f} {base:.1f}h{2 * reach:.1f}Z",
    )
    add(group, "rect", x=x, y=y, width=width, height=height, rx=height / 2)
    add(
        group, "text", "Ici", x=x + width / 2, y=y + height * 0.72, fill="#FFFFFF",
        font_size=size, font_weight="600", text_anchor="middle",
    )  # fmt: skip
