// Small makers of elements, so that a panel reads like the page it makes.
export function make(tag, attributes = {}, ...children) {
  const one = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith("on")) one.addEventListener(key.slice(2), value);
    else if (key === "value") one.value = value;
    else one.setAttribute(key, value === true ? "" : value);
  }
  one.append(...children.filter((child) => child !== null && child !== undefined));
  return one;
}

let counted = 0;

/** A label over its control; `change` is called with the text once it is left. */
function labelled(label, control, hint) {
  control.id = `panel-${(counted += 1)}`;
  const help = hint ? make("p", { class: "hint", id: `${control.id}-hint` }, hint) : null;
  if (help) control.setAttribute("aria-describedby", help.id);
  return make("div", { class: "panel-field" }, make("label", { class: "form-label", for: control.id }, label), control, help);
}

export function text(label, value, change, { hint, lines, disabled, key } = {}) {
  const control = make(lines ? "textarea" : "input", {
    class: "form-control", autocomplete: "off", spellcheck: lines ? "true" : "false", rows: lines, disabled, "data-key": key,
    onchange: (event) => change(event.target.value.trim(), event.target),
  });
  control.value = value ?? "";
  return labelled(label, control, hint);
}

/** `choices`: [value, words]; a value that is not among them is shown all the same. */
export function choice(label, choices, value, change, { hint, empty, disabled, key } = {}) {
  const all = empty === undefined ? choices : [["", empty], ...choices];
  const known = all.some(([one]) => one === (value ?? ""));
  const shown = known ? all : [[value ?? "", value || "À choisir"], ...all];
  const control = make("select", { class: "form-select", disabled, "data-key": key, onchange: (event) => change(event.target.value) },
    ...shown.map(([one, words]) => make("option", { value: one }, words)));
  control.value = value ?? "";
  return labelled(label, control, hint);
}

export function section(title, ...children) {
  return make("section", { class: "panel-section" }, make("h3", {}, title), ...children);
}

export function folded(title, ...children) {
  return make("details", { class: "panel-more" }, make("summary", {}, title), ...children);
}
