// What the form asks by now: conditions, computed values, errors, progress. The server decides; this only shows.
export const form = document.getElementById("task-form");
export const fields = () => [...form.querySelectorAll(".f")].filter((one) => !one.closest(".row-card"));
const fieldOf = (name) => form.querySelector(`[data-field="${CSS.escape(name)}"]:not(.row-card *)`);
export const controlsOf = (field) => [...field.querySelectorAll("input:not([type=hidden]):not(.f-picker), select, textarea")];

function valuesOf(field) {
  return controlsOf(field)
    .filter((one) => (one.type === "radio" || one.type === "checkbox" ? one.checked : one.value.trim() !== ""))
    .map((one) => one.value.trim());
}

// true, false, or undefined: what it looks at is not on this form, and the server's word stands.
function holds(when, above) {
  let known = true;
  for (const [name, wanted] of Object.entries(when)) {
    const field = fieldOf(name);
    if (!field || field.matches(".f-computed, .f-group")) { known = undefined; continue; }
    const asked = isAsked(field, above);
    if (asked === undefined) { known = undefined; continue; }
    const given = asked ? valuesOf(field) : [];
    const met = wanted.length === 1 && wanted[0] === "not_empty" ? given.length > 0 : given.some((one) => wanted.includes(one));
    if (!met) return false;
  }
  return known;
}
function isAsked(field, above = []) {
  if (above.includes(field)) return false; // conditions in a circle hold never
  const section = field.closest("[data-section]");
  const met = [section, field].map((one) => (one.dataset.when ? holds(JSON.parse(one.dataset.when), [...above, field]) : true));
  return met.includes(false) ? false : met.includes(undefined) ? !field.hidden && !section.hidden : true;
}

export function fold() {
  for (const section of form.querySelectorAll("[data-section]")) {
    const met = section.dataset.when ? holds(JSON.parse(section.dataset.when), []) : true;
    if (met !== undefined) show(section, met);
  }
  for (const field of fields()) {
    const met = field.dataset.when ? holds(JSON.parse(field.dataset.when), [field]) : true;
    if (met !== undefined) field.hidden = !met;
  }
  count();
}
function show(section, shown) {
  section.hidden = !shown;
  const line = document.querySelector(`[data-nav="${section.id}"]`);
  if (line) line.hidden = !shown;
}

// What the server said after keeping the draft.
export function follow(said, touched) {
  for (const [id, shown] of Object.entries(said.sections)) show(document.getElementById(id), shown);
  for (const [name, shown] of Object.entries(said.fields)) {
    const field = fieldOf(name);
    if (field) field.hidden = !shown;
  }
  for (const [name, words] of Object.entries(said.computed)) {
    const place = form.querySelector(`[data-computed="${CSS.escape(name)}"]`);
    if (!place) continue;
    place.textContent = words || "–";
    place.nextElementSibling.textContent = words ? "calculé" : "calculé quand tout est renseigné";
  }
  for (const field of form.querySelectorAll(".f")) {
    const id = `f-${field.id.slice(2)}`;
    if (field.classList.contains("f-wrong") || touched.has(field.id)) setError(field, id, said.wrong[id] ?? "");
  }
  count();
}

export function setError(field, id, words) {
  const shown = document.getElementById(`${id}-error`);
  field.classList.toggle("f-wrong", words !== "");
  if (shown && words) shown.querySelector("span").textContent = words;
  if (Boolean(shown) === Boolean(words)) return;
  const holder = field.querySelector("fieldset") ?? field;
  if (shown) shown.remove();
  else {
    const line = document.getElementById("error-template").content.firstElementChild.cloneNode(true);
    line.id = `${id}-error`;
    line.querySelector("span").textContent = words;
    holder.append(line);
  }
  const told = holder.matches("fieldset") ? holder : document.getElementById(id);
  const others = (told.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== `${id}-error`);
  if (words) others.push(`${id}-error`);
  others.length ? told.setAttribute("aria-describedby", others.join(" ")) : told.removeAttribute("aria-describedby");
  if (field.matches(".f-group")) return;
  for (const control of controlsOf(field)) {
    words ? control.setAttribute("aria-invalid", "true") : control.removeAttribute("aria-invalid");
  }
}

const isAnswered = (field) =>
  field.matches(".f-computed") ? !["–", ""].includes(field.querySelector("b").textContent) : valuesOf(field).length > 0;

export function count() {
  let [done, all] = [0, 0];
  for (const section of form.querySelectorAll("[data-section]:not([hidden])")) {
    const asked = fields().filter((one) => section.contains(one) && !one.hidden);
    const answered = asked.filter(isAnswered);
    done += answered.length;
    all += asked.length;
    const owes = asked.some((one) => one.querySelector(":scope > .f-label .f-owed, :scope > fieldset > .f-label .f-owed") && !answered.includes(one));
    const state = section.querySelector(".f-wrong:not([hidden])") ? "wrong" : answered.length && !owes ? "done" : "todo";
    const link = document.querySelector(`[data-nav="${section.id}"] a`);
    if (!link || link.dataset.state === state) continue;
    link.dataset.state = state;
    link.querySelector("[data-nav-words]").textContent = { wrong: "À corriger", done: "Complet", todo: "À remplir" }[state];
  }
  const bar = document.querySelector("[data-progress]");
  if (!bar) return;
  bar.max = all || 1;
  bar.value = done;
  document.querySelector("[data-progress-words]").textContent = `${done} sur ${all}`;
}
