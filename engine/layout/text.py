"""A label comes in, its width in pixels and its wrapped lines go out (11 px, wrapped at 90 like bpmn-js)."""

LINE_HEIGHT = 14
WRAP = 90
SIZE = 11.0

# The letters of Atkinson Hyperlegible Next, in em, rounded up: « a label fits » is measured, not guessed.
# tests/bpmn/test_words.py compares them with the font file.
_EMS = {
    0.265: "',.:;`ijl|î’‘·",
    0.315: "!()fï \u00a0\u202f",
    0.365: "-[]rt{}°",
    0.42: "/1I_ÎÏ“”²³",
    0.49: "*?csvxyzç",
    0.52: "7Jk–",
    0.58: "23<>EFLTY^abdeghnopqu~«»àâäèéêëôöùûüÈÉÊË",
    0.62: "$+45689BPRSVZ",
    0.67: "#0=ACDKXÀÂÇ…€",
    0.7: "GHNUwÙÛ",
    0.735: "&OQÔÖ",
    0.875: "@MWmæ—",
    1.01: "%Œœ",
}
KNOWN = {char: em for em, chars in _EMS.items() for char in chars}
_UNKNOWN = 0.69


def width(text: str, size: float = SIZE) -> float:
    return sum(KNOWN.get(char, _UNKNOWN) for char in text) * size


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
