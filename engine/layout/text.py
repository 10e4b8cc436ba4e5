"""A label comes in, its width in pixels and its wrapped lines go out (11 px, wrapped at 90 like bpmn-js)."""

LINE_HEIGHT = 14
WRAP = 90
SIZE = 11.0

_NARROW = set("iljtfrI.,;:!|’'() \u00a0\u202f-")
_WIDE = set("mwMW%@œæ")


def width(text: str, size: float = SIZE) -> float:
    return sum(_em(char) for char in text) * size


def _em(char: str) -> float:
    if char in _NARROW:
        return 0.31
    if char in _WIDE:
        return 0.86
    return 0.69 if char.isupper() else 0.56


def wrap(text: str, limit: float = WRAP, size: float = SIZE) -> list[str]:
    """Break at ordinary spaces only: a no-break space keeps « ? » with its question."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size) <= limit:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def box(text: str, limit: float = WRAP) -> tuple[float, float]:
    """Width and height of the wrapped label."""
    lines = wrap(text, limit)
    return max(width(line) for line in lines) + 4, LINE_HEIGHT * len(lines)
