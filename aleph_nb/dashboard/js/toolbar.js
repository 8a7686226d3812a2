// The toolbar: chips with counts, search, sort, and what the desk asks of the kernel.

import { attribute, button, h, hint, put, shown } from "./dom.js";
import { Adder } from "./adder.js";
import { thousands } from "./words.js";

const TOOLBAR_CHIPS = [ // the name in the view, the word, the colour
  ["", "All", ""],
  ["succeeded", "Succeeded", "green"],
  ["in_progress", "Running", "running"],
  ["failed", "Failed", "red"],
  ["dies_soon", "Dies soon", "amber"],
];
const TOOLBAR_OTHERS = [["expired", "Expired"], ["not_found", "Not found"], ["no_answer", "No answer"], ["unknown", "Unknown"]];
const TOOLBAR_SORTS = [["newest", "Newest"], ["dies", "Dies first"], ["rating", "Rating"], ["longest", "Longest"]];
const SEARCH_PAUSE_MS = 120;

/** The upper bar. */
export class Toolbar {
  /** @param {Object} desk what all rooms share */
  constructor(desk) {
    this.desk = desk;
    this.chips = TOOLBAR_CHIPS.map(([name, word, hue]) => this.makeChip(name, word, hue, () => this.filter(name)));
    this.review = this.makeChip("to_review", "To review", "", () => desk.toggleView("verdict", "to_review"));
    this.others = h("select", {
      class: "ad-select ad-select-small ad-others", "aria-label": "Other states",
      on: { change: () => desk.arrange({ state: this.others.value }) },
    }, h("option", { value: "", text: "Other" }), ...TOOLBAR_OTHERS.map(([value]) => h("option", { value })));
    const chips = h("div", { class: "ad-chips", role: "group", "aria-label": "Filter by state" },
      ...this.chips.map((chip) => chip.el), this.review.el, this.others);
    this.search = h("input", {
      type: "search", class: "ad-search", placeholder: "Search prompts, tags, notes", "aria-label": "Search prompts, labels, tags and notes",
      autocomplete: "off", spellcheck: "false", on: { input: () => this.typed() },
    });
    desk.keys.claim(this.search, (event) => this.key(event));
    this.sort = h("select", { class: "ad-select ad-sort", "aria-label": "Sort", on: { change: () => desk.arrange({ sort: this.sort.value }) } },
      ...TOOLBAR_SORTS.map(([value, text]) => h("option", { value, text })));
    this.group = button("", () => desk.arrange({ group: !desk.store.view.group }),
      { class: "ad-button ad-square", glyph: "group", name: "Group by source", title: "Group by source: takes of one source side by side" });
    this.refresh = button("", () => this.ask("refresh"),
      { class: "ad-button ad-square", glyph: "refresh", name: "Refresh", title: "Ask the service for those that are not final" });
    this.add = button("Add ids", () => this.adder.toggle(), { class: "ad-button", "aria-haspopup": "dialog", "aria-expanded": "false" });
    this.watch = button("Watch", () => this.ask("watch"), { class: "ad-button ad-watch", "aria-pressed": "false" });
    this.adder = new Adder(desk, this.add);
    const search = h("span", { class: "ad-search-box" }, this.search, hint("/"));
    const tools = h("div", { class: "ad-tools" }, search, this.sort, this.group, this.refresh,
      h("span", { class: "ad-add" }, this.add, this.adder.el), this.watch);
    this.el = h("div", { class: "ad-toolbar", role: "toolbar", "aria-label": "Filter, sort and add" }, chips, tools);
  }

  makeChip(name, word, hue, press) {
    const count = h("b", { text: "0" });
    const dot = hue ? h("i", { class: "ad-dot", "data-hue": hue, "aria-hidden": "true" }) : null;
    const el = h("button", { type: "button", class: "ad-chip", "aria-pressed": "false", on: { click: press } },
      dot, h("span", { text: word }), count);
    return { name, el, count };
  }

  filter(name) {
    if (name) this.desk.toggleView("state", name);
    else this.desk.act.clearFilter();
  }

  ask(type) {
    const { desk } = this;
    const sent = desk.link.send(type === "watch" ? { type, on: !desk.watch.on } : { type });
    if (!sent) desk.say("The kernel does not answer: run the cell again", "error");
    else if (type === "refresh") {
      desk.say("Asking…");
      desk.arrange({});
    }
    desk.ask("watch");
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.desk.arrange({ text: this.search.value }), SEARCH_PAUSE_MS);
  }

  key(event) {
    if (event.key !== "Enter") return false;
    clearTimeout(this.timer);
    this.desk.arrange({ text: this.search.value });
    this.desk.focusList();
    return true;
  }

  paint() {
    const { store, watch } = this.desk;
    const { view } = store;
    const { counts } = this.desk;
    const isAll = !view.state && !view.verdict && !view.rating && !view.tag;
    for (const chip of this.chips) {
      const number = chip.name ? counts[chip.name] ?? 0 : counts.all ?? 0;
      const on = chip.name ? view.state === chip.name : isAll;
      put(chip.count, thousands(number));
      attribute(chip.el, "aria-pressed", on ? "true" : "false");
    }
    this.paintOthers(counts, view.state);
    put(this.review.count, thousands(counts.to_review ?? 0));
    attribute(this.review.el, "aria-pressed", view.verdict === "to_review" ? "true" : "false");
    if (this.search.value !== view.text && this.desk.focused !== this.search) this.search.value = view.text;
    if (this.sort.value !== view.sort) this.sort.value = view.sort;
    attribute(this.group, "aria-pressed", view.group ? "true" : "false");
    attribute(this.watch, "aria-pressed", watch.on ? "true" : "false");
    attribute(this.watch, "title", watch.text || "Follow the tasks until they are settled");
    put(this.watch.firstChild, watch.on ? "Watching" : "Watch");
  }

  paintOthers(counts, state) {
    const options = [...this.others.options].slice(1);
    TOOLBAR_OTHERS.forEach(([name, word], place) => put(options[place], `${word} (${thousands(counts[name] ?? 0)})`));
    const isOne = TOOLBAR_OTHERS.some(([name]) => name === state);
    this.others.value = isOne ? state : "";
    attribute(this.others, "data-on", isOne);
    shown(this.others, isOne || TOOLBAR_OTHERS.some(([name]) => counts[name] > 0));
  }

  dispose() {
    clearTimeout(this.timer);
  }
}
