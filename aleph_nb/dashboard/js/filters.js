// The head of the gallery: filters by verdict, and how many tasks they leave.

import { attribute, h, icon, put } from "./dom.js";
import { thousands } from "./words.js";

const FILTER_TAGS = 200; // the most used; the search finds the rest

/** Picks, rejects, a rating of at least n, a tag. */
export class Filters {
  /** @param {Object} desk what all rooms share */
  constructor(desk) {
    this.desk = desk;
    this.picks = this.makeChip("pick", "Picks");
    this.rejects = this.makeChip("reject", "Rejects");
    this.rating = h("select", {
      class: "ad-select ad-select-small", "aria-label": "Rating of at least",
      on: { change: () => desk.arrange({ rating: Number(this.rating.value) }) },
    }, h("option", { value: "0", text: "Rating" }),
    ...[1, 2, 3, 4, 5].map((stars) => h("option", { value: String(stars) })));
    this.tag = h("select", {
      class: "ad-select ad-select-small", "aria-label": "Tag", on: { change: () => desk.arrange({ tag: this.tag.value }) },
    });
    this.left = h("span", { class: "ad-count" });
    this.el = h("div", { class: "ad-filters", role: "group", "aria-label": "Filter by verdict" },
      this.picks.el, this.rejects.el, this.rating, this.tag, this.left);
  }

  makeChip(name, word) {
    const count = h("b", { text: "0" });
    const el = h("button", {
      type: "button", class: "ad-chip ad-chip-small", "aria-pressed": "false", on: { click: () => this.desk.toggleView("verdict", name) },
    }, icon(name === "pick" ? "check" : "cross"), h("span", { text: word }), count);
    return { name, el, count };
  }

  paint() {
    const { store } = this.desk;
    const { view, order } = store;
    const { counts } = this.desk;
    for (const chip of [this.picks, this.rejects]) {
      put(chip.count, thousands(counts[chip.name] ?? 0));
      attribute(chip.el, "aria-pressed", view.verdict === chip.name ? "true" : "false");
    }
    [...this.rating.options].slice(1).forEach((option, place) => {
      put(option, `${"★".repeat(place + 1)}${place < 4 ? " or more" : ""} (${thousands(counts.rated?.[place] ?? 0)})`);
    });
    this.paintTags(store.tags().slice(0, FILTER_TAGS), view.tag);
    this.rating.value = String(view.rating);
    attribute(this.rating, "data-on", view.rating > 0);
    attribute(this.tag, "data-on", Boolean(view.tag));
    put(this.left, order.length === store.size ? "" : `${thousands(order.length)} shown`);
  }

  paintTags(tags, chosen) {
    const all = tags.some(([tag]) => tag === chosen) || !chosen ? tags : [[chosen, 0], ...tags];
    const key = JSON.stringify(all);
    if (key !== this.key) {
      this.key = key;
      this.tag.replaceChildren(h("option", { value: "", text: "Tag" }),
        ...all.map(([tag, count]) => h("option", { value: tag, text: `${tag} (${thousands(count)})` })));
    }
    this.tag.value = chosen;
  }
}
