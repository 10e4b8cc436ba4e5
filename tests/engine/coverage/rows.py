"""Each element of BPMN 2.0: what Hent does with it, and the diagram that proves it."""

from dataclasses import dataclass, field

from engine.artifacts import Artifact
from engine.handlers import handles
from tests.engine.coverage.drawing import END, START, between, file, flow, properties, task


@handles("work")
def _work(_step: object) -> None:
    """What a service task of a sketch does: nothing."""


@dataclass(frozen=True)
class Runs:
    """Played move by move; after each, the tasks that are open. `[]` last: the case has ended."""

    element: str
    note: str
    body: str
    moves: tuple[tuple[str, list[str]], ...]
    beside: tuple[Artifact, ...] = ()


@dataclass(frozen=True)
class Refused:
    """Refused when it is published, with a sentence that says what to do instead."""

    element: str
    body: str
    said: str


@dataclass(frozen=True)
class Noted:
    """Imported and kept, but nothing runs: it is there for the reader."""

    element: str
    note: str
    body: str
    moves: tuple[tuple[str, list[str]], ...] = field(
        default=(("", ["x"]), ("do x", ["after"]), ("do after", []))
    )


X = task("x")
TO_END = (("", ["after"]), ("do after", []))
PLAIN = (("", ["x"]), ("do x", ["after"]), ("do after", []))


def event(tag: str, definition: str, *, key: str = "x", **attributes: str) -> str:
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<bpmn:{tag} id="{key}" name="{key}"{written}>{definition}</bpmn:{tag}>'


MESSAGE = '<bpmn:messageEventDefinition id="def" messageRef="m"/>'
SIGNAL = '<bpmn:signalEventDefinition id="def" signalRef="s"/>'
ERROR = '<bpmn:errorEventDefinition id="def" errorRef="e"/>'
ESCALATION = '<bpmn:escalationEventDefinition id="def" escalationRef="c"/>'
CONDITION = (
    '<bpmn:conditionalEventDefinition id="def"><bpmn:condition '
    'xsi:type="bpmn:tFormalExpression">amount > 3</bpmn:condition></bpmn:conditionalEventDefinition>'
)
LINK = '<bpmn:linkEventDefinition id="def" name="there"/>'
COMPENSATION = '<bpmn:compensateEventDefinition id="def"/>'
CANCEL = '<bpmn:cancelEventDefinition id="def"/>'
TERMINATE = '<bpmn:terminateEventDefinition id="def"/>'


def timer(kind: str, content: str) -> str:
    return (
        f'<bpmn:timerEventDefinition id="def"><bpmn:time{kind} xsi:type="bpmn:tFormalExpression">'
        f"{content}</bpmn:time{kind}></bpmn:timerEventDefinition>"
    )


def bordered(definition: str, *, interrupting: bool = True, host: str = X) -> str:
    """A boundary event on x that leads to a task `instead` (or, beside, to a script)."""
    border = event("boundaryEvent", definition, key="border", attachedToRef="x",
                   cancelActivity=str(interrupting).lower())  # fmt: skip
    if interrupting:
        way = task("instead") + '<bpmn:endEvent id="end2"/>' + flow("border", "instead")
        return between(host, border + way + flow("instead", "end2"))
    script = '<bpmn:scriptTask id="note" name="note"><bpmn:script>amount = 1</bpmn:script></bpmn:scriptTask>'
    return between(
        host, border + script + '<bpmn:endEvent id="end2"/>'
        + flow("border", "note") + flow("note", "end2"),
    )  # fmt: skip


def sub(inside: str, *, tag: str = "subProcess", attributes: str = "", before: str = "") -> str:
    return (
        f'<bpmn:{tag} id="x" name="x"{attributes}>{before}<bpmn:startEvent id="in"/>{inside}'
        f"</bpmn:{tag}>"
    )


INSIDE = task("inner") + '<bpmn:endEvent id="out"/>' + flow("in", "inner") + flow("inner", "out")
GATE = '<bpmn:{0} id="x" name="x"{1}/>'


def choosing(tag: str) -> str:
    """Two ways out of a gateway: `left` when amount is over 3, else `right`."""
    return (
        START + task("ask") + GATE.format(tag, ' default="x_right"') + task("left") + task("right")
        + GATE.format(tag, "").replace('"x"', '"y"') + END + flow("start", "ask") + flow("ask", "x")
        + flow("x", "left", "amount &gt; 3") + flow("x", "right") + flow("left", "y")
        + flow("right", "y") + flow("y", "end")
    )  # fmt: skip


BOTH = (
    START + GATE.format("parallelGateway", "") + task("left") + task("right")
    + GATE.format("parallelGateway", "").replace('"x"', '"y"') + END + flow("start", "x")
    + flow("x", "left") + flow("x", "right") + flow("left", "y") + flow("right", "y")
    + flow("y", "end")
)  # fmt: skip
FIRST_OF = (
    START + '<bpmn:eventBasedGateway id="x" name="x"/>'
    + event("intermediateCatchEvent", MESSAGE, key="heard")
    + event("intermediateCatchEvent", timer("Duration", "P2D"), key="late").replace('"def"', '"def2"')
    + task("left") + task("right") + '<bpmn:endEvent id="end2"/>' + END + flow("start", "x")
    + flow("x", "heard") + flow("x", "late") + flow("heard", "left") + flow("late", "right")
    + flow("left", "end") + flow("right", "end2")
)  # fmt: skip
CHILD = file(
    START + task("inner") + '<bpmn:endEvent id="end" name="Fin"/>'
    + flow("start", "inner") + flow("inner", "end"),
    name="child",
)  # fmt: skip
CALL = '<bpmn:callActivity id="x" name="x" calledElement="child"/>'


def many(*, sequential: bool) -> str:
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        "<bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    )


def with_inside(element: str, more: str) -> str:
    return element.replace("</bpmn:userTask>", f"{more}</bpmn:userTask>")


FAILING = (
    task("inner")
    + event("endEvent", ERROR, key="out")
    + flow("in", "inner")
    + flow("inner", "out")
)
RAISING = FAILING.replace(ERROR, ESCALATION)
THROWN = '<bpmn:sendTask id="x" name="x" messageRef="m"/>'
LISTENER = file(
    event("startEvent", MESSAGE, key="start") + task("heard") + END
    + flow("start", "heard") + flow("heard", "end"),
    name="listener",
)  # fmt: skip

SIGNALLED = (
    START + GATE.format("parallelGateway", "") + event("intermediateCatchEvent", SIGNAL, key="c1")
    + task("left") + task("ring") + END
    + event("endEvent", SIGNAL.replace('"def"', '"def2"'), key="end2") + flow("start", "x")
    + flow("x", "c1") + flow("c1", "left") + flow("left", "end") + flow("x", "ring")
    + flow("ring", "end2")
)  # fmt: skip
LINKED = (
    START + event("intermediateThrowEvent", LINK)
    + event("intermediateCatchEvent", LINK.replace('"def"', '"def2"'), key="there") + task("after")
    + END + flow("start", "x") + flow("there", "after") + flow("after", "end")
)  # fmt: skip
ANY_ORDER = (
    '<bpmn:adHocSubProcess id="x" name="x">' + task("one") + task("two") + task("three")
    + flow("one", "two") + '<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">'
    "amount == 1</bpmn:completionCondition></bpmn:adHocSubProcess>"
)  # fmt: skip
EACH = (
    '<bpmn:multiInstanceLoopCharacteristics isSequential="{}"><bpmn:loopDataInputRef>rows'
    "</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>rows</bpmn:loopDataOutputRef>"
    '<bpmn:inputDataItem id="row" name="row"/>'
    "</bpmn:multiInstanceLoopCharacteristics>"
)

RUNS: tuple[Runs, ...] = (
    Runs("none start event", "of a called or main diagram", between(X), PLAIN),
    Runs("message start event", "starts its diagram beside the others", between(THROWN),
         (("", ["after", "heard"]), ("do heard", ["after"]), ("do after", [])), (LISTENER,)),
    Runs("none end event", "", between(X), PLAIN),
    Runs("message end event", "throws to the case", START + X + event("endEvent", MESSAGE, key="end")
         + flow("start", "x") + flow("x", "end"), (("", ["x"]), ("do x", ["heard"]), ("do heard", [])),
         (LISTENER,)),
    Runs("terminate end event", "ends its own diagram, not those beside", START
         + GATE.format("parallelGateway", "") + task("left") + task("right")
         + event("endEvent", TERMINATE, key="end") + '<bpmn:endEvent id="end2"/>' + flow("start", "x")
         + flow("x", "left") + flow("x", "right") + flow("left", "end") + flow("right", "end2"),
         (("", ["left", "right"]), ("do left", []))),
    Runs("escalation intermediate throw event, caught without interrupting", "as often as it comes, also from a call",
         bordered(ESCALATION.replace('"def"', '"def2"'), interrupting=False, host=sub(
             event("intermediateThrowEvent", ESCALATION, key="up1") + INSIDE.replace(flow("in", "inner"), "")
             + flow("in", "up1") + flow("up1", "inner"))),
         (("", ["inner"]), ("do inner", ["after"]), ("do after", []))),
    Runs("error end event and error boundary event", "on a sub-process or a call",
         bordered(ERROR.replace('"def"', '"def2"'), host=sub(FAILING)),
         (("", ["inner"]), ("do inner", ["instead"]), ("do instead", []))),
    Runs("escalation end event and escalation boundary event", "on a sub-process or a call",
         bordered(ESCALATION.replace('"def"', '"def2"'), host=sub(RAISING)),
         (("", ["inner"]), ("do inner", ["instead"]), ("do instead", []))),
    Runs("none intermediate throw event", "a named point to pass",
         between(event("intermediateThrowEvent", "")), TO_END),
    Runs("message intermediate throw event", "to the case: starts diagrams or wakes one catch",
         between(event("intermediateThrowEvent", MESSAGE)),
         (("", ["after", "heard"]), ("do heard", ["after"]), ("do after", [])), (LISTENER,)),
    Runs("message intermediate catch event", "one that comes early is kept",
         between(event("intermediateCatchEvent", MESSAGE)), (("", []), ("send news", ["after"]))),
    Runs("timer intermediate catch event", "a duration or a date; the row fires once",
         between(event("intermediateCatchEvent", timer("Duration", "P2D"))),
         (("", []), ("wait 1", []), ("wait 1", ["after"]))),
    Runs("signal throw and catch events", "every catch of the case hears it", START
         + GATE.format("parallelGateway", "")
         + event("intermediateCatchEvent", SIGNAL, key="c1") + task("left")
         + task("ring") + event("intermediateThrowEvent", SIGNAL.replace('"def"', '"def2"'), key="t1")
         + '<bpmn:endEvent id="end2"/>' + END + flow("start", "x") + flow("x", "c1") + flow("c1", "left")
         + flow("left", "end") + flow("x", "ring") + flow("ring", "t1") + flow("t1", "end2"),
         (("", ["ring"]), ("do ring", ["left"]), ("do left", []))),
    Runs("signal end event", "every catch of the case hears it", SIGNALLED,
         (("", ["ring"]), ("do ring", ["left"]), ("do left", []))),
    Runs("link events", "one arrival for any number of departures of that name", LINKED, TO_END),
    Runs("conditional intermediate catch event", "looked at whenever the case's data change", START
         + GATE.format("parallelGateway", "") + event("intermediateCatchEvent", CONDITION, key="c1")
         + task("left") + task("ask") + '<bpmn:endEvent id="end2"/>' + END + flow("start", "x")
         + flow("x", "c1") + flow("c1", "left") + flow("left", "end") + flow("x", "ask")
         + flow("ask", "end2"), (("", ["ask"]), ("do ask amount=5", ["left"]), ("do left", []))),
    Runs("message boundary event, interrupting", "", bordered(MESSAGE),
         (("", ["x"]), ("send news", ["instead"]), ("do instead", []))),
    Runs("message boundary event, non-interrupting", "each time the message comes; its branch is automatic",
         bordered(MESSAGE, interrupting=False),
         (("", ["x"]), ("send news", ["x"]), ("send news", ["x"]), ("do x", ["after"]))),
    Runs("timer boundary event, interrupting", "", bordered(timer("Duration", "P2D")),
         (("", ["x"]), ("wait 2", ["instead"]), ("do instead", []))),
    Runs("timer boundary event, non-interrupting", "its branch is automatic",
         bordered(timer("Duration", "P2D"), interrupting=False),
         (("", ["x"]), ("wait 2", ["x"]), ("do x", ["after"]))),
    Runs("several boundary timers on one task", "each by its own date", bordered(timer("Duration", "P4D"))
         + event("boundaryEvent", timer("Duration", "P2D").replace('"def"', '"def2"'), key="soon",
                 attachedToRef="x", cancelActivity="true")
         + task("early") + '<bpmn:endEvent id="end3"/>' + flow("soon", "early") + flow("early", "end3"),
         (("", ["x"]), ("wait 2", ["early"]), ("wait 9", ["early"]), ("do early", []))),
    Runs("conditional boundary event", "", bordered(CONDITION),
         (("", ["x"]), ("put amount=5", ["instead"]), ("do instead", []))),
    Runs("conditional boundary event, non-interrupting", "once", bordered(CONDITION, interrupting=False),
         (("", ["x"]), ("put amount=5", ["x"]), ("do x", ["after"]), ("do after", []))),
    Runs("signal boundary event", "", START + GATE.format("parallelGateway", "").replace('"x"', '"y"')
         + X + event("boundaryEvent", SIGNAL, key="border", attachedToRef="x", cancelActivity="true")
         + task("ring") + event("intermediateThrowEvent", SIGNAL.replace('"def"', '"def2"'), key="t1")
         + task("instead") + "".join(f'<bpmn:endEvent id="end{n}"/>' for n in (1, 2, 3))
         + flow("start", "y") + flow("y", "x") + flow("x", "end1") + flow("y", "ring")
         + flow("ring", "t1") + flow("t1", "end2") + flow("border", "instead") + flow("instead", "end3"),
         (("", ["ring", "x"]), ("do ring", ["instead"]), ("do instead", []))),
    Runs("user task", "a form, a deadline, a role", between(X), PLAIN),
    Runs("service task", "names a registered handler",
         between(f'<bpmn:serviceTask id="x" name="x">{properties(handler="work")}</bpmn:serviceTask>'), TO_END),
    Runs("script task", "lines « name = expression » of the closed evaluator",
         between('<bpmn:scriptTask id="x" name="x"><bpmn:script>amount = 4</bpmn:script></bpmn:scriptTask>'), TO_END),
    Runs("send task", "with a message", between(THROWN),
         (("", ["after", "heard"]), ("do heard", ["after"]), ("do after", [])), (LISTENER,)),
    Runs("receive task", "with a message",
         between('<bpmn:receiveTask id="x" name="x" messageRef="m"/>'), (("", []), ("send news", ["after"]))),
    Runs("call activity", "the called diagram is an instance of its own", between(CALL),
         (("", ["inner"]), ("do inner", ["after"]), ("do after", [])), (CHILD,)),
    Runs("embedded sub-process", "", between(sub(INSIDE)),
         (("", ["inner"]), ("do inner", ["after"]), ("do after", []))),
    Runs("ad-hoc sub-process", "its paths stand open again and again until its condition holds",
         between(ANY_ORDER), (("", ["one", "three"]), ("do one", ["three", "two"]), ("do three", ["three", "two"]),
         ("do two", ["one", "three"]), ("do three amount=1", ["after"]), ("do after", []))),
    Runs("exclusive gateway", "the first condition that holds, else the default", choosing("exclusiveGateway"),
         (("", ["ask"]), ("do ask amount=5", ["left"]), ("do left", []))),
    Runs("inclusive gateway", "split and join", choosing("inclusiveGateway"),
         (("", ["ask"]), ("do ask amount=1", ["right"]), ("do right", []))),
    Runs("parallel gateway", "split and join, in loops too", BOTH,
         (("", ["left", "right"]), ("do right", ["left"]), ("do left", []))),
    Runs("event-based gateway (exclusive)", "the first event decides", FIRST_OF,
         (("", []), ("wait 3", ["right"]), ("do right", []))),
    Runs("conditional event after an event-based gateway", "looked at when the instance is at rest",
         FIRST_OF.replace(event("intermediateCatchEvent", MESSAGE, key="heard"),
                          event("intermediateCatchEvent", CONDITION, key="heard")),
         (("", []), ("put amount=5", ["left"]), ("do left", []))),
    Runs("multi-instance activity, parallel", "a number or a list",
         between(with_inside(X, many(sequential=False))),
         (("", ["x", "x"]), ("do x", ["x"]), ("do x", ["after"]))),
    Runs("multi-instance activity, sequential", "a number or a list",
         between(with_inside(X, many(sequential=True))),
         (("", ["x"]), ("do x", ["x"]), ("do x", ["after"]))),
    Runs("standard loop", "with a condition or a maximum",
         between(with_inside(X, '<bpmn:standardLoopCharacteristics loopMaximum="2"/>')),
         (("", ["x"]), ("do x", ["x"]), ("do x", ["after"]))),
    Runs("sequence flow, conditional at a gateway, default flow", "", choosing("exclusiveGateway"),
         (("", ["ask"]), ("do ask", ["right"]), ("do right", []))),
    Runs("lane", "the role a task is offered to", between(X), PLAIN),
)  # fmt: skip

NOTED: tuple[Noted, ...] = (
    Noted("text annotation, association", "for the reader", between(X)
          + '<bpmn:textAnnotation id="t1"><bpmn:text>lire</bpmn:text></bpmn:textAnnotation>'
          '<bpmn:association id="a1" sourceRef="x" targetRef="t1"/>'),
    Noted("group", "for the reader", between(X) + '<bpmn:group id="g1"/>'),
    Noted("data object and its reference", "for the reader: data go by their name from form to form",
          between(X) + '<bpmn:dataObject id="o1"/><bpmn:dataObjectReference id="r1" dataObjectRef="o1"/>'),
    Noted("documentation", "the task's id in the domain notes",
          between(with_inside(X, "").replace("<bpmn:extensionElements>",
                  "<bpmn:documentation>A02</bpmn:documentation><bpmn:extensionElements>"))),
)  # fmt: skip

REFUSED: tuple[Refused, ...] = (
    Refused("abstract task", between('<bpmn:task id="x" name="x"/>'), "n’a pas de type"),
    Refused("manual task", between('<bpmn:manualTask id="x" name="x"/>'), "tâche manuelle"),
    Refused("complex gateway", between(GATE.format("complexGateway", "")), "passerelle complexe"),
    Refused("parallel event-based gateway", FIRST_OF.replace(
        'eventBasedGateway id="x"', 'eventBasedGateway id="x" eventGatewayType="Parallel"'), "premier événement"),
    Refused("ad-hoc sub-process without a condition", between(ANY_ORDER.replace(
        ANY_ORDER[ANY_ORDER.index("<bpmn:completion"):ANY_ORDER.index("</bpmn:adHoc")], "")), "condition de fin"),
    Refused("ad-hoc sub-process, sequential", between(ANY_ORDER.replace(' name="x">', ' name="x" ordering="Sequential">', 1)),
            "séquentiel"),
    Refused("link without its arrival", between(event("intermediateThrowEvent", LINK)), "de lien"),
    Refused("transaction", between(sub(INSIDE, tag="transaction")), "transactionnel"),
    Refused("event sub-process", between(X, sub(INSIDE, attributes=' triggeredByEvent="true"').replace('"x"', '"es"')),
            "événementiel"),
    Refused("timer start event", START.replace("/>", ">") .replace("Début\">", "Début\">" + timer("Duration", "P1D") + "</bpmn:startEvent>")
            + X + END + flow("start", "x") + flow("x", "end"), "début de minuteur"),
    Refused("signal start event", event("startEvent", SIGNAL, key="start") + X + END + flow("start", "x")
            + flow("x", "end"), "début de signal"),
    Refused("compensation events", between(event("intermediateThrowEvent", COMPENSATION)), "compensation"),
    Refused("compensation activity", between(X.replace("<bpmn:userTask", '<bpmn:userTask isForCompensation="true"')),
            "compensation"),
    Refused("cancel end event", START + X + event("endEvent", CANCEL, key="end") + flow("start", "x")
            + flow("x", "end"), "annulation"),
    Refused("escalation intermediate catch event", between(event("intermediateCatchEvent", ESCALATION)), "escalade"),
    Refused("multiple event", between(event("intermediateCatchEvent", MESSAGE + SIGNAL.replace('"def"', '"def2"'))),
            "plusieurs déclencheurs"),
    Refused("timer cycle", between(event("intermediateCatchEvent", timer("Cycle", "R3/P1D"))), "est répété"),
    Refused("message event without a message", between(event("intermediateCatchEvent", MESSAGE.replace(' messageRef="m"', ""))),
            "n’a pas de message"),
    Refused("send task without a message", between('<bpmn:sendTask id="x" name="x"/>'), "message"),
    Refused("conditional flow out of a task", between(X).replace(
        flow("x", "after"), flow("x", "after", "amount &gt; 3")), "serait ignorée"),
    Refused("two flows out of a task", between(X, task("z") + '<bpmn:endEvent id="end2"/>' + flow("x", "z")
            + flow("z", "end2")), "2 flux sortent"),
    Refused("exclusive gateway without a default", choosing("exclusiveGateway").replace(
        ' default="x_right"', ""), "sortie par défaut"),
    Refused("process without an end event", START + X + flow("start", "x"), "fin"),
    Refused("instantiating receive task", between('<bpmn:receiveTask id="x" name="x" messageRef="m" instantiate="true"/>'),
            "ne peut pas démarrer"),
    Refused("data associations of a task", between(with_inside(X, '<bpmn:ioSpecification id="io"/>')),
            "associations de données"),
    Refused("data store", between(X) + '<bpmn:dataStoreReference id="ds"/>', "entrepôt"),
    Refused("choreography", between('<bpmn:choreographyTask id="x" name="x"/>'), "n’est pas exécuté"),
    Refused("non-interrupting boundary event that leads to a person's task", bordered(MESSAGE, interrupting=False)
            .replace('<bpmn:scriptTask id="note" name="note"><bpmn:script>amount = 1</bpmn:script></bpmn:scriptTask>',
                     task("note")), "resterait ouvert"),
    Refused("call of an unknown diagram", between(CALL), "child"),
    Refused("diagram that calls itself", between(CALL.replace("child", "demo")), "appelle sans fin"),
    Refused("multi-instance over 100 times", between(with_inside(X, many(sequential=False).replace(
        ">2<", ">10000000<"))), "se répète"),
)  # fmt: skip
