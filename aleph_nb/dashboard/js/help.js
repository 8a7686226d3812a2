// The keys on one page, over the desk.

import { button, h, shown } from "./dom.js";

/** The help; `toggle` shows it. */
export class Help {
  /** @param {{keys: Object, rows: Array, closed: function(): void}} world rows: what the keys do, closed: who has them again */
  constructor({ keys, rows, closed }) {
    this.closed = closed;
    this.done = button("Close", () => this.close(), { class: "ad-button", key: "Esc" });
    const parts = rows.map(([title, lines]) => h("section", null, h("h3", { text: title }),
      h("dl", null, ...lines.flatMap(([names, what]) => [h("dt", null, ...keysOf(names)), h("dd", { text: what })]))));
    const sheet = h("div", { class: "ad-help-sheet", role: "dialog", "aria-modal": "true", "aria-label": "Keys", tabindex: "-1" },
      h("header", null, h("h2", { text: "Keys" }), this.done),
      h("div", { class: "ad-help-parts" }, ...parts),
      h("p", { class: "ad-quiet", text: "They are heard while the ring is around it. Ctrl+S and Shift+Enter stay the notebook's." }));
    this.el = h("div", { class: "ad-help", hidden: true, on: { click: (event) => event.target === this.el && this.close() } }, sheet);
    keys.claim(sheet, (event) => event.key === "Tab"); // one control: the focus stays on it
  }

  get isOpen() {
    return !this.el.hidden;
  }

  toggle() {
    if (this.close()) return;
    shown(this.el, true);
    this.done.focus({ preventScroll: true });
  }

  /** Close it; false where it was not open. */
  close() {
    if (!this.isOpen) return false;
    shown(this.el, false);
    this.closed();
    return true;
  }
}

function keysOf(text) {
  return text.split(/ {2}/).map((each) => h("kbd", { class: "ad-key", text: each }));
}
