// A decision table of a draft, changed cell by cell: dmn-js, our checks below.
import DecisionTable from "dmn-js-decision-table/lib/Editor";
import Literal from "dmn-js-literal-expression/lib/Editor";
import EditingManager from "dmn-js-shared/lib/base/EditingManager";
import { is } from "dmn-js-shared/lib/util/ModelUtil";
import "dmn-js/dist/assets/diagram-js.css";
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-decision-table-controls.css";
import "dmn-js/dist/assets/dmn-js-literal-expression.css";
import "dmn-js/dist/assets/dmn-font/css/dmn-embedded.css";
import "../styles/studio.css";
import { inFrench } from "../studio/french.js";
import { Saving } from "../studio/saving.js";
import { Tray } from "../studio/tray.js";

const place = document.querySelector("#table");

/** Tables and expressions only: how decisions hang together is for a later studio. */
class Editor extends EditingManager {
  _getViewProviders() {
    const decides = (element, logic) => is(element, "dmn:Decision") && is(element.decisionLogic, logic);
    return [
      { id: "decisionTable", constructor: DecisionTable, opens: (element) => decides(element, "dmn:DecisionTable") },
      { id: "literalExpression", constructor: Literal, opens: (element) => decides(element, "dmn:LiteralExpression") },
    ];
  }
}

const french = { additionalModules: [inFrench] };
const editor = new Editor({ container: place, decisionTable: french, literalExpression: french });
window.hentEditor = editor; // for the tests

// The rule a row applies is its annotation (DMN 1.3); dmn-js shows and edits the older description.
const DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/";

function withRules(xml, change) {
  const page = new DOMParser().parseFromString(xml, "application/xml");
  if (page.querySelector("parsererror")) return xml;
  for (const rule of page.getElementsByTagNameNS(DMN, "rule")) change(rule, (name) => page.createElementNS(DMN, name));
  return new XMLSerializer().serializeToString(page);
}

const child = (node, name) => [...node.children].find((one) => one.localName === name);

function describe(rule, make) {
  const note = child(rule, "annotationEntry");
  if (!note || child(rule, "description")) return;
  const text = make("description");
  text.textContent = note.textContent.trim();
  note.remove();
  if (text.textContent) rule.prepend(text);
}

function annotate(rule, make) {
  const text = child(rule, "description");
  if (!text) return;
  const note = make("annotationEntry");
  note.append(make("text"));
  note.firstChild.textContent = text.textContent;
  text.remove();
  rule.append(note);
}

const tray = new Tray(place);
const saving = new Saving(place, async () => withRules((await editor.saveXML({ format: true })).xml, annotate), () => tray.refresh());
const undo = document.querySelector("[data-undo]");
const redo = document.querySelector("[data-redo]");
const stack = () => editor.getActiveViewer()?.get("commandStack");
undo.addEventListener("click", () => stack()?.undo());
redo.addEventListener("click", () => stack()?.redo());

async function open() {
  await editor.importXML(withRules(await saving.open(), describe));
  editor.getActiveViewer().on("commandStack.changed", () => {
    undo.disabled = !stack().canUndo();
    redo.disabled = !stack().canRedo();
    saving.touch();
  });
  place.dataset.ready = "";
}

open().catch(() => {
  const none = document.createElement("div");
  none.className = "canvas-none";
  none.textContent = "Cette table ne se lit pas : les contrôles ci-dessous disent pourquoi. Rétablissez-la depuis la page du brouillon.";
  place.append(none);
});
