"""The table of deadlines comes in as DMN; its rows in the words of the ward, and a changed table, go out."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree

from engine.calendar import UNITS
from engine.errors import Invalid, NotFound
from engine.xml import XmlError, local, parse_xml
from workflows.deadlines.rules import ESTABLISHMENT, OPENED
from workflows.deadlines.wording import MILESTONES, milestone_label, unit_label
from workflows.french import plural
from workflows.roles import LANES, ROLES

NAME = "deadlines"  # of the file, and of its decision
SHARE = "%"
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_ANY = ("", "-")
_BEFORE = re.compile(r"-?\s*(\d+)\s*([a-z_]+|%)")
ESCALATED = {role.code: role.label for role in LANES.values() if role.code != "system"}


@dataclass(frozen=True)
class Delay:
    """« 2 jours ouvrés après l’ouverture, rappel à 80 %, puis l’IDEC »."""

    anchor: str = OPENED
    amount: float = 7
    unit: str = "days"
    reminder: str = ""
    escalation: str = ""
    label: str = ""

    @property
    def reminder_parts(self) -> tuple[str, str]:
        """« -2 days » → (2, days); « 80% » → (80, %)."""
        found = _BEFORE.fullmatch(self.reminder.strip())
        return (found[1], found[2]) if found else ("", "")

    def say(self) -> str:
        """« 7 jours après le compte rendu anatomopathologique »"""
        anchor = "l’ouverture" if self.anchor == OPENED else milestone_label(self.anchor)
        if self.amount == 0:
            return f"le jour même, compté depuis {anchor}"
        side = "après" if self.amount > 0 else "avant"
        return f"{plural(abs(self.amount), *unit_label(self.unit))} {side} {anchor}"

    def say_reminder(self) -> str:
        amount, unit = self.reminder_parts
        if not amount:
            return "sans rappel"
        if unit == SHARE:
            return f"rappel à {amount}\u202f% du délai"
        return f"rappel {plural(float(amount), *unit_label(unit))} avant"

    def say_escalation(self) -> str:
        return ROLES[self.escalation].label if self.escalation in ROLES else "personne"


@dataclass(frozen=True)
class Row:
    """A row of the table; `is_plain` when every cell is a constant that a form can ask."""

    id: str
    step: str  # empty for « all the others »
    delay: Delay
    establishment: str = ""  # its code when the row is its own; empty for everywhere
    is_plain: bool = True
    conditions: str = ""  # what else the row looks at, as the table writes it


def rows(content: bytes) -> list[Row]:
    """Nothing when the table does not read: the checks say why."""
    try:
        return [
            _row(rule, table) for table in _tables(parse_xml(content)) for rule in _rules(table)
        ]
    except (XmlError, IndexError, ValueError):
        return []


def row_of(content: bytes, step: str, establishment: str = "") -> Row | None:
    """The row of a step: the one for everywhere, or an establishment's own."""
    wanted = (step, establishment)
    return next((row for row in rows(content) if (row.step, row.establishment) == wanted), None)


def read(typed: Mapping[str, str]) -> Delay:
    """What a form posted, or an Invalid that says what to type."""
    amount = typed.get("amount", "").strip().replace(",", ".")
    if not re.fullmatch(r"-?\d{1,4}(\.\d)?", amount):
        raise Invalid("Le délai est un nombre, par exemple 7. Il peut être 0 ou négatif.")
    unit, anchor = typed.get("unit", ""), typed.get("anchor", "")
    if unit not in UNITS:
        raise Invalid("Choisissez l’unité du délai dans la liste.")
    if anchor not in {OPENED, *MILESTONES}:
        raise Invalid("Choisissez dans la liste d’où compter le délai.")
    escalation = typed.get("escalation", "")
    if escalation and escalation not in ESCALATED:
        raise Invalid("Choisissez qui prévenir dans la liste.")
    return Delay(
        anchor=anchor,
        amount=float(amount),
        unit=unit,
        reminder=_reminder(typed),
        escalation=escalation,
        label=typed.get("label", "").strip()[:200],
    )


def write(content: bytes, row_id: str, delay: Delay) -> bytes:
    """The same table with one row changed; the label stays when none is given."""
    root = parse_xml(content)
    for table in _tables(root):
        for rule in _rules(table):
            if rule.get("id") == row_id:
                _fill(rule, table, delay if delay.label else replace(delay, label=_label(rule)))
                return _bytes(root)
    raise NotFound("Cette ligne n’est plus dans la table des délais.")


def add(content: bytes, step: str, delay: Delay, establishment: str = "") -> bytes:
    """A new row, before the one for all the others; an establishment's own wins over the step's."""
    root = parse_xml(content)
    table = next(iter(_tables(root)))
    if establishment:
        _add_establishment_column(root, table)
    rule = etree.Element(_tag(table, "rule"), id=_free_id(root, f"deadline_{step}"))
    tested = {"deadline": step, ESTABLISHMENT: establishment}
    for place, name in enumerate(_input_names(table)):
        told = tested.get(name, "")
        _cell(rule, "inputEntry", f"in_{place + 1}", json.dumps(told) if told else "-")
    for output in _children(table, "output"):
        _cell(rule, "outputEntry", output.get("name", ""), "")
    _annotation(rule).text = delay.label
    _fill(rule, table, delay)
    following = _following(table, step if establishment else "")
    if following is None:
        table.append(rule)
    else:
        following.addprevious(rule)
        rule.tail = following.tail
    return _bytes(root)


def remove(content: bytes, row_id: str) -> bytes:
    """An establishment goes back to the delay of everybody."""
    root = parse_xml(content)
    for table in _tables(root):
        for rule in _rules(table):
            if rule.get("id") == row_id and _row(rule, table).establishment:
                table.remove(rule)
                return _bytes(root)
    raise NotFound("Cette ligne n’est plus dans la table des délais.")


def _following(table: etree._Element, step: str) -> etree._Element | None:
    """The first row of a step that is nobody's own, else the last row."""
    known = [(rule, _row(rule, table)) for rule in _rules(table)]
    shared = (rule for rule, row in known if row.step == step and not row.establishment)
    return next(shared, known[-1][0] if known else None)


def _add_establishment_column(root: etree._Element, table: etree._Element) -> None:
    """The second column, the first time an establishment decides for itself; « - » elsewhere."""
    if ESTABLISHMENT in _input_names(table):
        return
    inputs = _children(table, "input")
    column = etree.Element(
        _tag(table, "input"), id=_free_id(root, "deadlines_establishment"), label="Établissement"
    )
    expression = etree.SubElement(
        column, _tag(table, "inputExpression"), typeRef="string",
        id=_free_id(root, "deadlines_establishment_expression"),
    )  # fmt: skip
    etree.SubElement(expression, _tag(table, "text")).text = ESTABLISHMENT
    inputs[-1].addnext(column)
    for rule in _rules(table):
        cell = etree.Element(_tag(rule, "inputEntry"), id=f"{rule.get('id')}_establishment")
        etree.SubElement(cell, _tag(rule, "text")).text = "-"
        _children(rule, "inputEntry")[-1].addnext(cell)


def _input_names(table: etree._Element) -> list[str]:
    """What each column looks at: « deadline », « establishment »."""
    return [
        _text(next(iter(_children(column, "inputExpression")), column))
        for column in _children(table, "input")
    ]


def _reminder(typed: Mapping[str, str]) -> str:
    unit, amount = typed.get("reminder_unit", ""), typed.get("reminder", "").strip()
    if not unit:
        return ""
    if not re.fullmatch(r"\d{1,3}", amount) or (unit != SHARE and unit not in UNITS):
        raise Invalid("Le rappel est un nombre, par exemple 2 jours avant, ou 80 % du délai.")
    if unit == SHARE and not 0 < int(amount) < 100:
        raise Invalid("Un rappel en part du délai est compris entre 1 et 99 %.")
    return f"{amount}%" if unit == SHARE else f"-{amount} {unit}"


def _row(rule: etree._Element, table: etree._Element) -> Row:
    tests = dict(zip(_input_names(table), map(_text, _children(rule, "inputEntry")), strict=True))
    step, place = tests.pop("deadline", "-"), tests.pop(ESTABLISHMENT, "-")
    cells = dict(_outputs(rule, table))
    values = {name: _constant(_text(cell)) for name, cell in cells.items()}
    return Row(
        id=rule.get("id", ""),
        step=_tested(step),
        delay=Delay(
            anchor=values.get("anchor") or OPENED,
            amount=_amount(values.get("amount", "")),
            unit=values.get("unit") or "days",
            reminder=values.get("reminder", ""),
            escalation=values.get("escalation", ""),
            label=_label(rule),
        ),
        establishment=_tested(place),
        is_plain=all(_is_constant(_text(cell)) for cell in cells.values())
        and all(test in _ANY or bool(_TEXT.fullmatch(test)) for test in (step, place)),
        conditions=", ".join(text for text in tests.values() if text not in _ANY),
    )


def _tested(test: str) -> str:
    return "" if test in _ANY else _constant(test)


def _fill(rule: etree._Element, table: etree._Element, delay: Delay) -> None:
    written = {
        "anchor": json.dumps(delay.anchor),
        "amount": f"{delay.amount:g}",
        "unit": json.dumps(delay.unit),
        "reminder": json.dumps(delay.reminder),
        "escalation": json.dumps(delay.escalation),
    }
    for name, cell in _outputs(rule, table):
        if name in written:
            _write(cell, written[name])
    _annotation(rule).text = delay.label


def _outputs(rule: etree._Element, table: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    names = [output.get("name", "") for output in _children(table, "output")]
    yield from zip(names, _children(rule, "outputEntry"), strict=True)


def _label(rule: etree._Element) -> str:
    return next((_text(one) for one in _children(rule, "annotationEntry")), "")


def _annotation(rule: etree._Element) -> etree._Element:
    """Where a row says which rule of the trade it applies."""
    entries = _children(rule, "annotationEntry")
    entry = entries[0] if entries else etree.SubElement(rule, _tag(rule, "annotationEntry"))
    found = _children(entry, "text")
    return found[0] if found else etree.SubElement(entry, _tag(rule, "text"))


def _cell(rule: etree._Element, tag: str, suffix: str, text: str) -> None:
    cell = etree.SubElement(rule, _tag(rule, tag), id=f"{rule.get('id')}_{suffix}")
    etree.SubElement(cell, _tag(rule, "text")).text = text


def _write(cell: etree._Element, text: str) -> None:
    found = _children(cell, "text")
    (found[0] if found else etree.SubElement(cell, _tag(cell, "text"))).text = text


def _text(entry: etree._Element) -> str:
    return next(((one.text or "").strip() for one in _children(entry, "text")), "")


def _is_constant(text: str) -> bool:
    return not text or bool(_TEXT.fullmatch(text) or _NUMBER.fullmatch(text))


def _constant(text: str) -> str:
    return str(json.loads(text)) if _TEXT.fullmatch(text) else text


def _amount(text: str) -> float:
    return float(text) if _NUMBER.fullmatch(text) else 0


def _tables(root: etree._Element) -> Iterator[etree._Element]:
    for decision in _children(root, "decision"):
        if decision.get("id") == NAME:
            yield from _children(decision, "decisionTable")


def _rules(table: etree._Element) -> list[etree._Element]:
    return _children(table, "rule")


def _children(node: etree._Element, tag: str) -> list[etree._Element]:
    return [child for child in node if isinstance(child.tag, str) and local(child) == tag]


def _tag(node: etree._Element, name: str) -> str:
    return f"{{{etree.QName(node).namespace}}}{name}"


def _free_id(root: etree._Element, wanted: str) -> str:
    taken = {node.get("id") for node in root.iter()}
    number, free = 1, wanted
    while free in taken:
        number, free = number + 1, f"{wanted}_{number + 1}"
    return free


def _bytes(root: etree._Element) -> bytes:
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written
