"""The author's YAML comes in, a checked list of elements and flows goes out."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import yaml

TYPES = {
    "start": "startEvent",
    "end": "endEvent",
    "terminate": "endEvent",
    "user": "userTask",
    "service": "serviceTask",
    "script": "scriptTask",
    "rule": "businessRuleTask",
    "call": "callActivity",
    "task": "task",
    "manual": "manualTask",
    "send": "sendTask",
    "receive": "receiveTask",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "event_gateway": "eventBasedGateway",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "boundary": "boundaryEvent",
}


class SourceError(ValueError):
    """The list cannot be laid out; the message says where and why, in French."""


@dataclass(frozen=True)
class Element:
    id: str
    tag: str
    name: str = ""
    lane: str = ""
    column: int | None = None
    row: int | None = None
    host: str = ""
    side: str = ""
    label: str = ""
    documentation: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def is_event(self) -> bool:
        return self.tag.endswith("Event")

    @property
    def is_gateway(self) -> bool:
        return self.tag.endswith("Gateway")

    @property
    def size(self) -> tuple[int, int]:
        if self.is_event:
            return (36, 36)
        return (44, 44) if self.is_gateway else (120, 76)


@dataclass(frozen=True)
class Flow:
    id: str
    source: str
    target: str
    name: str = ""
    condition: str = ""
    default: bool = False
    exit: str = ""
    enter: str = ""


@dataclass(frozen=True)
class Diagram:
    id: str
    name: str
    lanes: tuple[str, ...]
    elements: dict[str, Element]
    flows: tuple[Flow, ...]
    properties: dict[str, str]
    messages: dict[str, dict[str, str]]


def read(text: str) -> Diagram:
    try:
        raw = yaml.safe_load(text)
        return _diagram(raw)
    except yaml.YAMLError as error:
        raise SourceError(f"le YAML est illisible : {error}") from error
    except KeyError as error:
        raise SourceError(f"il manque la clé {error}") from error


def _diagram(raw: dict[str, Any]) -> Diagram:
    elements: dict[str, Element] = {}
    for item in raw["elements"]:
        element = _element(item)
        if element.id in elements:
            raise SourceError(f"l’identifiant « {element.id} » est utilisé deux fois")
        elements[element.id] = element
    lanes = tuple(raw["lanes"])
    elements = {key: _in_lane(element, elements, lanes) for key, element in elements.items()}
    return Diagram(
        id=raw["id"],
        name=raw["name"],
        lanes=lanes,
        elements=elements,
        flows=_flows(raw["flows"], elements),
        properties=_texts(raw.get("properties")),
        messages={name: _texts(value) for name, value in (raw.get("messages") or {}).items()},
    )


def _element(item: dict[str, Any]) -> Element:
    kind = item["type"]
    tag = TYPES.get(kind, kind)
    if tag not in TYPES.values():
        raise SourceError(f"« {item['id']} » : type inconnu « {kind} »")
    known = {"name", "lane", "column", "row", "host", "side", "label", "documentation"}
    details = {k: v for k, v in item.items() if k not in known | {"id", "type", "properties"}}
    if kind == "terminate":
        details["terminate"] = True
    return Element(
        id=item["id"],
        tag=tag,
        properties=_texts(item.get("properties")),
        details=details,
        **{key: item[key] for key in known - {"name"} if item.get(key) is not None},
        name=_typography(item.get("name") or ""),
    )


def _typography(name: str) -> str:
    """A narrow no-break space before « ? ! : ; » so that a label never breaks there."""
    for mark in "?!:;":
        name = name.replace(f" {mark}", f"\u202f{mark}")
    return name


def _in_lane(element: Element, elements: dict[str, Element], lanes: tuple[str, ...]) -> Element:
    if element.tag == "boundaryEvent":
        if element.host not in elements:
            raise SourceError(f"« {element.id} » : hôte inconnu « {element.host} »")
        return Element(**{**vars(element), "lane": elements[element.host].lane})
    if element.lane not in lanes:
        raise SourceError(f"« {element.id} » : couloir inconnu « {element.lane} »")
    return element


def _flows(items: list[Any], elements: dict[str, Element]) -> tuple[Flow, ...]:
    raw: list[dict[str, Any]] = []
    for item in items:
        if isinstance(item, str):
            ends = [part.strip() for part in item.split("->")]
            raw += [{"from": a, "to": b} for a, b in pairwise(ends)]
        else:
            raw.append(item)
    flows = [_flow(item, elements) for item in raw]
    if len({flow.id for flow in flows}) < len(flows):
        flows = [Flow(**{**vars(f), "id": f"{f.id}_{n}"}) for n, f in enumerate(flows)]
    return tuple(flows)


def _flow(item: dict[str, Any], elements: dict[str, Element]) -> Flow:
    source, target = item["from"], item["to"]
    for end in (source, target):
        if end not in elements:
            raise SourceError(f"flux {source} -> {target} : élément inconnu « {end} »")
    return Flow(
        id=item.get("id", f"{source}__{target}"),
        source=source,
        target=target,
        name=_typography(item.get("name") or item.get("label") or ""),
        condition=item.get("condition") or "",
        default=bool(item.get("default")),
        exit=item.get("exit", ""),
        enter=item.get("enter", ""),
    )


def _texts(values: dict[str, Any] | None) -> dict[str, str]:
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in (values or {}).items()
    }
