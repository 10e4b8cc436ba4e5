// Lists under the keyboard: J K or arrows, ↵ opens, X selects, A assigns, R postpones, B blocks, / filters. Works on any [data-list] of [data-row].
import { isTyping, keysAreOn } from "./shell.js";

const rows = () => [...document.querySelectorAll("[data-list] [data-row]")];
const pane = () => document.getElementById("preview");
const isWide = () => matchMedia("(min-width: 1200px)").matches;
let timer;

function current() {
  return document.activeElement?.closest?.("[data-row]") ?? document.querySelector("[data-row][aria-current]");
}
function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
  focusRow(next);
  if (!isWide() || !pane()) return;
  clearTimeout(timer); // only the row one stops at is opened: each opening is written down
  timer = setTimeout(() => preview(next), 350);
}
function focusRow(row) {
  for (const one of rows()) one.tabIndex = -1;
  row.tabIndex = 0;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}
function mark(row) {
  for (const one of document.querySelectorAll("[data-row][aria-current]")) one.removeAttribute("aria-current");
  row?.setAttribute("aria-current", "true");
}
function preview(row) {
  const link = row.querySelector(".task-link[hx-get]");
  if (!link || row.hasAttribute("aria-current")) return;
  mark(row);
  link.click();
}
const opens = (row) => { if (row?.dataset.open) location.href = row.dataset.open; };

document.addEventListener("click", (event) => {
  const link = event.target.closest(".task-link[hx-get]");
  if (link) {
    mark(link.closest("[data-row]"));
    pane()?.parentElement.classList.add("with-pane");
    return;
  }
  if (event.target.closest("[data-close-preview]")) {
    event.preventDefault();
    closePane();
    return;
  }
  if (event.target.closest("[data-unselect]")) return select(false);
  const row = event.target.closest("[data-row]");
  if (row && !event.target.closest("a, button, input, label, .c-check")) {
    focusRow(row);
    const open = row.querySelector(".task-link[hx-get]");
    if (open) open.click(); else opens(row);
  }
});
document.addEventListener("dblclick", (event) => opens(event.target.closest("[data-row]")));

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) select(event.target.checked);
  if (event.target.matches("input[name=task]")) count();
});
function select(on) {
  for (const box of document.querySelectorAll("[data-row] input[name=task]")) box.checked = on;
  const all = document.querySelector("[data-all]");
  if (all) all.checked = on;
  count();
}
function count() {
  const chosen = document.querySelectorAll("[data-row] input[name=task]:checked").length;
  const words = document.querySelector(".selection [data-count]");
  if (words) words.textContent = chosen === 1 ? "1 tâche sélectionnée" : `${chosen} tâches sélectionnées`;
}
function closePane() {
  const place = pane();
  if (!place) return;
  const row = document.querySelector("[data-row][aria-current]");
  mark(null);
  place.parentElement.classList.remove("with-pane");
  place.innerHTML = document.getElementById("no-preview")?.innerHTML ?? "";
  const address = new URL(location.href);
  address.searchParams.delete("task");
  history.replaceState(history.state, "", address);
  (row ?? rows()[0])?.focus?.();
}

// Of those selected, else of the one in the pane.
function ask(what) {
  const many = document.querySelector("[data-row] input[name=task]:checked");
  document.querySelector(many ? `[data-${what}]` : `[data-${what}-one]`)?.click();
}
const KEYS = {
  j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
  Enter: () => opens(current()),
  x: () => current()?.querySelector("input[name=task]")?.click(),
  a: () => ask("assign"), r: () => ask("postpone"), b: () => ask("block"),
  "/": () => document.getElementById("filter-text")?.focus(),
};
document.addEventListener("keydown", (event) => {
  if (!document.querySelector("[data-list]")) return;
  if (event.key === "Escape" && !document.querySelector("dialog[open]") && !isTyping(event)) {
    if (document.querySelector("[data-row] input[name=task]:checked")) select(false);
    else closePane();
    return;
  }
  if (isTyping(event)) return;
  const isLetter = event.key.length === 1;
  if (isLetter && !keysAreOn()) return;
  if (!isLetter && event.target.closest("a, button, summary, input")) return;
  const act = KEYS[event.key];
  if (act) { event.preventDefault(); act(); }
});
// On a narrow screen the views are one strip: the current one is brought into sight.
const showView = () => {
  const rail = document.getElementById("rail");
  const here = rail?.querySelector("[aria-current]");
  if (here && !isWide()) rail.scrollLeft = here.offsetLeft - (rail.clientWidth - here.clientWidth) / 2;
};
showView();
const first = rows()[0];
if (first && !document.querySelector("[data-row][tabindex='0']")) first.tabIndex = 0;
document.addEventListener("htmx:after:swap", () => {
  showView();
  const all = rows();
  if (all.length && !all.some((row) => row.tabIndex === 0)) all[0].tabIndex = 0;
  const shown = pane()?.querySelector("[data-task]")?.dataset.task;
  if (shown) mark(document.getElementById(`task-${shown}`));
  count();
});
