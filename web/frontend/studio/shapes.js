// Names and places of shapes: what the panel changes, as dragging would.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";

export const nameOf = (business) => (business?.name ?? business?.text ?? "").replace(/\s+/g, " ").trim();

export function rename(modeler, element, name) {
  modeler.get("modeling").updateLabel(element, name);
}

/** The lanes one may choose from, top to bottom, and the one an element stands in. */
export function lanesOf(element) {
  let pool = element.parent;
  while (pool && !is(pool, "bpmn:Participant")) pool = pool.parent;
  const lanes = (pool?.children ?? []).filter((one) => is(one, "bpmn:Lane")).sort((a, b) => a.y - b.y);
  const business = getBusinessObject(element);
  const own = lanes.find((lane) => (getBusinessObject(lane).flowNodeRef ?? []).includes(business));
  return { lanes, own, pool };
}

/** To the middle of the lane, where nothing else stands if there is room. */
export function moveToLane(modeler, element, lane) {
  const { pool } = lanesOf(element);
  if (!lane || !pool) return;
  const middle = lane.y + lane.height / 2 - element.height / 2;
  const isTaken = (y) => pool.children.some((one) => one !== element && !is(one, "bpmn:Lane") && !one.waypoints && one.type !== "label"
    && one.x < element.x + element.width && one.x + one.width > element.x && one.y < y + element.height && one.y + one.height > y);
  const places = [middle, lane.y + 12, lane.y + lane.height - element.height - 12];
  const y = places.find((one) => !isTaken(one)) ?? middle;
  modeler.get("modeling").moveElements([element], { x: 0, y: y - element.y }, pool);
}

/** A remark beside a shape, and its border. */
export function mark(modeler, remarks) {
  const overlays = modeler.get("overlays");
  const canvas = modeler.get("canvas");
  const registry = modeler.get("elementRegistry");
  overlays.remove({ type: "remark" });
  registry.forEach((element) => { for (const name of ["has-error", "has-warning"]) canvas.removeMarker(element, name); });
  const seen = new Set();
  for (const { element: id, severity, message } of remarks) {
    if (!registry.get(id)) continue;
    canvas.addMarker(id, `has-${severity}`);
    if (seen.has(id)) continue;
    seen.add(id);
    const badge = document.createElement("span");
    badge.className = `remark-badge remark-badge-${severity}`;
    badge.textContent = severity === "error" ? "Bloquant" : "À revoir";
    badge.title = message;
    overlays.add(id, "remark", { position: { top: -12, left: 8 }, html: badge });
  }
}

/** Choose an element and bring it in sight; false when it is not on this drawing. */
export function lookAt(modeler, id) {
  const element = modeler.get("elementRegistry").get(id);
  if (!element) return false;
  modeler.get("selection").select(element);
  const canvas = modeler.get("canvas");
  const box = canvas.viewbox();
  const x = (element.x ?? element.waypoints[0].x) + (element.width ?? 0) / 2;
  const y = (element.y ?? element.waypoints[0].y) + (element.height ?? 0) / 2;
  const isSeen = x > box.x + 40 && x < box.x + box.width - 40 && y > box.y + 40 && y < box.y + box.height - 40;
  if (!isSeen) canvas.viewbox({ ...box, x: x - box.width / 2, y: y - box.height / 2 });
  return true;
}
