// What a diagram says to the engine: properties that bpmn-js would otherwise drop or hide.
export const spiff = {
  name: "SpiffWorkflow",
  uri: "http://spiffworkflow.org/bpmn/schema/1.0/core",
  prefix: "spiffworkflow",
  xml: { tagAlias: "lowerCase" },
  types: [
    { name: "Properties", superClass: ["Element"], properties: [{ name: "values", type: "Property", isMany: true }] },
    {
      name: "Property", superClass: ["Element"],
      properties: [{ name: "name", isAttr: true, type: "String" }, { name: "value", isAttr: true, type: "String" }],
    },
  ],
};

const isList = (one) => one.$type === "spiffworkflow:Properties";

/** The properties of an element, in the order of the file. */
export function propertiesOf(business) {
  const list = (business.extensionElements?.values ?? []).find(isList);
  return new Map((list?.values ?? []).map((one) => [one.name, one.value ?? ""]));
}

/** One property written, or taken away when it is empty; it can be undone. */
export function setProperty(modeler, element, name, value, business = element.businessObject) {
  const known = propertiesOf(business);
  if ((known.get(name) ?? "") === value) return;
  if (value) known.set(name, value);
  else known.delete(name);
  const moddle = modeler.get("moddle");
  const others = (business.extensionElements?.values ?? []).filter((one) => !isList(one));
  const list = moddle.create("spiffworkflow:Properties", {
    values: [...known].map(([key, text]) => moddle.create("spiffworkflow:Property", { name: key, value: text })),
  });
  for (const one of list.values) one.$parent = list;
  const values = known.size ? [...others, list] : others;
  const holder = values.length ? moddle.create("bpmn:ExtensionElements", { values }) : undefined;
  for (const one of values) one.$parent = holder;
  if (holder) holder.$parent = business;
  modeler.get("modeling").updateModdleProperties(element, business, { extensionElements: holder });
}
