// A diagram of a draft, drawn and changed: bpmn-js, our panel beside, our checks below.
import Modeler from "bpmn-js/lib/Modeler";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn-embedded.css";
import "../styles/studio.css";
import { inFrench } from "../studio/french.js";
import { Panel } from "../studio/panel.js";
import { Saving } from "../studio/saving.js";
import { lookAt, mark } from "../studio/shapes.js";
import { spiff } from "../studio/spiff.js";
import { Tray } from "../studio/tray.js";

const place = document.querySelector("#canvas");
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const READABLE = 0.75;

const modeler = new Modeler({
  container: place,
  additionalModules: [inFrench],
  moddleExtensions: { spiffworkflow: spiff },
  bpmnRenderer: { defaultFillColor: token("--surface"), defaultStrokeColor: token("--ink"), defaultLabelColor: token("--ink") },
  textRenderer: { defaultStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 }, externalStyle: { fontSize: 11 } },
});
window.hentModeler = modeler; // for the tests

const tray = new Tray(place, { found: (remarks) => mark(modeler, remarks), chosen: (id) => lookAt(modeler, id) });
const saving = new Saving(place, async () => (await modeler.saveXML({ format: true })).xml, () => tray.refresh());
new Panel(modeler, document.querySelector("#panel"), {
  words: JSON.parse(place.dataset.words),
  address: place.dataset.delay,
  isClosed: "closed" in place.dataset,
  delayKept: () => tray.refresh(),
});

const undo = document.querySelector("[data-undo]");
const redo = document.querySelector("[data-redo]");
const stack = modeler.get("commandStack");
undo.addEventListener("click", () => stack.undo());
redo.addEventListener("click", () => stack.redo());

function look() {
  const canvas = modeler.get("canvas");
  canvas.zoom("fit-viewport");
  if (canvas.zoom() < READABLE) {
    const { inner } = canvas.viewbox();
    canvas.zoom(READABLE);
    const { width, height } = canvas.viewbox();
    const y = inner.height < height ? inner.y - (height - inner.height) / 2 : inner.y - 24;
    canvas.viewbox({ x: inner.x - 124 / READABLE, y, width, height });
  }
}

async function open() {
  await modeler.importXML(await saving.open());
  look();
  tray.start();
  if (place.dataset.element) lookAt(modeler, place.dataset.element);
  modeler.on("commandStack.changed", () => {
    undo.disabled = !stack.canUndo();
    redo.disabled = !stack.canRedo();
    saving.touch();
  });
  place.dataset.ready = "";
}

open().catch(() => {
  const none = document.createElement("div");
  none.className = "canvas-none";
  none.textContent = "Ce diagramme ne se lit pas : les contrôles ci-dessous disent pourquoi. Rétablissez-le depuis la page du brouillon.";
  place.append(none);
});
