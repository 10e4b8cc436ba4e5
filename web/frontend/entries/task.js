// The form of a task. Without this script every question shows, rows come and go by posting the form.
import { fold, form } from "../task/asking.js";
import * as helpers from "../task/helpers.js";
import { changed, leaves, save, touched, watch } from "../task/saving.js";

document.getElementById("error-summary")?.focus();

// On a tablet the path and the papers wait in a drawer.
document.querySelector(".task-page")?.classList.add("has-drawer");
function drawer(open) {
  const side = document.getElementById("task-side");
  const button = document.querySelector(".task-foot [data-drawer]");
  if (!side || !button) return;
  side.classList.toggle("is-open", open);
  button.setAttribute("aria-expanded", String(open));
  (open ? side.querySelector(".drawer-close") : button).focus();
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-drawer]");
  if (button) drawer(!document.getElementById("task-side").classList.contains("is-open"));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.querySelector(".task-side.is-open")) drawer(false);
});

if (form) {
  helpers.watchSections();
  helpers.listenToKeys();
  document.querySelector(".sections").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    helpers.goTo(document.querySelector(link.hash));
  });
  document.querySelector("#error-summary ul")?.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    document.getElementById(link.hash.slice(1))?.focus();
  });
}

if (form && !form.matches("[data-locked]")) {
  watch();
  fold();
  helpers.offerCalendars();
  helpers.undoChoices();
  form.addEventListener("focusin", (event) => helpers.mark(event.target.closest("[data-section]")));
  form.addEventListener("input", changed);
  form.addEventListener("change", async (event) => {
    helpers.tidyDate(event.target);
    const field = event.target.closest(".f");
    if (field) touched.add(field.id);
    fold();
    changed();
    if (event.target.matches("[data-refreshes]")) await helpers.refresh(event.target);
    save();
  });
  form.addEventListener("click", (event) => {
    const calendar = event.target.closest("[data-calendar]");
    if (calendar) helpers.openCalendar(calendar);
    const rows = event.target.closest("[data-add], [data-remove]");
    if (rows) helpers.changeRows(event, rows);
  });
  // Enter in a line does not engage anybody: the button does, or Ctrl Enter.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.target.matches("input")) {
      event.preventDefault();
      save();
    }
  });
  form.addEventListener("submit", leaves);
}
