// Small helps for the hand: a calendar beside a date, a choice that can be taken back, rows, keys, sections.
import { controlsOf, count, fields, fold, form } from "./asking.js";
import { changed, keptUpTo, post, present, save } from "./saving.js";

// « 27112025 » and « 27.11.2025 » read « 27/11/2025 ».
export function tidyDate(input) {
  if (!input.matches("[data-date]:not([data-date=datetime])")) return;
  const found = input.value.trim().match(/^(\d{1,2})[./\- ]?(\d{2})[./\- ]?(\d{4})$/);
  if (found) input.value = `${found[1].padStart(2, "0")}/${found[2]}/${found[3]}`;
}

export function offerCalendars() {
  if (!("showPicker" in HTMLInputElement.prototype)) return;
  for (const button of form.querySelectorAll("[data-calendar][hidden]")) button.hidden = false;
}
export function openCalendar(button) {
  const input = document.getElementById(button.dataset.calendar);
  let picker = button.parentElement.querySelector(".f-picker");
  if (!picker) {
    picker = Object.assign(document.createElement("input"), { type: "date", className: "f-picker", tabIndex: -1 });
    picker.setAttribute("aria-hidden", "true");
    button.before(picker);
    picker.addEventListener("change", (event) => {
      event.stopPropagation();
      if (!picker.value) return;
      input.value = picker.value.split("-").reverse().join("/");
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
    });
  }
  picker.value = /^\d{2}\/\d{2}\/\d{4}$/.test(input.value) ? input.value.split("/").reverse().join("-") : "";
  picker.showPicker();
}

// An answer given by mistake is taken back: the same button again, or the space bar.
export function undoChoices() {
  let was = null;
  const forget = (radio) => {
    radio.checked = false;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  };
  form.addEventListener("pointerdown", (event) => {
    const radio = event.target.closest("label")?.querySelector("input[type=radio]");
    was = radio?.checked ? radio : null;
  });
  form.addEventListener("click", (event) => {
    if (event.target !== was) return;
    was = null;
    forget(event.target);
  });
  form.addEventListener("keydown", (event) => {
    if (!event.target.matches("input[type=radio]:checked") || ![" ", "Delete", "Backspace"].includes(event.key)) return;
    event.preventDefault();
    forget(event.target);
  });
}

// Rows come and go, sessions follow the chosen RCP: only that part is replaced.
export async function replace(part, name, value) {
  const body = new FormData(form);
  body.append(name, value);
  const upTo = present();
  const answer = await post(location.pathname, body);
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (!fresh) throw new Error("the part is gone");
  part.replaceWith(document.adoptNode(fresh));
  const words = page.querySelector("[data-saved]")?.textContent.trim();
  if (words) keptUpTo(upTo, words.replace("Brouillon e", "E"));
  offerCalendars();
  fold();
  return fresh;
}

export async function changeRows(event, button) {
  event.preventDefault();
  const group = button.closest(".f-group");
  const adds = button.matches("[data-add]");
  button.disabled = true;
  try {
    const fresh = await replace(group, button.name, button.value);
    const last = fresh.querySelector(".row-card:last-of-type");
    (adds && last ? controlsOf(last)[0] : fresh.querySelector("[data-add]"))?.focus();
  } catch {
    button.disabled = false;
    changed();
    save(); // it says that nothing is kept, and tries again
  }
}

export async function refresh(list) {
  const part = form.querySelector(`[data-field="${list.dataset.refreshes}"]`);
  if (part) await replace(part, "_refresh", "1").catch(() => {});
  count();
}

// Sections: where one is, the next, the previous; the next error.
const sections = () => [...form.querySelectorAll("[data-section]:not([hidden])")];
let here = null;
export function mark(section) {
  if (!section || section === here) return;
  here = section;
  for (const link of document.querySelectorAll("[data-nav] a")) {
    if (link.hash === `#${section.id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}
export function watchSections() {
  const seen = new IntersectionObserver(
    (entries) => {
      const inSight = entries.filter((one) => one.isIntersecting && !one.target.contains(document.activeElement));
      if (inSight.length && !form.contains(document.activeElement)) mark(inSight[0].target);
    },
    { rootMargin: "-18% 0px -72% 0px" },
  );
  for (const section of form.querySelectorAll("[data-section]")) seen.observe(section);
  mark(sections()[0]);
}
export function goTo(section) {
  if (!section) return;
  section.focus({ preventScroll: true });
  section.scrollIntoView({ block: "start" });
  mark(section);
}
function move(step) {
  const all = sections();
  const inside = all.findIndex((one) => one.contains(document.activeElement));
  const place = inside < 0 ? all.indexOf(here) : inside;
  goTo(all[Math.min(Math.max(place + step, 0), all.length - 1)]);
}
function nextError() {
  const wrong = [...form.querySelectorAll(".f-wrong:not([hidden])")].filter((one) => !one.querySelector(".f-wrong"));
  if (!wrong.length) return;
  const after = wrong.find((one) => document.activeElement.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING && !one.contains(document.activeElement));
  const field = after ?? wrong[0];
  (controlsOf(field)[0] ?? field.querySelector("[tabindex]"))?.focus();
}
export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !document.querySelector("dialog[open]")) {
      const other = event.target.closest("form");
      event.preventDefault();
      if (other && other !== form) other.requestSubmit();
      else if (!form.matches("[data-locked]")) form.requestSubmit();
    }
    if (!event.altKey || event.ctrlKey) return;
    const act = { ArrowDown: () => move(1), ArrowUp: () => move(-1), e: nextError }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) { event.preventDefault(); act(); }
  });
}
export const firstField = () => fields().find((one) => !one.hidden);
