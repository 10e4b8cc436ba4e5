"""A PDF comes in; its words page by page, and how often each kind of tag occurs, go out."""

from collections import Counter
from io import BytesIO

import pikepdf
import pypdfium2


def pages(content: bytes) -> list[str]:
    """Lines joined as they are read, hard spaces made plain."""
    document = pypdfium2.PdfDocument(content)
    found = []
    for page in document:
        text = page.get_textpage().get_text_bounded()
        found.append(" ".join(text.replace("\u00a0", " ").split()))
    document.close()
    return found


def tags(content: bytes) -> Counter[str]:
    counted: Counter[str] = Counter()

    def walk(node: pikepdf.Object) -> None:
        if isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                counted[str(node.S)] += 1
            if "/K" in node:
                walk(node.K)

    with pikepdf.open(BytesIO(content)) as pdf:
        walk(pdf.Root.StructTreeRoot)
    return counted
