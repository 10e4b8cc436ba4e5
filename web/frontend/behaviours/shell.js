// Menus, dialogs, toasts, the announced end of a session, a lost connection.
const $ = (selector, inside = document) => inside.querySelector(selector);
const csrf = () => $("meta[name=csrf-token]")?.content ?? "";

// Menus are <details>: one open at a time, closed by Escape or a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer) {
    const dialog = closer.closest("dialog");
    if (dialog?.open) dialog.close();
    else history.back();
  }
  const eye = event.target.closest("[data-shows]");
  if (eye) {
    const field = document.getElementById(eye.dataset.shows);
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    eye.setAttribute("aria-pressed", String(shown));
  }
  const stay = event.target.closest("[data-stay]");
  if (stay) fetch(stay.dataset.stay, { method: "POST", headers: { "X-CSRFToken": csrf() } }).then(stayed);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = $("details[data-menu][open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
  }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    const search = $("#bar-search");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  }
  if (event.key === "?" && keysAreOn() && !isTyping(event)) $("#keys")?.showModal();
  if (event.key.toLowerCase() === "z" && keysAreOn() && !isTyping(event)) $("[data-undo]")?.click();
});

export const keysAreOn = () => document.body.dataset.keys !== "off";
export const isTyping = (event) =>
  event.target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog[open]") !== null ||
  event.ctrlKey || event.metaKey || event.altKey;

// What htmx puts in a dialog opens it; an answer that goes elsewhere closes it.
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail?.ctx?.target;
  if (target?.matches?.("dialog") && target.childElementCount && !target.open) target.showModal();
  const source = event.detail?.ctx?.sourceElement;
  if (source?.matches?.("[data-closes-dialog]")) source.closest("dialog")?.close();
  settleToasts();
});
document.addEventListener("close", (event) => { if (event.target.id === "sheet") event.target.replaceChildren(); }, true);

// A toast leaves after ten seconds, unless it is pointed at or holds the focus.
function settleToasts() {
  for (const toast of document.querySelectorAll("#toasts > [data-toast]:not([data-timed])")) {
    toast.dataset.timed = "";
    let timer;
    const leave = () => toast.remove();
    const start = () => { timer = setTimeout(leave, 10_000); };
    const pause = () => clearTimeout(timer);
    toast.addEventListener("mouseenter", pause);
    toast.addEventListener("mouseleave", start);
    toast.addEventListener("focusin", pause);
    toast.addEventListener("focusout", start);
    start();
  }
}
settleToasts();

// The end of a session is announced two minutes before.
let last = Date.now();
const idle = Number(document.body.dataset.idle ?? 0) * 1000;
function stayed(response) {
  if (!response.ok) return location.reload();
  last = Date.now();
  $("#toasts [data-idle-warning]")?.remove();
}
document.addEventListener("htmx:after:request", (event) => {
  if (!event.detail?.ctx?.request?.headers?.["Hent-Quiet"]) last = Date.now();
});
if (idle) {
  setInterval(() => {
    const left = idle - (Date.now() - last);
    if (left < 120_000 && left > 0) show("idle-warning", "data-idle-warning");
    if (left <= 0 && !document.querySelector("form[data-dirty]")) location.reload();
  }, 15_000);
}
function show(template, mark) {
  if ($(`#toasts [${mark}]`)) return;
  const banner = $(`#${template}`)?.content.firstElementChild?.cloneNode(true);
  if (!banner) return;
  banner.setAttribute(mark, "");
  $("#toasts").append(banner);
}

// A lost connection: say it, keep what was typed, take the words back when it returns.
window.addEventListener("offline", () => show("offline", "data-offline"));
window.addEventListener("online", () => $("#toasts [data-offline]")?.remove());
document.addEventListener("htmx:error", () => { if (!navigator.onLine) show("offline", "data-offline"); });
