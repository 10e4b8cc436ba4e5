// A file of a draft is kept as it changes: two seconds after the last gesture, and before leaving.
const REST = 2000;
const AGAIN = 5000;
const csrf = () => document.querySelector("meta[name=csrf-token]")?.content ?? "";

export class Saving {
  /** `read` gives the file as text; `kept` is called once it is on the server. */
  constructor(place, read, kept) {
    this.place = place;
    this.read = read;
    this.kept = kept;
    this.state = document.querySelector("#save-state");
    this.isDirty = false;
    window.addEventListener("beforeunload", (event) => { if (this.isDirty) event.preventDefault(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden && this.isDirty) this.save(); });
    window.addEventListener("online", () => { if (this.isDirty) this.save(); });
  }

  /** The file, and the mark of the version it is. */
  async open() {
    const answer = await fetch(this.place.dataset.file, { headers: { "Hent-Quiet": "1" } });
    if (!answer.ok) throw new Error(`file: ${answer.status}`);
    this.mark = answer.headers.get("ETag");
    return answer.text();
  }

  touch() {
    if ("closed" in this.place.dataset) return;
    this.isDirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), REST);
    this.tell("cloud-check", "Modifié");
  }

  async save() {
    if (this.isSaving) { this.isAskedAgain = true; return; }
    clearTimeout(this.timer);
    this.isSaving = true;
    this.isAskedAgain = false;
    this.isDirty = false;
    this.tell("refresh", "Enregistrement…");
    try {
      await this.send();
    } catch {
      this.isDirty = true;
      this.tell("cloud-off", "Non enregistré, nouvel essai", "late");
      this.timer = setTimeout(() => this.save(), AGAIN);
    } finally {
      this.isSaving = false;
    }
    if (this.isAskedAgain) this.save();
  }

  async send() {
    const answer = await fetch(this.place.dataset.save, {
      method: "POST",
      headers: { "Content-Type": "application/xml", "X-CSRFToken": csrf(), "If-Match": this.mark },
      body: await this.read(),
    });
    if (answer.status === 409) return this.refuse("Modifié entre-temps par un collègue. Rechargez la page pour reprendre.");
    if (answer.status === 401 || answer.redirected) return this.refuse("Session terminée. Reconnectez-vous dans un autre onglet, puis continuez.", true);
    if (!answer.ok) throw new Error(`save: ${answer.status}`);
    const { mark, saved } = await answer.json();
    this.mark = `"${mark}"`;
    if (!this.isAskedAgain && !this.isDirty) this.tell("cloud-check", `Enregistré ${saved}`);
    this.kept();
  }

  refuse(words, isRetried = false) {
    this.isDirty = true;
    this.tell("cloud-off", words, "late");
    if (isRetried) this.timer = setTimeout(() => this.save(), AGAIN);
  }

  tell(icon, words, tone = "") {
    this.state.className = `save-state${tone ? ` tone-${tone}` : ""}`;
    this.state.querySelector("span").textContent = words;
    const use = this.state.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${icon}`));
  }
}

/** One row of the table of deadlines, from the panel: what the server answers in words. */
export async function saveDelay(address, values) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": csrf() },
    body: new URLSearchParams(values),
  });
  const told = await answer.json().catch(() => ({ message: "Non enregistré. Réessayez." }));
  return answer.ok ? { ok: true, ...told } : { ok: false, message: told.message ?? "Non enregistré. Réessayez." };
}
