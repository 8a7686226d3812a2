// The verdict: stars, pick or reject, tags; beside them the notes, and below the task's facts.

import { attribute, button, h, icon, put, shown } from "./dom.js";
import { Notes } from "./notes.js";
import { Tags } from "./tags.js";
import { shortId } from "./say.js";
import { safeUrl, tellRow } from "./words.js";

const VERDICT_STARS = [1, 2, 3, 4, 5];

/** The panel under the stage. */
export class Verdict {
  /** @param {Object} desk what all rooms share */
  constructor(desk) {
    this.desk = desk;
    this.tags = new Tags(desk);
    this.notes = new Notes(desk);
    this.prompt = h("p", { class: "ad-verdict-prompt", dir: "auto" });
    this.labels = h("p", { class: "ad-labels", dir: "auto" });
    this.stars = this.buildStars();
    this.picks = this.buildPicks();
    this.facts = h("div", { class: "ad-facts" });
    this.state = h("span", { class: "ad-state" });
    this.told = h("span", { class: "ad-told" });
    this.id = h("code", { class: "ad-id" });
    this.copy = button("Copy id", () => desk.act.copy(desk.current()?.task_id), { class: "ad-link" });
    this.open = h("a", { class: "ad-link", target: "_blank", rel: "noopener noreferrer" }, h("span", { text: "Open" }), icon("open"));
    this.more = button("Details", () => desk.act.toggleDetails(), { class: "ad-link", key: "Enter" });
    this.facts.append(this.state, this.told, h("span", { class: "ad-spread" }), this.id, this.copy, this.open, this.more);
    const row = h("div", { class: "ad-verdict-row" }, this.stars, this.picks, this.tags.el);
    const main = h("div", { class: "ad-verdict-main" }, this.prompt, this.labels, row);
    this.el = h("section", { class: "ad-verdict", "aria-label": "Verdict" }, main, this.notes.el, this.facts);
  }

  buildStars() {
    const { desk } = this;
    const star = (value) => h("button", {
      type: "button", role: "radio", class: "ad-star", "aria-label": value === 1 ? "1 star" : `${value} stars`,
      title: `${value}  (0 takes it away)`, on: { click: () => desk.act.rate(value, { again: true }) },
    }, icon("star"));
    this.starButtons = VERDICT_STARS.map(star);
    const group = h("div", { class: "ad-rating", role: "radiogroup", "aria-label": "Rating" }, ...this.starButtons);
    desk.keys.claim(group, (event) => this.starKey(event));
    return group;
  }

  starKey(event) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!step) return false;
    const now = this.desk.verdictNow()?.rating ?? 0;
    const value = Math.min(Math.max(now + step, 1), 5);
    this.desk.act.rate(value, { stay: true });
    this.starButtons[value - 1].focus();
    return true;
  }

  buildPicks() {
    const { desk } = this;
    this.pick = button("Pick", () => desk.act.pick("pick", { again: true }), { class: "ad-pick", key: "P", "aria-pressed": "false" });
    this.reject = button("Reject", () => desk.act.pick("reject", { again: true }), { class: "ad-reject", key: "X", "aria-pressed": "false" });
    return h("div", { class: "ad-picks", role: "group", "aria-label": "Pick or reject" }, this.pick, this.reject);
  }

  /** Paint the current task and its verdict. */
  paint() {
    const { desk } = this;
    const row = desk.current();
    attribute(this.el, "data-none", !row);
    const verdict = row ? desk.store.verdict(row.task_id) : { rating: 0, pick: null, tags: [], notes: [] };
    put(this.prompt, row ? row.prompt || "No prompt is known" : "");
    attribute(this.prompt, "title", row?.prompt ?? null);
    this.starButtons.forEach((star, place) => {
      attribute(star, "data-on", place < verdict.rating);
      attribute(star, "aria-checked", place + 1 === verdict.rating ? "true" : "false");
      attribute(star, "tabindex", place + 1 === (verdict.rating || 1) ? "0" : "-1");
      star.disabled = !row;
    });
    for (const [control, value] of [[this.pick, "pick"], [this.reject, "reject"]]) {
      attribute(control, "aria-pressed", verdict.pick === value ? "true" : "false");
      control.disabled = !row;
    }
    this.paintLabels(row?.labels);
    this.tags.paint(row, verdict);
    this.notes.paint(row, verdict);
    this.paintFacts(row);
  }

  /** The reviewer's own names for the task, under its prompt. */
  paintLabels(labels) {
    const own = labels ? Object.entries(labels).filter(([, value]) => value) : [];
    shown(this.labels, own.length > 0);
    const key = own.map(([name, value]) => `${name} ${value}`).join("\n");
    if (key === this.labelsKey) return;
    this.labelsKey = key;
    attribute(this.labels, "title", key || null);
    this.labels.replaceChildren(...own.map(([name, value]) => h("span", null, h("i", { text: name }), ` ${value}`)));
  }

  paintFacts(row) {
    shown(this.facts, Boolean(row));
    if (!row) return;
    const { word, hue, facts } = tellRow(row, this.desk.now());
    put(this.state, word);
    attribute(this.state, "data-hue", hue);
    const key = facts.map((fact) => `${fact.text}|${fact.title}`).join("\n");
    if (key !== this.factsKey) {
      this.factsKey = key;
      this.told.replaceChildren(...facts.map((fact) => h("span", { text: fact.text, title: fact.title, "data-hue": fact.hue })));
    }
    put(this.id, shortId(row.task_id));
    attribute(this.id, "title", row.task_id);
    const url = safeUrl(row.result) || safeUrl(row.source);
    shown(this.open, Boolean(url));
    attribute(this.open, "href", url || null);
    attribute(this.open, "aria-label", row.result ? "Open the result" : "Open the source");
    attribute(this.more, "aria-expanded", String(this.desk.details));
  }
}
