// The panel beside a diagram: what the chosen element says, in the words of the ward.
import { choice, folded, make, section, text } from "./dom.js";
import { lanesOf, moveToLane, nameOf, rename } from "./shapes.js";
import { propertiesOf, setProperty } from "./spiff.js";
import { saveDelay } from "./saving.js";

const EVENTS = { "bpmn:TimerEventDefinition": "timer", "bpmn:MessageEventDefinition": "message" };

export class Panel {
  constructor(modeler, box, { words, address, isClosed, delayKept }) {
    Object.assign(this, { modeler, box, words, address, isClosed, delayKept });
    this.nothing = [...box.childNodes];
    const again = (element) => { if (element && element === this.element) this.redraw(); };
    modeler.on("selection.changed", ({ newSelection }) => this.show(newSelection.length === 1 ? newSelection[0] : null));
    modeler.on("element.changed", ({ element }) => again(element));
  }

  /** A label is chosen for what it names. */
  show(element) {
    this.element = element?.labelTarget ?? element ?? null;
    this.draw();
  }

  /** After a change: keep the hand where it was. */
  redraw() {
    const key = this.box.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const isOpen = this.box.querySelector("details")?.open;
    this.draw();
    if (isOpen) this.box.querySelector("details").open = true;
    if (key) this.box.querySelector(`[data-key="${key}"]`)?.focus();
  }

  draw() {
    if (!this.element) return this.box.replaceChildren(...this.nothing);
    const business = this.element.businessObject;
    this.box.replaceChildren(this.head(business), ...this.parts(business).filter(Boolean), this.technical(business));
  }

  head(business) {
    return make("header", { class: "panel-head" }, make("p", {}, this.kind(business)), make("h2", {}, nameOf(business) || "Sans nom"));
  }

  kind(business) {
    const short = business.$type.replace("bpmn:", "");
    const key = short[0].toLowerCase() + short.slice(1);
    return this.words.kinds[key] ?? { lane: "Couloir", participant: "Diagramme", sequenceFlow: "Chemin", textAnnotation: "Note" }[key] ?? "Élément";
  }

  parts(business) {
    const of = {
      "bpmn:UserTask": () => [this.called(business), this.attribution(), this.deadline(business), this.form(business), this.priority(business)],
      "bpmn:ServiceTask": () => [this.called(business), this.handler(business)],
      "bpmn:BusinessRuleTask": () => [this.called(business), section("Table", this.property("Table de décision", "decision", this.words.decisions))],
      "bpmn:CallActivity": () => [this.called(business), this.call(business)],
      "bpmn:ScriptTask": () => [this.called(business), section("Calcul", this.field("Une ligne par donnée", business.script, "script", { lines: 4, hint: "nom = expression" }))],
      "bpmn:SequenceFlow": () => [this.flow(business)],
      "bpmn:Lane": () => [this.lane(business)],
      "bpmn:Participant": () => [this.called(business), this.whole(business)],
    }[business.$type];
    if (of) return of();
    if (business.eventDefinitions !== undefined || business.$instanceOf("bpmn:Event")) return [this.called(business), this.event(business)];
    if (business.$instanceOf("bpmn:Gateway")) return [this.called(business), this.ways(business)];
    return [this.called(business)];
  }

  // Pieces.

  called(business) {
    return section("Nom", text("Ce que lisent les équipes", nameOf(business), (name) => rename(this.modeler, this.element, name), { lines: 2, disabled: this.isClosed, key: "name" }));
  }

  attribution() {
    const { lanes, own } = lanesOf(this.element);
    if (!lanes.length) return null;
    return section("Attribution", choice("Rôle", lanes.map((lane) => [lane.id, nameOf(lane.businessObject) || "Couloir sans nom"]), own?.id ?? "",
      (id) => moveToLane(this.modeler, this.element, lanes.find((lane) => lane.id === id)), { disabled: this.isClosed, key: "role", hint: "Changer de rôle déplace l’étape dans son couloir." }));
  }

  form(business) {
    const value = propertiesOf(business).get("form") ?? "";
    const form = this.words.forms.find((one) => one.name === value);
    const card = form ? make("a", { class: "panel-card", href: form.href, target: "_blank" }, make("b", {}, form.title),
      make("small", {}, `${form.questions} question${form.questions > 1 ? "s" : ""}, ${form.required} obligatoire${form.required > 1 ? "s" : ""}`)) : null;
    return section("Formulaire", this.property("Ce que demande l’étape", "form", this.words.forms.map((one) => [one.name, one.title]), "Aucun"), card);
  }

  priority(business) {
    const control = make("input", { type: "checkbox", class: "form-check-input", disabled: this.isClosed, "data-key": "priority",
      onchange: (event) => setProperty(this.modeler, this.element, "priority", event.target.checked ? "high" : "") });
    control.checked = propertiesOf(business).get("priority") === "high";
    return section("Priorité", make("label", { class: "panel-check" }, control, "Priorité haute dans les listes de tâches"));
  }

  /** The row of the table is edited here and there alike. */
  deadline(business) {
    const key = propertiesOf(business).get("deadline") ?? "";
    const row = this.words.delays[key];
    if (!key) {
      return section("Échéance", make("p", { class: "panel-none-yet" }, "Cette étape n’a pas de délai."),
        make("button", { type: "button", class: "btn btn-outline btn-small", disabled: this.isClosed, onclick: () => this.giveDelay(business) }, "Donner un délai"));
    }
    if (row && !row.is_plain) return section("Échéance", make("p", {}, "Ce délai est une expression : il se change dans l’éditeur de table."));
    const given = row ?? { amount: "7", unit: "days", anchor: "opened", reminder: "80", reminder_unit: "%", escalation: "", label: "" };
    const said = make("p", { class: "panel-said", role: "status" });
    const keep = (name) => (value) => this.keepDelay(key, { ...given, [name]: value }, said);
    const options = (name) => ({ disabled: this.isClosed, key: `delay-${name}` });
    return section("Échéance",
      make("div", { class: "panel-pair" }, text("Délai", given.amount, keep("amount"), options("amount")), choice("Unité", this.words.units, given.unit, keep("unit"), options("unit"))),
      choice("Compté depuis", this.words.anchors, given.anchor, keep("anchor"), options("anchor")),
      make("div", { class: "panel-pair" }, text("Rappel", given.reminder, keep("reminder"), options("reminder")), choice("Unité du rappel", this.words.reminders, given.reminder_unit, keep("reminder_unit"), options("reminder_unit"))),
      choice("Si retard, prévenir", this.words.escalations, given.escalation, keep("escalation"), options("escalation")),
      text("Règle, telle que les équipes la lisent", given.label, keep("label"), { ...options("label"), lines: 2 }),
      said);
  }

  async giveDelay(business) {
    const key = business.id;
    setProperty(this.modeler, this.element, "deadline", key);
    if (!this.words.delays[key]) await this.keepDelay(key, { amount: "7", unit: "days", anchor: "opened", reminder: "80", reminder_unit: "%", escalation: "", label: "" });
  }

  async keepDelay(step, values, said) {
    if (values.reminder_unit && !values.reminder) values.reminder = values.reminder_unit === "%" ? "80" : "2";
    if (!values.reminder_unit) values.reminder = "";
    const told = await saveDelay(this.address, { step, ...values });
    if (!told.ok) {
      if (said) { said.textContent = told.message; said.className = "field-error"; }
      return;
    }
    this.words.delays[step] = { ...values, is_plain: true };
    this.redraw();
    const line = this.box.querySelector(".panel-said");
    if (line) line.textContent = `Enregistré : ${told.words}.`;
    this.delayKept();
  }

  handler(business) {
    const others = [...propertiesOf(business)].filter(([name]) => name !== "handler");
    return section("Traitement", this.property("Ce que fait le système", "handler", this.words.handlers.map((one) => [one, one]), "Aucun"),
      ...others.map(([name, value]) => text(name, value, (typed) => setProperty(this.modeler, this.element, name, typed), { disabled: this.isClosed, key: `p-${name}` })));
  }

  call(business) {
    return section("Phase",
      choice("Diagramme appelé", this.words.diagrams, business.calledElement ?? "", (id) => this.update({ calledElement: id }), { empty: "Aucun", disabled: this.isClosed, key: "called" }),
      this.property("Données rendues", "returns", null, "", "Noms séparés par des virgules."),
      this.property("Données données", "with", null, "", "Une ligne par donnée : nom = expression.", 2));
  }

  flow(business) {
    const source = business.sourceRef;
    const chooses = source?.$instanceOf("bpmn:Gateway") && (source.outgoing ?? []).length > 1;
    const parts = [text("Nom du chemin", business.name, (name) => rename(this.modeler, this.element, name), { disabled: this.isClosed, key: "name" })];
    if (chooses) {
      const isDefault = source.default === business;
      const control = make("input", { type: "checkbox", class: "form-check-input", disabled: this.isClosed, "data-key": "default", onchange: (event) => this.setDefault(source, business, event.target.checked) });
      control.checked = isDefault;
      if (!isDefault) parts.push(text("Condition", business.conditionExpression?.body, (body) => this.setCondition(business, body), { lines: 2, disabled: this.isClosed, key: "condition", hint: "Par exemple : g8_total <= 14" }));
      parts.push(make("label", { class: "panel-check" }, control, "Chemin pris quand aucun autre ne convient"));
    }
    return section("Chemin", ...parts);
  }

  ways(business) {
    const flows = business.outgoing ?? [];
    if (flows.length < 2) return null;
    const registry = this.modeler.get("elementRegistry");
    return section("Chemins", make("ul", { class: "panel-ways" }, ...flows.map((flow) => make("li", {},
      make("button", { type: "button", class: "panel-card", onclick: () => this.modeler.get("selection").select(registry.get(flow.id)) },
        make("b", {}, nameOf(flow) || nameOf(flow.targetRef) || "Sans nom"),
        make("small", {}, business.default === flow ? "quand aucun autre ne convient" : flow.conditionExpression?.body ?? ""))))));
  }

  lane(business) {
    return section("Rôle", choice("Rôle du couloir", this.words.roles.map((role) => [role, role]), business.name ?? "", (name) => rename(this.modeler, this.element, name), { empty: "À choisir", disabled: this.isClosed, key: "name" }));
  }

  whole(business) {
    const process = business.processRef;
    if (!process) return null;
    return section("Quand le proposer", text("Condition", propertiesOf(process).get("permitted_when"),
      (value) => setProperty(this.modeler, this.element, "permitted_when", value, process),
      { lines: 2, disabled: this.isClosed, key: "permitted", hint: "Vide : le diagramme n’est pas offert sur la page du dossier." }));
  }

  event(business) {
    const definition = (business.eventDefinitions ?? [])[0];
    const kind = EVENTS[definition?.$type];
    if (kind === "timer") return section("Attente", this.timer(definition));
    if (kind === "message") return section("Message", this.message(definition));
    return null;
  }

  timer(definition) {
    const name = ["timeDuration", "timeDate", "timeCycle"].find((one) => definition[one]) ?? "timeDuration";
    return text(name === "timeDate" ? "Jusqu’au" : "Durée", definition[name]?.body, (body) => {
      const moddle = this.modeler.get("moddle");
      const value = moddle.create("bpmn:FormalExpression", { body });
      value.$parent = definition;
      this.modeler.get("modeling").updateModdleProperties(this.element, definition, { [name]: body ? value : undefined });
    }, { disabled: this.isClosed, key: "timer", hint: "Une durée (P15D : quinze jours) ou une expression qui donne une date." });
  }

  message(definition) {
    const root = this.modeler.getDefinitions();
    const messages = root.rootElements.filter((one) => one.$type === "bpmn:Message");
    return choice("Message attendu ou envoyé", messages.map((one) => [one.id, one.name || one.id]), definition.messageRef?.id ?? "",
      (id) => this.modeler.get("modeling").updateModdleProperties(this.element, definition, { messageRef: messages.find((one) => one.id === id) }),
      { empty: "À choisir", disabled: this.isClosed, key: "message" });
  }

  technical(business) {
    const documented = (business.documentation ?? [])[0]?.text;
    return folded("Identifiant technique",
      text("Identifiant", business.id, (id, control) => {
        if (/^[a-z][a-z0-9_]{1,70}$/.test(id) && !this.modeler.get("elementRegistry").get(id)) this.update({ id });
        else control.value = business.id;
      }, { disabled: this.isClosed, key: "id", hint: "Minuscules, chiffres et soulignés. Les délais des étapes s’y rapportent." }),
      documented ? make("p", { class: "hint" }, `Étape ${documented} du référentiel.`) : null,
      business.$type === "bpmn:UserTask" ? this.property("Ligne de la table des délais", "deadline") : null);
  }

  // Changes.

  property(label, name, choices = null, empty = "Aucun", hint = undefined, lines = undefined) {
    const value = propertiesOf(this.element.businessObject).get(name) ?? "";
    const change = (typed) => setProperty(this.modeler, this.element, name, typed);
    const options = { disabled: this.isClosed, key: `p-${name}`, hint, lines };
    return choices ? choice(label, choices, value, change, { ...options, empty }) : text(label, value, change, options);
  }

  field(label, value, name, options) {
    return text(label, value, (typed) => this.update({ [name]: typed || undefined }), { ...options, disabled: this.isClosed, key: name });
  }

  update(values) { this.modeler.get("modeling").updateProperties(this.element, values); }

  setCondition(flow, body) {
    const expression = body ? this.modeler.get("moddle").create("bpmn:FormalExpression", { body }) : undefined;
    if (expression) expression.$parent = flow;
    this.update({ conditionExpression: expression });
  }

  setDefault(source, flow, isDefault) {
    const shape = this.modeler.get("elementRegistry").get(source.id);
    this.modeler.get("modeling").updateProperties(shape, { default: isDefault ? flow : undefined });
    if (isDefault) this.setCondition(flow, "");
    this.redraw();
  }
}
