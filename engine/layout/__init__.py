"""A list of elements, lanes and flows (YAML) comes in, a BPMN 2.0 file drawn on a lane grid goes out.

An authoring aid, used once per diagram: ``python -m engine.layout IN.yaml OUT.bpmn``.  Afterwards the
``.bpmn`` file is the truth and is edited by hand or in the studio.

One YAML file describes one process::

    id: rcp                                  # process id = name of the file
    name: RCP d’un dossier                   # written on the pool
    properties: {permitted_when: "…"}        # optional, of the process
    messages: {patient_absent: {keep: "false"}}   # optional: properties of messages used below
    lanes: [Médecin demandeur, Secrétariat de RCP, Système]        # from top to bottom

    elements:
      - {id: start, type: start, name: RCP demandée, lane: Médecin demandeur}
      - id: register_for_rcp
        type: user
        name: Inscrire le patient
        lane: Médecin demandeur
        documentation: R02
        properties: {form: register_for_rcp, deadline: register_for_rcp}
      - {id: accepted, type: xor, name: "Acceptée ?", lane: Secrétariat de RCP}
      - {id: agenda, type: catch, name: Ordre du jour arrêté, lane: Système, message: agenda_closed}
      - {id: eve, type: catch, name: Veille du cycle, lane: Système, timer: next_cycle_eve}
      - {id: absent, type: boundary, host: administer_cycle, name: Patient absent, message: patient_absent}
      - {id: count, type: script, name: Compter le cycle, lane: Système,
         script: "cycle_number = default(cycle_number, 0) + 1"}

    flows:
      - start -> register_for_rcp -> accepted          # a chain of plain flows
      - {from: accepted, to: refused, name: Non, condition: "registration_accepted == False"}
      - {from: accepted, to: agenda, name: Oui, default: true}

Types: ``start``, ``end``, ``terminate`` (end), ``user``, ``service``, ``script``, ``rule``, ``call``,
``task``, ``manual``, ``send``, ``receive``, ``xor``, ``and``, ``or``, ``event_gateway``, ``catch``,
``throw``, ``boundary``; BPMN's own names (``userTask``, ``exclusiveGateway``…) are accepted too.

Keys of an element:

- ``id``, ``type``, ``name``, ``lane`` (a boundary event takes the lane of its ``host``);
- ``column``: a number from 0, to move it (what follows it moves too); ``row``: sub-row in its lane, from 0;
- ``documentation``: the domain id; ``properties``: ``form``, ``deadline``, ``handler``, ``decision``…;
- ``message`` on start, end, catch, throw, boundary, send, receive; also ``signal``, ``error``, ``escalation``;
- ``timer`` on start, catch, boundary: ``P1M`` or ``{duration: …}`` or ``{date: expression}``
  (bare text: a duration when it starts with P, else an expression giving a date);
- ``condition_event`` on catch or boundary: an expression;
- ``interrupting: false`` on a boundary event (default true); ``side: top`` or ``bottom``;
- ``calls``: process id, on ``call``; ``script`` on ``script``;
- ``multiple``: ``{collection: rows, item: row, sequential: true}`` on a task or call, written back in place,
  or ``{times: expression}``;
- ``label``: ``above``, ``below``, ``left`` or ``right``, to insist on a place for the label.

Keys of a flow: ``from``, ``to``, ``name`` (also ``label``), ``condition``, ``default``, ``id``;
``exit`` and ``enter`` (``n e s w``) to insist on the sides it leaves and arrives by.

Quote a label that holds « ? » or « : » (``"Acceptée ?"``); its space becomes a narrow no-break one.
Columns are the longest path from the start, back edges ignored; rows are lanes.  Every edge tries some
dozens of orthogonal paths and takes the cheapest; labels go to the place where they overlap least.
"""

from engine.layout.grid import place
from engine.layout.labels import label
from engine.layout.routing import route
from engine.layout.source import Diagram, SourceError, read
from engine.layout.writer import write

__all__ = ["Diagram", "SourceError", "lay_out", "read"]


def lay_out(text: str) -> bytes:
    """YAML → the bytes of a complete BPMN file with its diagram interchange."""
    diagram = read(text)
    grid = place(diagram)
    edges = route(diagram, grid)
    return write(diagram, grid, edges, label(diagram, grid, edges))
