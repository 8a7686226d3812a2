// The gallery: a list of any length of which only the cards in sight exist.

import { attribute, button, h, pool, put, shown } from "./dom.js";
import { Card } from "./card.js";
import { Hover } from "./hover.js";
import { Lanes } from "./lanes.js";
import { lengthWords, sourceName } from "./say.js";
import { thousands } from "./words.js";

const GALLERY_LONGEST = 12_000_000; // px; beyond about 17 million Firefox draws nothing
const GALLERY_GAP = 10;
const GALLERY_PAD = 12;
const GALLERY_TEXT = 82; // what stands under a picture: two lines of prompt, one of facts, and their space
const GALLERY_HEADING = 26;
const STRIP_CARD = { width: 168, height: 150 };
const PICTURE_REST_MS = 90;
let galleries = 0;

/** The virtualised list of cards. */
export class Gallery {
  /** @param {Object} desk what all rooms share */
  constructor(desk) {
    this.desk = desk;
    this.lanes = new Lanes();
    this.cards = new Map(); // by row number
    this.free = [];
    this.made = 0;
    this.offset = 0;
    this.box = { width: 0, height: 0 };
    this.lengths = new Map();
    this.prefix = `aleph-desk-${(galleries += 1)}`;
    this.hover = new Hover({ media: desk.media, onLength: (url, seconds) => this.learn(url, seconds) });
    this.build();
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
    return this.desk.size === "strip" || this.desk.size === "stack";
  }

  measure(rect) {
    this.box = { width: rect.width, height: rect.height };
    this.desk.ask("size");
  }

  scrolled() {
    this.desk.ask("scroll");
  }

  // ── Layout ──────────────────────────────────────────────────────────────────────────────────────

  plan() {
    const { store } = this.desk;
    const starts = store.view.group ? this.groups() : null;
    const count = store.order.length;
    if (this.strip) {
      this.across = { columns: 1, width: STRIP_CARD.width, height: STRIP_CARD.height };
      const sizes = { card: STRIP_CARD.width, heading: GALLERY_HEADING, gap: GALLERY_GAP };
      this.lanes.lay({ count, columns: 1, starts, ...sizes });
    } else {
      const inner = Math.max(this.box.width - 2 * GALLERY_PAD, 120);
      const columns = Math.max(Math.floor((inner + GALLERY_GAP) / (150 + GALLERY_GAP)), 1);
      const width = Math.floor((inner - GALLERY_GAP * (columns - 1)) / columns);
      const height = Math.round((width * 9) / 16) + GALLERY_TEXT;
      this.across = { columns, width, height };
      this.lanes.lay({ count, columns, card: height, heading: GALLERY_HEADING, gap: GALLERY_GAP, starts });
    }
    this.full = this.lanes.total + 2 * GALLERY_PAD;
    this.scale = Math.max(this.full / GALLERY_LONGEST, 1);
    this.space.style[this.strip ? "width" : "height"] = `${Math.ceil(this.full / this.scale)}px`;
    this.space.style[this.strip ? "height" : "width"] = "";
  }

  groups() {
    const { store } = this.desk;
    const starts = [];
    let before;
    store.order.forEach((number, place) => {
      const { source } = store.row(number);
      if (place === 0 || source !== before) starts.push(place);
      before = source;
    });
    return starts;
  }

  get viewport() {
    return this.strip ? this.box.width : this.box.height;
  }

  get scroll() {
    return this.strip ? this.list.scrollLeft : this.list.scrollTop;
  }

  set scroll(value) {
    if (this.strip) this.list.scrollLeft = value;
    else this.list.scrollTop = value;
  }

  /** Where the sight begins, in the list's true length; the browser's own may be a scaled one. */
  get sight() {
    const real = this.scroll;
    if (this.scale === 1) return real;
    const most = this.full / this.scale - this.viewport;
    return most <= 0 ? 0 : (real / most) * (this.full - this.viewport);
  }

  set sight(value) {
    const most = this.full - this.viewport;
    const wanted = Math.min(Math.max(value, 0), Math.max(most, 0));
    const real = this.scale === 1 ? wanted : (wanted / most) * (this.full / this.scale - this.viewport);
    this.scroll = real;
  }

  /** Bring the current card into sight, by as little as needed. */
  reveal() {
    const place = this.desk.store.place(this.desk.cursor.at);
    if (place < 0 || !this.viewport) return;
    const line = this.lanes.lineOf(place);
    const heading = line > 0 && this.lanes.cards[line - 1] === 0 ? this.lanes.heading + this.lanes.gap : 0;
    const begin = this.lanes.top[line] - heading;
    const end = this.lanes.top[line] + this.lanes.card + 2 * GALLERY_PAD;
    const now = this.sight;
    if (begin < now) this.sight = begin;
    else if (end > now + this.viewport) this.sight = end - this.viewport;
  }

  // ── Painting ────────────────────────────────────────────────────────────────────────────────────

  /** Paint what changed. */
  paint(dirty) {
    const { store, cursor } = this.desk;
    const moved = dirty.has("order") || dirty.has("rows");
    if (dirty.has("size") || moved || dirty.has("view")) {
      const before = this.standing;
      this.plan();
      if (before && moved && !dirty.has("rearranged")) this.keep(before);
    }
    if (dirty.has("cursor") || dirty.has("rearranged") || dirty.has("size")) this.reveal();
    this.paintCards(dirty);
    this.paintWords(store, cursor);
  }

  /** Hold what was in sight where it was, when rows came before it. */
  keep({ row, off }) {
    const place = this.desk.store.place(row);
    if (place >= 0) this.sight = this.lanes.top[this.lanes.lineOf(place)] - off;
  }

  paintCards(dirty) {
    const from = this.sight;
    const real = this.scroll;
    const flying = dirty.has("scroll") && Math.abs(from - this.offset) > 2 * this.viewport;
    this.offset = from;
    const wanted = this.inSight(from);
    for (const [number, card] of this.cards) {
      if (!wanted.cards.has(number)) this.put(number, card);
    }
    let standing = null;
    for (const [number, spot] of wanted.cards) {
      const card = this.cards.get(number) ?? this.take(number);
      const along = spot.along - from + real;
      const [x, y] = this.strip ? [along, GALLERY_PAD] : [spot.side, along];
      card.stand({ x, y, width: this.across.width, height: this.across.height });
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

  inSight(from) {
    const { lanes, across } = this;
    const { order } = this.desk.store;
    const cards = new Map();
    const headings = [];
    if (!order.length || !this.viewport) return { cards, headings };
    const spare = across.height;
    const end = from + this.viewport + spare;
    for (let line = lanes.lineAt(Math.max(from - spare - GALLERY_PAD, 0)); line < lanes.lines; line += 1) {
      const along = lanes.top[line] + GALLERY_PAD;
      if (along > end) break;
      if (!lanes.cards[line]) headings.push({ along, place: lanes.first[line] });
      for (let column = 0; column < lanes.cards[line]; column += 1) {
        const place = lanes.first[line] + column;
        const side = GALLERY_PAD + column * (across.width + GALLERY_GAP);
        cards.set(order[place], { along, side, place });
      }
    }
    return { cards, headings };
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
    shown(this.chosen, cursor.chosen.size > 1);
    put(this.many, `${thousands(cursor.chosen.size)} selected: a verdict or tag goes to all of them`);
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

  /** How many places an arrow goes. */
  arrow(key, place) {
    if (this.strip) return { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[key];
    if (key === "ArrowLeft" || key === "ArrowRight") return key === "ArrowLeft" ? -1 : 1;
    return this.lanes.across(place, key === "ArrowUp" ? -1 : 1) - place;
  }

  /** How many places a page goes. */
  page(place, direction) {
    const lines = Math.max(Math.floor(this.viewport / (this.lanes.card + this.lanes.gap)), 1);
    return this.lanes.across(place, direction * lines) - place;
  }

  /** Take everything away. */
  dispose() {
    clearTimeout(this.resting);
    this.watch.disconnect();
    this.hover.dispose();
    for (const [number, card] of [...this.cards]) this.put(number, card);
  }
}
