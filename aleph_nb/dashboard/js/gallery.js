// The gallery: a list of any length of which only the cards in sight exist.

import { attribute, button, h, pool, put, shown } from "./dom.js";
import { Card } from "./card.js";
import { Hover } from "./hover.js";
import { lengthWords, sourceName } from "./say.js";
import { GALLERY_PAD, Sight } from "./sight.js";
import { thousands } from "./words.js";

const PICTURE_REST_MS = 90;
let galleries = 0;

/** The virtualised list of cards. */
export class Gallery {
  /** @param {Object} desk what all rooms share */
  constructor(desk) {
    this.desk = desk;
    this.cards = new Map(); // by row number
    this.free = [];
    this.made = 0;
    this.offset = 0;
    this.lengths = new Map();
    this.prefix = `aleph-desk-${(galleries += 1)}`;
    this.hover = new Hover({ media: desk.media, videos: desk.videos, onLength: (url, seconds) => this.learn(url, seconds) });
    this.build();
    this.sight = new Sight({ store: desk.store, list: this.list, space: this.space });
    this.watch = new ResizeObserver((entries) => this.measure(entries[0].contentRect));
    this.watch.observe(this.list);
  }

  build() {
    const { desk } = this;
    this.space = h("div", { class: "ad-space", role: "none" });
    this.heads = pool(this.space, () => ({ el: h("div", { class: "ad-heading", "aria-hidden": "true" }) }));
    this.list = h("div", {
      class: "ad-list", role: "listbox", tabindex: "0", "aria-multiselectable": "true", "aria-label": "Tasks",
      on: {
        scroll: () => this.scrolled(),
        pointerover: (event) => this.pointed(event),
        pointerleave: () => this.hover.over(null),
        click: (event) => this.clicked(event),
        dblclick: () => desk.act.toggleDetails(),
      },
    }, this.space);
    this.told = h("p", { text: "" });
    this.clear = button("Clear the filter", () => desk.act.clearFilter(), { class: "ad-button" });
    this.nothing = h("div", { class: "ad-nothing", hidden: true }, this.told, this.clear);
    this.many = h("span", null);
    this.chosen = h("div", { class: "ad-chosen", hidden: true }, this.many,
      button("Clear", () => desk.cursor.clear(), { class: "ad-link", key: "Esc" }));
    this.el = h("div", { class: "ad-gallery" }, this.list, this.nothing, this.chosen);
  }

  /** Along which axis the list scrolls. */
  get strip() {
    const { size } = this.desk.root.dataset;
    return size === "strip" || size === "stack";
  }

  measure(rect) {
    this.sight.box = { width: rect.width, height: rect.height };
    this.desk.ask("size");
  }

  scrolled() {
    this.desk.ask("scroll");
  }

  // ── Painting ────────────────────────────────────────────────────────────────────────────────────

  /** Paint what changed. */
  paint(dirty) {
    const { store, cursor } = this.desk;
    const moved = dirty.has("order") || dirty.has("rows");
    if (dirty.has("size") || moved || dirty.has("view")) {
      const before = this.standing;
      this.sight.plan(this.strip);
      if (before && moved && !dirty.has("rearranged")) this.sight.keep(before);
    }
    if (dirty.has("cursor") || dirty.has("rearranged") || dirty.has("size")) this.sight.reveal(store.place(cursor.at));
    this.paintCards(dirty);
    this.paintWords(store, cursor);
  }

  paintCards(dirty) {
    const { sight } = this;
    const { from, scroll: real, across } = sight;
    const flying = dirty.has("scroll") && Math.abs(from - this.offset) > 2 * sight.viewport;
    this.offset = from;
    const wanted = sight.spots(from);
    for (const [number, card] of this.cards) {
      if (!wanted.cards.has(number)) this.put(number, card);
    }
    let standing = null;
    for (const [number, spot] of wanted.cards) {
      const card = this.cards.get(number) ?? this.take(number);
      const along = spot.along - from + real;
      const [x, y] = this.strip ? [along, GALLERY_PAD] : [spot.side, along];
      card.stand({ x, y, width: across.width, height: across.height });
      this.fill(card, number, spot.place, flying);
      if (!standing || number === this.desk.cursor.at) standing = { row: number, off: spot.along - GALLERY_PAD - from };
    }
    this.standing = standing;
    this.paintHeadings(wanted.headings, from, real);
    if (flying) this.rest();
    const active = this.cards.get(this.desk.cursor.at);
    attribute(this.list, "aria-activedescendant", active ? active.el.id : null);
    attribute(this.desk.root, "aria-activedescendant", active ? active.el.id : null);
  }

  take(number) {
    const card = this.free.pop() ?? this.make();
    card.row = number;
    shown(card.el, true);
    this.cards.set(number, card);
    return card;
  }

  make() {
    const card = new Card(`${this.prefix}-${(this.made += 1)}`, () => this.desk.ask("picture"));
    this.space.append(card.el);
    return card;
  }

  put(number, card) {
    if (this.hover.card === card) this.hover.leave();
    this.cards.delete(number);
    card.paintPicture(null, null);
    shown(card.el, false);
    this.free.push(card);
  }

  fill(card, number, place, flying) {
    const { store, cursor } = this.desk;
    const row = store.row(number);
    if (!flying) card.paintPicture(row.thumbnail, this.desk.media);
    card.show({
      number, row, place,
      verdict: store.verdict(row.task_id),
      count: store.order.length,
      now: this.desk.now(),
      current: number === cursor.at,
      chosen: cursor.chosen.has(number),
      length: this.lengths.get(row.result) ?? "",
    });
  }

  paintHeadings(headings, from, real) {
    const made = this.heads(headings.length);
    headings.forEach(({ along, place }, index) => {
      const { el } = made[index];
      const at = along - from + real;
      el.style.transform = this.strip ? `translate(${at}px, ${GALLERY_PAD}px)` : `translate(${GALLERY_PAD}px, ${at}px)`;
      put(el, sourceName(this.desk.store.row(this.desk.store.order[place]).source));
    });
  }

  paintWords(store, cursor) {
    const empty = store.order.length === 0 && store.size > 0;
    shown(this.nothing, empty);
    attribute(this.list, "data-empty", store.order.length === 0);
    put(this.told, empty ? "No task matches." : "");
    attribute(this.list, "data-several", cursor.chosen.size > 1);
    shown(this.chosen, cursor.chosen.size > 1);
    put(this.many, `${thousands(cursor.chosen.size)} selected: verdicts and tags go to all`);
  }

  /** Pictures that flew by are not asked for; those on which the list comes to rest are. */
  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.desk.ask("pictures"), PICTURE_REST_MS);
  }

  // ── The pointer ─────────────────────────────────────────────────────────────────────────────────

  cardOf(target) {
    const el = target.closest?.(".ad-card");
    for (const card of this.cards.values()) if (card.el === el) return card;
    return null;
  }

  pointed(event) {
    if (event.pointerType === "touch") return;
    const card = this.cardOf(event.target);
    this.hover.over(card, card ? this.desk.store.row(card.row) : null);
  }

  clicked(event) {
    const card = this.cardOf(event.target);
    if (!card) return;
    if (event.shiftKey) this.desk.cursor.extend(card.row);
    else if (event.ctrlKey || event.metaKey) this.desk.cursor.toggle(card.row);
    else this.desk.cursor.go(card.row);
  }

  /** Learn how long a clip is, to say it on its card. */
  learn(url, seconds) {
    if (!url || !Number.isFinite(seconds) || this.lengths.has(url)) return;
    this.lengths.set(url, lengthWords(seconds));
    this.desk.ask("lengths");
  }

  /** Take everything away. */
  dispose() {
    clearTimeout(this.resting);
    this.watch.disconnect();
    this.hover.dispose();
    for (const [number, card] of [...this.cards]) this.put(number, card);
  }
}
