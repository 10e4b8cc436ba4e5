"""The name of a mark comes in (a person, an envelope, a clock), the lines that draw it go out.

Marks live on a grid of 24, like the icons of the rest of the application. A line is a path, whether
it is filled, and nothing else: the colour is that of the element.
"""

from math import cos, pi, sin

Stroke = tuple[str, bool]  # path, filled

ENVELOPE = "M3 6h18v12H3z"
FLAP = "M3 6l9 7l9 -7"


def _gear(teeth: int = 8, inner: float = 6.6, outer: float = 9.2) -> str:
    points = []
    for tooth in range(teeth):
        for radius, shift in ((inner, -0.36), (outer, -0.22), (outer, 0.22), (inner, 0.36)):
            angle = 2 * pi * (tooth + shift) / teeth
            points.append(f"{12 + radius * cos(angle):.1f} {12 + radius * sin(angle):.1f}")
    return f"M{'L'.join(points)}Z"


def _circle(radius: float) -> str:
    around = f"a{radius} {radius} 0 1 0 "
    return f"M{12 - radius} 12{around}{2 * radius} 0{around}{-2 * radius} 0"


TASKS: dict[str, tuple[Stroke, ...]] = {
    "userTask": (
        ("M8 7.5a4 4 0 1 0 8 0a4 4 0 0 0 -8 0", False),
        ("M5 21v-1.5a5 5 0 0 1 5 -5h4a5 5 0 0 1 5 5v1.5z", False),
    ),
    "serviceTask": ((_gear(), False), (_circle(3), False)),
    "scriptTask": (("M6 3h9l4 4v14H6z", False), ("M9 11h7M9 14h7M9 17h4", False)),
    "businessRuleTask": (("M3 5h18v4H3z", True), ("M3 5h18v14H3zM3 14h18M9 9v10", False)),
    "sendTask": ((ENVELOPE, True),),
    "receiveTask": ((ENVELOPE, False), (FLAP, False)),
}
EVENTS: dict[str, tuple[Stroke, ...]] = {
    "message": ((ENVELOPE, False), (FLAP, False)),
    "timer": ((_circle(9.5), False), ("M12 6v6l4 2.5", False)),
    "signal": (("M12 4l9 15H3z", False),),
    "conditional": (("M5 3h14v18H5z", False), ("M8 8h8M8 12h8M8 16h8", False)),
    "error": (("M4 20l5 -14l5 8l6 -10l-5 15l-5 -8z", False),),
    "escalation": (("M12 3l7 18l-7 -7l-7 7z", False),),
    "link": (("M3 9h10V5l8 7l-8 7v-4H3z", False),),
    "compensate": (("M12 6v12l-9 -6zM21 6v12l-9 -6z", False),),
    "cancel": (("M6 4l6 6l6 -6l2 2l-6 6l6 6l-2 2l-6 -6l-6 6l-2 -2l6 -6l-6 -6z", False),),
    "terminate": ((_circle(8), True),),
}
GATEWAYS: dict[str, tuple[Stroke, ...]] = {
    "exclusiveGateway": (("M6 5h3.4L12 9.2L14.6 5H18l-4.2 7L18 19h-3.4L12 14.8L9.4 19H6l4.2 -7z", True),),
    "parallelGateway": (("M10.4 3h3.2v7.4H21v3.2h-7.4V21h-3.2v-7.4H3v-3.2h7.4z", True),),
    "inclusiveGateway": (("M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0 -16m0 2.8a5.2 5.2 0 1 1 0 10.4a5.2 5.2 0 1 1 0 -10.4", True),),
    "eventBasedGateway": ((_circle(10), False), ("M12 6l6 4.4l-2.3 7h-7.4L6 10.4z", False)),
}  # fmt: skip
PLUS: tuple[Stroke, ...] = (("M3 3h18v18H3zM12 7v10M7 12h10", False),)
TICK: tuple[Stroke, ...] = (("M6 12.5l4 4l8 -8.5", False),)
CROSS: tuple[Stroke, ...] = (("M7 7l10 10M17 7l-10 10", False),)
DOT: tuple[Stroke, ...] = ((_circle(4.5), True),)


def thrown(strokes: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
    """What is sent is dark, what is awaited is light: the outline filled, its inside left out."""
    return ((strokes[0][0], True),)
