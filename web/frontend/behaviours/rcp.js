// The shared screen of a meeting: keys, panels, presence without leaving the case, typing that saves itself.
const screen = document.querySelector(".rcp-meeting");
const opinion = document.querySelector("#opinion");
const REST = 2000; // milliseconds without a key before what is typed is saved

function showPanel(name) {
  for (const link of document.querySelectorAll("[data-panel]")) {
    const here = link.dataset.panel === name;
    here ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
    document.querySelector(`#panel-${link.dataset.panel}`).hidden = !here;
  }
}

function say(text, tone = "late") {
  const line = document.createElement("div");
  line.className = "toast-line";
  line.dataset.toast = "";
  line.dataset.tone = tone;
  line.textContent = text;
  document.querySelector("#toasts").replaceChildren(line);
}

// Presence: the sheet and the quorum are replaced, what is typed in the opinion stays.
async function swap(form, submitter) {
  const body = new FormData(form, submitter);
  const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!answer.ok) {
    const why = page.querySelector(".banner-body p:not(.banner-title)") ?? page.body; // the sentence alone
    say(why.textContent.trim().replace(/\s+/g, " "));
    return;
  }
  for (const id of ["quorum", "presence", "present-count"]) {
    const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (old && fresh) old.replaceWith(document.adoptNode(fresh));
  }
  const told = page.querySelectorAll("#toasts > [data-toast]"); // a quorum told anew
  if (told.length) document.querySelector("#toasts").replaceChildren(...told);
  document.querySelector("#presence h2")?.focus();
}

if (screen) {
  screen.querySelector(".rcp-list [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-swaps]");
    if (!form) return;
    event.preventDefault();
    swap(form, event.submitter).catch(() => form.submit());
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-panel]");
    if (!link) return;
    event.preventDefault();
    showPanel(link.dataset.panel);
  });
  document.addEventListener("keydown", onKey);
}

const isTyping = (target) => target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, dialog[open]");

function onKey(event) {
  const letter = event.key.toLowerCase();
  if (event.altKey && (letter === "n" || letter === "p")) return follow(event, letter);
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.body.dataset.keys === "off") return;
  if (letter === "n" || letter === "p") follow(event, letter);
  else if (letter === "g") { event.preventDefault(); document.querySelector("#goto")?.focus(); }
  else if (letter === "q") showPanel(document.querySelector("#panel-presence").hidden ? "presence" : "avis");
  else if (letter === "f") document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  else if (/^[1-9]$/.test(letter)) choose(Number(letter) - 1);
}

function follow(event, letter) {
  const link = document.querySelector(letter === "n" ? "#next-case" : "#previous-case");
  if (!link) return;
  event.preventDefault();
  save().finally(() => link.click());
}

function choose(index) {
  const radio = opinion?.querySelectorAll("input[name=rcp_proposal]")[index];
  if (!radio) return;
  showPanel("avis");
  radio.click();
  radio.focus();
}

// The opinion: saved after two seconds of rest and on leaving a field.
let dirty = false, timer = 0;

async function save() {
  clearTimeout(timer);
  if (!dirty || !opinion) return;
  dirty = false;
  const saved = document.querySelector("#saved");
  saved.textContent = "Enregistrement…";
  try {
    const body = new FormData(opinion);
    const answer = await fetch(opinion.dataset.draft, { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } });
    if (answer.ok) saved.textContent = (await answer.json()).saved;
    else {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      saved.textContent = "Non enregistré";
      say(page.body.textContent.trim().replace(/\s+/g, " "));
    }
  } catch {
    dirty = true;
    saved.textContent = "Non enregistré, nouvel essai";
    timer = setTimeout(save, 5000);
  }
}

// A field whose condition does not hold is hidden, and comes back with what it held.
function fold() {
  const conditional = [...opinion.querySelectorAll("[data-when] :is(input, select, textarea)")];
  for (const control of conditional) control.disabled = false;
  const chosen = new FormData(opinion);
  for (const part of opinion.querySelectorAll("[data-when]")) {
    const [when, unless] = [part.dataset.when, part.dataset.unless];
    part.hidden = !holds(chosen, when) || (unless !== undefined && holds(chosen, unless));
  }
  // What is hidden is not sent: the same datum may be asked in another place.
  for (const control of conditional) {
    control.disabled = Boolean(control.closest("[data-when][hidden]"));
  }
}

function holds(chosen, condition) {
  const [name, values] = condition.split("=");
  return values.split("|").includes(String(chosen.get(name) ?? ""));
}

function renumber(rows) {
  [...rows.querySelectorAll(".rcp-row")].forEach((row, index) => {
    for (const one of row.querySelectorAll("[name], [for], [id]")) {
      for (const attribute of ["name", "for", "id"]) {
        const value = one.getAttribute(attribute);
        if (value) one.setAttribute(attribute, value.replace(/-(?:\d+|N)-/, `-${index}-`));
      }
    }
  });
}

if (opinion) {
  fold();
  opinion.addEventListener("input", () => { dirty = true; clearTimeout(timer); timer = setTimeout(save, REST); });
  opinion.addEventListener("change", () => { fold(); dirty = true; save(); });
  opinion.addEventListener("submit", () => { dirty = false; clearTimeout(timer); });
  window.addEventListener("pagehide", () => { save(); });
  opinion.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); opinion.requestSubmit(); }
  });
  opinion.addEventListener("click", (event) => {
    const adds = event.target.closest("[data-adds]");
    const removes = event.target.closest("[data-removes]");
    if (adds || removes) event.preventDefault();
    if (adds) {
      const rows = document.getElementById(adds.dataset.adds);
      rows.append(document.getElementById(`${adds.dataset.adds}-template`).content.cloneNode(true));
      renumber(rows);
      rows.querySelector(".rcp-row:last-child :is(select, input)").focus();
    } else if (removes) {
      const rows = removes.closest(".rcp-rows");
      removes.closest(".rcp-row").remove();
      renumber(rows);
      dirty = true;
      save();
      rows.parentElement.querySelector("[data-adds]").focus();
    }
  });
}
