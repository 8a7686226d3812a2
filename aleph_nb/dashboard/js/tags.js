// The tags of a task: each taken away by its button, new ones typed, with those in use on offer.

import { attribute, h, hint, icon, pool, put, shown } from "./dom.js";

const TAGS_OFFERED = 6;
const TAG_LONGEST = 60;
let tagBoxes = 0;

/** The tags and the box in which one is typed. */
export class Tags {
  /** @param {Object} desk what all rooms share */
  constructor(desk) {
    this.desk = desk;
    this.offers = [];
    this.marked = -1;
    const id = `aleph-desk-tags-${(tagBoxes += 1)}`;
    this.list = h("span", { class: "ad-tag-list" });
    this.items = pool(this.list, () => this.makeTag());
    this.menu = h("div", { class: "ad-menu", role: "listbox", id, "aria-label": "Tags in use", hidden: true });
    this.options = pool(this.menu, (place) => this.makeOption(`${id}-${place}`));
    this.input = h("input", {
      type: "text", class: "ad-tag-input", placeholder: "+ tag", "aria-label": "Add a tag", role: "combobox",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, maxlength: TAG_LONGEST,
      autocomplete: "off", spellcheck: "false",
      on: { input: () => this.offer(), focus: () => this.begin(), blur: () => this.close() },
    });
    desk.keys.claim(this.input, (event) => this.key(event));
    const box = h("span", { class: "ad-tag-box" }, this.input, hint("G"), this.menu);
    this.el = h("div", { class: "ad-tags", role: "group", "aria-label": "Tags" }, this.list, box);
  }

  makeTag() {
    const name = h("span", { dir: "auto" });
    const el = h("span", { class: "ad-tag" }, name);
    const item = { el, name, tag: "" };
    item.button = h("button", { type: "button", on: { click: () => this.desk.act.untag(item.tag) } }, icon("cross"));
    el.append(item.button);
    return item;
  }

  makeOption(id) {
    const name = h("span", { dir: "auto" });
    const used = h("span", { class: "ad-quiet" });
    const el = h("div", { class: "ad-option", role: "option", id, "aria-selected": "false" }, name, used);
    const item = { el, name, used, tag: "" };
    el.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the box keeps the focus, and with it the menu
      this.take(item.tag);
    });
    return item;
  }

  paint(row, verdict) {
    const tags = row ? verdict.tags : [];
    const items = this.items(tags.length);
    tags.forEach((tag, place) => {
      const item = items[place];
      item.tag = tag;
      put(item.name, tag);
      attribute(item.button, "aria-label", `Take away the tag ${tag}`);
    });
    this.input.disabled = !row;
  }

  /** Where a tag is typed, the tasks are those that were there when it was begun. */
  begin() {
    this.target = this.desk.target();
    this.offer();
  }

  offer() {
    const typed = this.input.value.trim().toLowerCase();
    const has = new Set(this.desk.verdictNow()?.tags ?? []);
    const all = this.desk.store.tags().filter(([tag]) => !has.has(tag) && tag.toLowerCase().includes(typed));
    const starts = ([tag]) => (tag.toLowerCase().startsWith(typed) ? 0 : 1);
    this.offers = all.sort((a, b) => starts(a) - starts(b)).slice(0, TAGS_OFFERED);
    this.marked = -1;
    this.paintOffers();
  }

  paintOffers() {
    const open = this.offers.length > 0 && this.focused();
    const options = this.options(this.offers.length);
    this.offers.forEach(([tag, count], place) => {
      options[place].tag = tag;
      put(options[place].name, tag);
      put(options[place].used, String(count));
      attribute(options[place].el, "aria-selected", place === this.marked ? "true" : "false");
    });
    shown(this.menu, open);
    attribute(this.input, "aria-expanded", open ? "true" : "false");
    attribute(this.input, "aria-activedescendant", open && this.marked >= 0 ? options[this.marked].el.id : null);
  }

  focused() {
    return this.input.getRootNode().activeElement === this.input;
  }

  key(event) {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      const length = this.offers.length;
      if (length) this.marked = (this.marked + (key === "ArrowDown" ? 1 : -1) + length + (this.marked < 0 && key === "ArrowUp" ? 1 : 0)) % length;
      this.paintOffers();
      return true;
    }
    if (key === "Enter" || (key === "Tab" && this.marked >= 0) || key === ",") {
      this.take(this.marked >= 0 ? this.offers[this.marked][0] : this.input.value);
      if (key === "Enter") this.desk.focusList();
      return true;
    }
    return false;
  }

  /** Give the tag. After a comma the next one may follow; Enter is the end of it. */
  take(text) {
    const tag = text.replace(/\s+/g, " ").trim();
    if (tag) this.desk.act.tag(tag, this.target);
    this.input.value = "";
    this.offer();
  }

  close() {
    this.input.value = "";
    shown(this.menu, false);
    attribute(this.input, "aria-expanded", "false");
    attribute(this.input, "aria-activedescendant", null);
  }
}
