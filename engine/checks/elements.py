"""Only what the engine runs as the standard says may be drawn: a mute mistake is refused here."""

from collections.abc import Iterator

from engine.artifacts import Finding
from engine.checks.diagram import Diagram, Node, extensions_of
from engine.checks.release import Release
from engine.checks.remarks import error
from engine.xml import BPMN, local

RUN = {
    "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent",
    "userTask", "serviceTask", "scriptTask", "businessRuleTask", "callActivity",
    "sendTask", "receiveTask", "subProcess", "adHocSubProcess",
    "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway",
}  # fmt: skip
REFUSED = {
    "task": ("Cette tâche n’a pas de type.", "Choisissez une tâche utilisateur."),
    "manualTask": (
        "Une tâche manuelle ne demande rien à personne.",
        "Choisissez une tâche utilisateur.",
    ),
    "complexGateway": (
        "La passerelle complexe n’est pas exécutée.",
        "Utilisez une passerelle exclusive, parallèle ou inclusive.",
    ),
    "transaction": (
        "Le sous-processus transactionnel n’est pas exécuté.",
        "Utilisez un sous-processus ordinaire.",
    ),
    "dataStoreReference": (
        "Un entrepôt de données ne lit ni n’écrit rien.",
        "Supprimez-le : les données viennent des formulaires.",
    ),
}
# What an event may await or do, by kind of event; "" is a plain event.
TRIGGERS = {
    "startEvent": {"", "message"},
    "endEvent": {"", "message", "signal", "terminate", "error", "escalation"},
    "intermediateCatchEvent": {"message", "timer", "signal", "conditional"},
    "intermediateThrowEvent": {"", "message", "signal", "escalation"},
    "boundaryEvent": {"message", "timer", "signal", "conditional", "error", "escalation"},
}
TRIGGER_NAMES = {
    "": "sans déclencheur", "message": "de message", "timer": "de minuteur", "signal": "de signal",
    "conditional": "conditionnel", "error": "d’erreur", "escalation": "d’escalade",
    "link": "de lien", "compensate": "de compensation", "compensation": "de compensation",
    "cancel": "d’annulation", "terminate": "de terminaison",
}  # fmt: skip
EVENT_NAMES = {
    "startEvent": "de début", "endEvent": "de fin", "intermediateCatchEvent": "d’attente",
    "intermediateThrowEvent": "d’envoi", "boundaryEvent": "de bord",
}  # fmt: skip
HOSTS = {"userTask", "callActivity", "receiveTask", "subProcess", "adHocSubProcess"}
CONTAINING = {"callActivity", "subProcess", "adHocSubProcess"}
ASSOCIATIONS = ("ioSpecification", "dataInputAssociation", "dataOutputAssociation")
MOST_TURNS = 100


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.nodes.values():
        if node.tag not in RUN:
            message, remedy = REFUSED.get(
                node.tag,
                (f"L’élément de type « {node.tag} » n’est pas exécuté.", "Supprimez-le."),
            )
            yield error(diagram, node, f"{node.label} : {_lower(message)}", remedy)
            continue
        if node.is_event:
            yield from _event(diagram, node)
        if node.tag == "boundaryEvent":
            yield from _boundary(diagram, node)
        yield from _sub_process(diagram, node)
        yield from _associations(diagram, node)
        yield from _repetition(diagram, node)


def _event(diagram: Diagram, node: Node) -> Iterator[Finding]:
    kind = EVENT_NAMES[node.tag]
    if len(node.triggers) > 1:
        yield error(
            diagram,
            node,
            f"L’événement {kind} {node.label} a plusieurs déclencheurs.",
            "Dessinez un événement par déclencheur, après une passerelle événementielle.",
        )
    elif node.trigger not in TRIGGERS[node.tag]:
        trigger = TRIGGER_NAMES.get(node.trigger, node.trigger)
        remedy = "Utilisez un message ou un minuteur."
        if node.trigger == "link":
            remedy = (
                "Donnez à chaque lien une seule arrivée du même nom, dans le même diagramme, "
                "sans flux entre les deux."
            )
        yield error(
            diagram,
            node,
            f"L’événement {kind} {trigger} {node.label} n’est pas exécuté.",
            remedy,
        )


def _boundary(diagram: Diagram, node: Node) -> Iterator[Finding]:
    host = diagram.nodes.get(node.host)
    if host is None:
        yield error(
            diagram,
            node,
            f"L’événement de bord {node.label} n’est accroché à rien.",
            "Accrochez-le à une tâche.",
        )
    elif host.tag not in HOSTS and host.tag in RUN:
        yield error(
            diagram,
            node,
            f"L’événement de bord {node.label} est accroché à {host.label}, qui n’attend jamais : "
            "il ne se déclencherait pas.",
            "Accrochez-le à une tâche utilisateur ou à un diagramme appelé.",
        )
    elif host.tag not in CONTAINING and node.trigger in ("error", "escalation"):
        yield error(
            diagram,
            node,
            f"L’événement {TRIGGER_NAMES[node.trigger]} {node.label} est accroché à {host.label}, "
            "qui n’en produit pas.",
            "Accrochez-le à un diagramme appelé ou à un sous-processus.",
        )


def _sub_process(diagram: Diagram, node: Node) -> Iterator[Finding]:
    if node.xml.get("triggeredByEvent") == "true":
        yield error(
            diagram,
            node,
            f"Le sous-processus événementiel {node.label} n’interrompt rien.",
            "Utilisez un événement de bord, ou un diagramme démarré par un message.",
        )


def _associations(diagram: Diagram, node: Node) -> Iterator[Finding]:
    found = {local(child) for child in node.xml} & set(ASSOCIATIONS)
    if found:
        yield error(
            diagram,
            node,
            f"Les associations de données de {node.label} ne transportent rien.",
            "Supprimez-les : les données vont d’un formulaire à l’autre par leur nom.",
        )
    for name in extensions_of(node.xml) - {"properties"}:
        yield error(
            diagram,
            node,
            f"L’extension « {name} » de {node.label} n’est pas exécutée.",
            "Supprimez-la ; un calcul est une tâche de script.",
        )
    if node.xml.get("isForCompensation") == "true":
        yield error(
            diagram,
            node,
            f"{node.label} est une compensation, qui n’est pas exécutée.",
            "Dessinez un flux vers cette tâche.",
        )
    if node.xml.get("instantiate") == "true":
        yield error(
            diagram,
            node,
            f"{node.label} ne peut pas démarrer le diagramme.",
            "Utilisez un événement de début de message.",
        )
    if node.xml.get("eventGatewayType") == "Parallel":
        yield error(
            diagram,
            node,
            f"La passerelle événementielle {node.label} n’attend que le premier événement.",
            "Utilisez une passerelle parallèle suivie des attentes.",
        )


def _repetition(diagram: Diagram, node: Node) -> Iterator[Finding]:
    many = node.xml.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
    if many is not None:
        parts = {local(child): (child.text or "").strip() for child in many}
        times = parts.get("loopCardinality", "")
        if times.isdigit() and int(times) > MOST_TURNS:
            yield error(
                diagram,
                node,
                f"{node.label} se répète {times} fois, {MOST_TURNS} au plus sont permises.",
                "Diminuez ce nombre.",
            )
        if not times and not parts.get("loopDataInputRef"):
            yield error(
                diagram,
                node,
                f"{node.label} se répète sans dire combien de fois.",
                "Indiquez un nombre ou une liste.",
            )
        elif parts.get("loopDataInputRef") != parts.get("loopDataOutputRef"):
            yield error(
                diagram,
                node,
                f"{node.label} : la liste lue et la liste écrite par la répétition diffèrent, "
                "les résultats seraient mélangés.",
                "Écrivez dans la liste même qui est parcourue.",
            )
    once_more = node.xml.find(f"{{{BPMN}}}standardLoopCharacteristics")
    if once_more is not None and len(once_more) == 0 and not once_more.get("loopMaximum"):
        yield error(
            diagram,
            node,
            f"La boucle de {node.label} n’a ni condition ni maximum.",
            "Ajoutez une condition de boucle.",
        )


def _lower(message: str) -> str:
    return message[0].lower() + message[1:]
