"""A few words come in, a small release comes out: diagrams laid out, a table of deadlines."""

from typing import Any

import yaml

from engine.artifacts import Artifact, Finding, Vocabulary
from engine.checks import check
from engine.layout import lay_out

VOCABULARY = Vocabulary(
    roles=("IDEC", "Chirurgien", "Système"),
    forms={"ask": ("answer", "again", "amount"), "tell": ("told",)},
    data={"answer": "instance", "again": "instance", "amount": "case", "rows": "case"},
    handlers=("work",),
    codes=("idec", "surgeon"),
    anchors=("surgery",),
)
KINDS = {
    "start": "start",
    "end": "end",
    "merge": "xor",
    "gate": "xor",
    "split": "and",
    "join": "and",
}


def sketch(
    *flows: str, name: str = "demo", lanes: tuple[str, ...] = ("IDEC",), **given: Any
) -> Artifact:
    """`sketch("start -> ask -> end", ask={"form": "tell"})`; "a -> b if x", "a -> c default".

    An element is known by the start of its name: start, end, merge, gate, split, join; any other
    is a user task. Keyword arguments change it; `properties` and `messages` are the process's.
    """
    drawn = [_flow(flow) for flow in flows]
    keys = dict.fromkeys(end for flow in drawn for end in _ends(flow))
    elements = [_element(key, dict(given.pop(key, {})), lanes[0]) for key in keys]
    elements += [
        _element(key, dict(value), lanes[0])
        for key, value in given.items()
        if key not in ("properties", "messages")
    ]
    source = {
        "id": name,
        "name": "Essai",
        "lanes": list(lanes),
        "elements": elements,
        "flows": drawn,
    }
    source |= {key: given[key] for key in ("properties", "messages") if key in given}
    return Artifact("diagram", name, lay_out(yaml.safe_dump(source, allow_unicode=True)))


def _flow(text: str) -> Any:
    if " if " in text:
        ends, condition = text.split(" if ", 1)
        return {**_pair(ends), "condition": condition}
    if text.endswith(" default"):
        return {**_pair(text.removesuffix(" default")), "default": True}
    return text


def _pair(text: str) -> dict[str, str]:
    source, target = (part.strip() for part in text.split("->"))
    return {"from": source, "to": target}


def _ends(flow: Any) -> list[str]:
    if isinstance(flow, str):
        return [part.strip() for part in flow.split("->")]
    return [flow["from"], flow["to"]]


def _element(key: str, changes: dict[str, Any], lane: str) -> dict[str, Any]:
    kind = next((KINDS[word] for word in KINDS if key.startswith(word)), "user")
    element: dict[str, Any] = {"id": key, "type": kind, "name": key.capitalize(), "lane": lane}
    element |= changes
    if element["type"] == "user":
        element["properties"] = {"form": "ask", "deadline": "ask"} | changes.get("properties", {})
    if "host" in element:
        element.pop("lane")
    return element


def changed(artifact: Artifact, old: str, new: str) -> Artifact:
    """The same file with a piece of text replaced, as a hand or another editor would leave it."""
    text = artifact.content.decode()
    assert old in text, f"{old!r} is not in the file"
    return Artifact(artifact.kind, artifact.name, text.replace(old, new).encode())


DEADLINE = ('"ask"', '"opened"', "2", '"days"', '"80%"', '"idec"')
OTHERWISE = ("-", '"opened"', "7", '"days"', "", "")
OUTPUTS = ("anchor", "amount", "unit", "reminder", "escalation")


def table(
    *rows: tuple[str, ...],
    name: str = "deadlines",
    reads: str = "deadline",
    gives: tuple[str, ...] = OUTPUTS,
    policy: str = "FIRST",
) -> Artifact:
    cells = "".join(
        f'<rule id="row_{number}"><inputEntry><text><![CDATA[{row[0]}]]></text></inputEntry>'
        + "".join(f"<outputEntry><text>{cell}</text></outputEntry>" for cell in row[1:])
        + "</rule>"
        for number, row in enumerate(rows, 1)
    )
    outputs = "".join(f'<output id="out_{one}" name="{one}"/>' for one in gives)
    return Artifact(
        "table",
        name,
        f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d">
        <decision id="{name}" name="{name}"><decisionTable id="t" hitPolicy="{policy}">
        <input id="i" label="{reads}"><inputExpression><text>{reads}</text></inputExpression></input>
        {outputs}{cells}</decisionTable></decision></definitions>""".encode(),
    )


DEADLINES = table(DEADLINE, OTHERWISE)


def findings(*artifacts: Artifact, vocabulary: Vocabulary = VOCABULARY) -> list[Finding]:
    """What the gate says; a table of deadlines is added unless one is given."""
    given = list(artifacts)
    if not any(one.name == "deadlines" for one in given):
        given.append(DEADLINES)
    return check(given, vocabulary)


def errors(*artifacts: Artifact, vocabulary: Vocabulary = VOCABULARY) -> list[str]:
    """The errors as people read them, with plain spaces."""
    found = findings(*artifacts, vocabulary=vocabulary)
    return [plain(str(one)) for one in found if one.severity == "error"]


def plain(text: str) -> str:
    return text.replace("\u202f", " ")
