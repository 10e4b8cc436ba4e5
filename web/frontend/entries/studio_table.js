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

const tray = new Tray(place);
const saving = new Saving(place, async () => (await editor.saveXML({ format: true })).xml, () => tray.refresh());
const undo = document.querySelector("[data-undo]");
const redo = document.querySelector("[data-redo]");
const stack = () => editor.getActiveViewer()?.get("commandStack");
undo.addEventListener("click", () => stack()?.undo());
redo.addEventListener("click", () => stack()?.redo());

async function open() {
  await editor.importXML(await saving.open());
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
