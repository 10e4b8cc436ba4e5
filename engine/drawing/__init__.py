"""A BPMN file comes in, its drawing goes out as SVG text: for a page, a print, a mini-map.

Each element is a group with classes for its type and state (`element userTask done`) and its id in
`data-element`; colours are presentation attributes, so a style sheet may replace them.
"""

from collections.abc import Mapping

from lxml import etree

from engine.drawing.canvas import FONT, SVG, add, arrow, lines, number, rounded, slash
from engine.drawing.elements import draw_label, draw_shape, shades
from engine.drawing.flags import draw_badge, draw_flag
from engine.drawing.scene import Band, Line, Scene, read
from engine.layout import text

STATES = ("done", "current", "todo", "cancelled")
INK, FRAME, PAPER, GREEN = "#14262C", "#41545B", "#FFFFFF", "#2F8F55"

__all__ = ["STATES", "draw"]


def draw(
    diagram_xml: bytes | str, states: Mapping[str, str] | None = None, labels: bool = True
) -> str:
    """`states`: element id → done, current or cancelled, the others are to come.

    Without labels it is a mini-map: shapes and tints only, and a flag « Ici ».
    """
    scene = read(diagram_xml)
    frame = scene.frame
    root = etree.fromstring(f'<svg xmlns="{SVG}"/>')
    for key, value in {
        "viewBox": " ".join(number(v) for v in (frame.x, frame.y, frame.width, frame.height)),
        "width": number(frame.width),
        "height": number(frame.height),
        "class": "diagram" if labels else "diagram minimap",
        "role": "img",
        "aria-label": scene.name,
        "font-family": FONT,
    }.items():
        root.set(key, value)
    _draw(
        root, scene, {} if states is None else states, coloured=states is not None, labels=labels
    )
    return etree.tostring(root, encoding="unicode")


def _draw(
    root: etree._Element, scene: Scene, states: Mapping[str, str], *, coloured: bool, labels: bool
) -> None:
    told = {
        shape.node.id: states.get(shape.node.id, "todo") if coloured else ""
        for shape in scene.shapes
    }
    for band in scene.bands:
        _band(root, band, labels)
    for line in scene.lines:
        _line(root, line, told, labels)
    for shape in scene.shapes:
        draw_shape(root, shape, told[shape.node.id], labels)
    if labels:
        for line in scene.lines:
            draw_label(root, line)
        for shape in scene.shapes:
            draw_label(root, shape)
        for shape in scene.shapes:
            draw_badge(root, shape, told[shape.node.id])
    else:
        draw_flag(root, scene, told)


def _band(root: etree._Element, band: Band, labels: bool) -> None:
    box = band.box
    group = add(root, "g", class_=f"band {band.tag}")
    if band.tag == "textAnnotation":
        left = f"M{number(box.x + 8)} {number(box.y)}h-8v{number(box.height)}h8"
        add(group, "path", d=left, fill="none", stroke=FRAME)
        if labels:
            lines(
                group, text.wrap(band.name, box.width - 12), box.x + 6, box.y + 4,
                size=11.0, colour=INK, anchor="start",
            )  # fmt: skip
        return
    dashes = "8 4 2 4" if band.tag == "group" else None
    add(
        group, "rect", x=box.x, y=box.y, width=box.width, height=box.height,
        fill=PAPER if band.tag == "participant" else "none",
        stroke=FRAME, stroke_width=1.5, stroke_dasharray=dashes,
    )  # fmt: skip
    if band.tag == "participant":
        x = number(box.x + 30)
        add(
            group,
            "path",
            d=f"M{x} {number(box.y)}v{number(box.height)}",
            stroke=FRAME,
            stroke_width=1.5,
        )
    if labels and band.tag in ("participant", "lane"):
        wrapped = text.wrap(band.name, box.height - 8, 12.0)[:2]
        top = box.x + (9.0 if len(wrapped) == 1 else 2.0)
        for rank, part in enumerate(wrapped):
            lines(
                group, [part], top + 15.0 * rank, box.cy, size=12.0, colour=INK, turned=True
            )  # fmt: skip


def _line(root: etree._Element, line: Line, told: Mapping[str, str], labels: bool) -> None:
    passed = told.get(line.flow.source) == "done" and told.get(line.flow.target) in (
        "done",
        "current",
    )
    colour = GREEN if passed else shades("").stroke
    weight = (2.4 if passed else 1.6) if labels else (6.0 if passed else 3.0)
    group = add(root, "g", class_=f"flow{' passed' if passed else ''}", data_element=line.flow.id)
    end = line.points[-1]
    path = rounded(line.points)
    add(group, "path", d=path, fill="none", stroke=colour, stroke_width=weight)
    if labels:
        add(group, "path", d=arrow(line.points[-2], end), fill=colour)
        if line.is_default:
            add(group, "path", d=slash(*line.points[:2]), stroke=colour, stroke_width=weight)
