"""Bytes of a diagram or table come in, a parsed tree goes out; hostile XML is refused in words."""

import re

from lxml import etree

LARGEST = 2_000_000
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"


class XmlError(ValueError):
    """The bytes are not XML we are willing to read; the message says why, in French."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def parse_xml(content: bytes | str) -> etree._Element:
    data = content.encode() if isinstance(content, str) else content
    if len(data) > LARGEST:
        raise XmlError(f"le fichier dépasse {LARGEST // 1_000_000} Mo")
    # UTF-16 would hide a DOCTYPE from the search below; our editors write UTF-8.
    if b"\x00" in data:
        raise XmlError("le fichier n’est pas en UTF-8")
    if _DOCTYPE.search(data):
        raise XmlError("une déclaration DOCTYPE ou ENTITY n’est pas permise")
    try:
        return etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise XmlError(f"le XML est mal formé ({str(error)[:120]})") from error


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def local(element: etree._Element) -> str:
    """The tag without its namespace."""
    return etree.QName(element).localname
