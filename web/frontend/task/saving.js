// What is typed is kept: on leaving a field, after two seconds of rest, and again when the connection returns.
import { follow, form } from "./asking.js";

const REST = 2000; // milliseconds without a key
const RETRY = 5000;
let [edits, kept, timer, going, isLost, isStopped, isLeaving] = [0, 0, 0, null, false, false, false];
export const touched = new Set();
const isDirty = () => edits !== kept;
const csrf = () => document.querySelector("meta[name=csrf-token]").content;

function say(words, state) {
  const place = document.getElementById("save-state");
  place.dataset.state = state;
  const line = place.querySelector("[data-saved]");
  if (line.textContent.trim() !== words) line.textContent = words;
}

export function changed() {
  edits += 1;
  form.dataset.dirty = "";
  clearTimeout(timer);
  timer = setTimeout(save, REST);
}

export async function save() {
  clearTimeout(timer);
  if (!isDirty() || isStopped || isLeaving) return;
  if (going) return going.then(save);
  going = send().finally(() => { going = null; });
  return going;
}

async function send() {
  const upTo = edits;
  say("Enregistrement…", "saving");
  try {
    const answer = await post(form.dataset.draft, new FormData(form));
    if (answer.status === 409) return stop(await answer.json());
    if ([400, 401, 403].includes(answer.status)) return lost("Non enregistré : rouvrez votre session dans un autre onglet");
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const said = await answer.json();
    keptUpTo(upTo, said.saved);
    if (!isDirty()) follow(said, touched);
  } catch {
    lost("Non enregistré, nouvel essai");
  }
}

// Small enough, it goes on even when the page is left.
export async function post(address, body) {
  const given = { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } };
  const letters = [...body.values()].reduce((sum, one) => sum + String(one).length + 80, 0);
  const answer = await fetch(address, { ...given, keepalive: letters < 50_000 });
  document.dispatchEvent(new CustomEvent("htmx:after:request")); // the session lives on
  return answer;
}

export function keptUpTo(upTo, words) {
  kept = upTo;
  isLost = false;
  if (isDirty()) { timer = setTimeout(save, REST); return; }
  delete form.dataset.dirty;
  say(words, "saved");
}
export const present = () => edits;

function lost(words) {
  isLost = true;
  say(words, "lost");
  timer = setTimeout(save, RETRY);
}

// Somebody else writes here now, or has finished: said once, and nothing of theirs is overwritten.
function stop(said) {
  isStopped = isLost = true;
  say("Non enregistré", "lost");
  const banner = document.getElementById("draft-conflict");
  banner.querySelector("[data-words]").textContent = said.message;
  banner.querySelector("[data-take-over]").hidden = said.kind === "done";
  banner.querySelector("[data-reload]").hidden = said.kind !== "done";
  banner.hidden = false;
}

// Leaving through the form's own button is no loss.
export function leaves(event) {
  if (isLeaving) { event.preventDefault(); return; }
  if (!navigator.onLine) {
    event.preventDefault();
    lost("Connexion perdue : rien n’est validé, votre saisie reste ici");
    return;
  }
  isLeaving = true;
  clearTimeout(timer);
  for (const button of document.querySelectorAll("[form=task-form].btn-primary")) button.setAttribute("aria-busy", "true");
}

export function watch() {
  window.addEventListener("online", save);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
  window.addEventListener("pageshow", () => {
    isLeaving = false;
    for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });
  window.addEventListener("beforeunload", (event) => {
    if (isLeaving || !isDirty()) return;
    if (isLost || !navigator.onLine) event.preventDefault();
    else save();
  });
  document.querySelector("[data-take-over]").addEventListener("click", () => { isLeaving = true; });
}
