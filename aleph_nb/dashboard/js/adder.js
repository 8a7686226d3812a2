// The small window in which ids are pasted, or a file with ids is chosen.

import { attribute, button, h, put, shown } from "./dom.js";
import { readIdFile } from "./ids.js";
import { plural } from "./words.js";

const ADDER_LARGEST = 20_000_000; // bytes of a file; more than that is no list of ids

/** Adds ids: pasted text goes as it is, of a file only the ids and labels travel. */
export class Adder {
  /** @param {Object} desk what all rooms share @param {Element} opener the button that opens it */
  constructor(desk, opener) {
    this.desk = desk;
    this.opener = opener;
    this.text = h("textarea", {
      class: "ad-adder-text", rows: "5", placeholder: "Paste task ids, or a table with a column task_id", "aria-label": "Task ids", spellcheck: "false",
    });
    this.file = h("input", { type: "file", class: "ad-offscreen", tabindex: "-1", accept: ".csv,.tsv,.txt,.json", "aria-label": "File with task ids", on: { change: () => this.read() } });
    this.said = h("p", { class: "ad-quiet", role: "status" });
    desk.keys.claim(this.text, (event) => this.key(event));
    this.el = h("div", { class: "ad-adder", role: "dialog", "aria-label": "Add ids", hidden: true },
      this.text,
      h("div", { class: "ad-adder-row" },
        button("Choose a file", () => this.file.click(), { class: "ad-button", title: "CSV, TSV, text or JSON; only ids and labels leave the browser" }),
        this.file, h("span", { class: "ad-spread" }),
        button("Close", () => this.close(), { class: "ad-button" }),
        button("Add", () => this.add(), { class: "ad-button ad-main" })),
      this.said);
  }

  get isOpen() {
    return !this.el.hidden;
  }

  toggle() {
    if (this.close()) return;
    shown(this.el, true);
    attribute(this.opener, "aria-expanded", "true");
    this.text.focus();
  }

  /** Close it; false where it was not open. */
  close() {
    if (!this.isOpen) return false;
    shown(this.el, false);
    attribute(this.opener, "aria-expanded", "false");
    this.desk.focusList();
    return true;
  }

  key(event) {
    if (event.key !== "Enter" || !this.text.value.trim() || /\n/.test(this.text.value)) return false;
    this.add();
    return true;
  }

  add() {
    const text = this.text.value.trim();
    if (!text) put(this.said, "There is nothing to add: paste ids, or choose a file.");
    else if (this.send({ type: "add", text })) put(this.said, "Adding…");
  }

  async read() {
    const [file] = this.file.files;
    this.file.value = "";
    if (!file) return;
    try {
      if (file.size > ADDER_LARGEST) throw new Error(`${file.name} is too large for a list of ids.`);
      const { ids, labels, notes } = readIdFile(file.name, new Uint8Array(await file.arrayBuffer()));
      if (!ids.length) throw new Error(`No task id in ${file.name}.`);
      if (this.send({ type: "add", ids, labels })) put(this.said, [`Adding ${plural(ids.length, "id")} of ${file.name}…`, ...notes].join(" "));
    } catch (error) {
      put(this.said, error.message);
    }
  }

  send(message) {
    const sent = this.desk.link.send(message);
    if (!sent) put(this.said, "The kernel does not answer. The text stays here; run the cell again.");
    return sent;
  }

  /** What became of it. */
  added({ ids, notes }) {
    put(this.said, [ids.length ? `${plural(ids.length, "task")} added.` : "No new task.", ...(notes ?? [])].join(" "));
    if (ids.length) this.text.value = "";
  }
}
