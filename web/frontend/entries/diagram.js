// The live diagram of a case: bpmn-js draws the file, the server says what stands where.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn-embedded.css";

const map = document.querySelector("#map");
const list = document.querySelector("#map-list");
const READABLE = 0.8; // never shrunk to illegible

if (map) {
  const onlyMap = document.querySelectorAll("[data-map-only]");
  const toggle = document.querySelector("[data-toggles-list]");
  let viewer;

  const show = (asList) => {
    map.hidden = asList;
    list.hidden = !asList;
    for (const one of onlyMap) one.hidden = asList;
    if (toggle) toggle.querySelector("span").textContent = asList ? "Voir le diagramme" : "Lire en liste";
    if (!asList && !viewer) draw().catch(() => show(true));
  };

  async function draw() {
    const font = getComputedStyle(document.body).fontFamily;
    const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    viewer = new NavigatedViewer({
      container: map,
      bpmnRenderer: { defaultFillColor: token("--surface"), defaultStrokeColor: token("--ink2"), defaultLabelColor: token("--ink") },
      textRenderer: { defaultStyle: { fontFamily: font, fontSize: 12 }, externalStyle: { fontSize: 11 } },
    });
    const answer = await fetch(map.dataset.diagram);
    if (!answer.ok) throw new Error("no diagram");
    await viewer.importXML(await answer.text());
    mark();
    look();
  }

  function mark() {
    const canvas = viewer.get("canvas");
    const registry = viewer.get("elementRegistry");
    const places = JSON.parse(map.dataset.places);
    for (const [id, place] of Object.entries(places)) {
      if (registry.get(id)) canvas.addMarker(id, `is-${place.state}`);
    }
    for (const id of JSON.parse(map.dataset.flows)) if (registry.get(id)) canvas.addMarker(id, "is-taken");
    const overlays = viewer.get("overlays");
    for (const [id, place] of Object.entries(places)) {
      const element = registry.get(id);
      if (!element || element.type !== "bpmn:UserTask" || place.state !== "done") continue;
      overlays.add(id, { position: { top: -9, right: 11 }, html: badge("map-tick", "") });
    }
    const here = registry.get(map.dataset.here);
    if (here) overlays.add(here, { position: besides(registry, here), html: badge("map-flag", map.dataset.flag) });
    viewer.on("element.click", ({ element }) => {
      const href = places[element.id]?.href;
      if (href) location.assign(href);
    });
    for (const [id, place] of Object.entries(places)) {
      if (place.href) map.querySelector(`[data-element-id="${CSS.escape(id)}"]`)?.classList.add("opens");
    }
  }

  // Above the step, or below it where something is written above.
  function besides(registry, here) {
    const width = map.dataset.flag.length * 7 + 20;
    const flag = { left: here.x - 4, right: here.x - 4 + width, top: here.y - 28, bottom: here.y - 2 };
    const covers = (one) =>
      one.x < flag.right && one.x + one.width > flag.left && one.y < flag.bottom && one.y + one.height > flag.top;
    const isTaken = registry.getAll().some((one) => (one.labelTarget || one.type === "bpmn:BoundaryEvent") && covers(one));
    return isTaken ? { bottom: -5, left: -4 } : { top: -28, left: -4 };
  }

  function badge(name, text) {
    const one = document.createElement("span");
    one.className = name;
    one.textContent = text;
    return one;
  }

  function look() {
    const canvas = viewer.get("canvas");
    const here = viewer.get("elementRegistry").get(map.dataset.here);
    canvas.zoom("fit-viewport");
    if (canvas.zoom() < READABLE) canvas.zoom(READABLE);
    const box = canvas.viewbox();
    const target = here ?? null;
    const whole = box.inner;
    const x = target ? target.x + (target.width ?? 0) / 2 - box.outer.width / box.scale / 2 : whole.x - 20;
    const y = target ? target.y + (target.height ?? 0) / 2 - box.outer.height / box.scale / 2 : whole.y - 20;
    const wide = box.outer.width / box.scale, high = box.outer.height / box.scale;
    const keep = (at, from, size, seen) => (size + 40 <= seen ? from - (seen - size) / 2 : Math.min(Math.max(at, from - 20), from + size + 20 - seen));
    canvas.viewbox({ x: keep(x, whole.x, whole.width, wide), y: keep(y, whole.y, whole.height, high), width: wide, height: high });
  }

  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      if (button.dataset.zoom === "here") return look();
      const canvas = viewer.get("canvas");
      canvas.zoom(canvas.zoom() * (button.dataset.zoom === "in" ? 1.25 : 0.8), "auto");
    });
  }
  toggle?.addEventListener("click", (event) => {
    event.preventDefault();
    show(!map.hidden);
  });
  show("waits" in map.dataset);
}

for (const one of document.querySelectorAll("[data-submits]")) {
  one.addEventListener("change", () => one.form.requestSubmit());
}
