// The tray below an editor: checks and changes, asked again each time something is saved.
export class Tray {
  /** `found` is given the remarks on the file on screen; `chosen` the element of one clicked. */
  constructor(place, { found = () => {}, chosen = () => {} } = {}) {
    this.box = document.querySelector("#tray");
    this.address = place.dataset.checks;
    this.found = found;
    this.tab = "tab-checks";
    this.box.addEventListener("click", (event) => this.click(event, chosen));
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  click(event, chosen) {
    const tab = event.target.closest("[role=tab]");
    if (tab) return this.show(tab.id);
    if (event.target.closest("[data-folds]")) return this.fold(!this.box.classList.contains("is-folded"));
    const remark = event.target.closest("a[data-element]");
    if (remark?.dataset.element && chosen(remark.dataset.element)) event.preventDefault();
  }

  key(event) {
    if (!event.target.matches("[role=tab]") || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const tabs = [...this.box.querySelectorAll("[role=tab]")];
    const next = tabs[(tabs.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
    this.show(next.id);
    next.focus();
  }

  show(id) {
    this.tab = id;
    for (const tab of this.box.querySelectorAll("[role=tab]")) {
      const isChosen = tab.id === id;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      this.box.querySelector(`#${tab.getAttribute("aria-controls")}`).hidden = !isChosen;
    }
    this.fold(false);
  }

  fold(isFolded) {
    this.box.classList.toggle("is-folded", isFolded);
    this.box.querySelector("[data-folds]")?.setAttribute("aria-expanded", String(!isFolded));
  }

  remarks() {
    return [...this.box.querySelectorAll("a[data-element]")].map((one) => ({ ...one.dataset }));
  }

  /** What the page came with is told first. */
  start() { this.found(this.remarks()); }

  async refresh() {
    const answer = await fetch(this.address, { headers: { "Hent-Quiet": "1" } });
    if (!answer.ok) return;
    const isFolded = this.box.classList.contains("is-folded");
    this.box.innerHTML = await answer.text();
    this.show(this.tab);
    this.fold(isFolded);
    const publish = this.box.querySelector("template[data-publish]");
    document.querySelector("#publish").replaceChildren(publish.content.cloneNode(true));
    this.found(this.remarks());
  }
}
